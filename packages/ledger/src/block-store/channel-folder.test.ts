import { describe, expect, it } from "vitest";
import { FaultFileSystem } from "../testing/fault-file-system.ts";
import { createChannelFolder, listChannelFolders } from "./channel-folder.ts";

const CHANNELS = { channelsDirectory: "/data/channels" };

async function touch(disk: FaultFileSystem, path: string): Promise<void> {
  await (await disk.open(path, { create: true })).close();
}

describe("a channel's folder", () => {
  it("appears under its name when it is filled", async () => {
    const disk = new FaultFileSystem();
    const path = await createChannelFolder({ ...CHANNELS, name: "a" }, { fileSystem: disk }, async (directory) => {
      await touch(disk, `${directory}/content`);
      expect(await disk.exists("/data/channels/a")).toBe(false);
    });
    expect(path).toBe("/data/channels/a");
    expect(await disk.exists("/data/channels/a/content")).toBe(true);
    expect(await listChannelFolders(CHANNELS, { fileSystem: disk })).toEqual(["a"]);
  });

  it("does not appear when filling it fails, and can be created later", async () => {
    const disk = new FaultFileSystem();
    const options = { ...CHANNELS, name: "a" };
    const failing = createChannelFolder(options, { fileSystem: disk }, async (directory) => {
      await touch(disk, `${directory}/half`);
      throw new Error("no space");
    });
    await expect(failing).rejects.toThrow("no space");
    await createChannelFolder(options, { fileSystem: disk }, async () => undefined);
    expect(await disk.list("/data/channels/a")).toEqual([]);
  });

  it("is created once", async () => {
    const disk = new FaultFileSystem();
    const create = () => createChannelFolder({ ...CHANNELS, name: "a" }, { fileSystem: disk }, async () => undefined);
    await create();
    await expect(create()).rejects.toMatchObject({ code: "CHANNEL_EXISTS" });
  });

  it("left under construction is removed at the start", async () => {
    const disk = new FaultFileSystem();
    const options = { ...CHANNELS, name: "a" };
    const creating = createChannelFolder(options, { fileSystem: disk }, async (directory) => {
      await disk.makeDirectory(`${directory}/segments`);
      throw new Error("stopped");
    });
    await expect(creating).rejects.toThrow("stopped");
    expect(await listChannelFolders(CHANNELS, { fileSystem: disk })).toEqual([]);
    expect(await disk.list(CHANNELS.channelsDirectory)).toEqual([]);
  });

  it("is not looked for where there is no data yet", async () => {
    const disk = new FaultFileSystem();
    expect(await listChannelFolders(CHANNELS, { fileSystem: disk })).toEqual([]);
    expect(disk.operationCount).toBe(0);
  });
});
