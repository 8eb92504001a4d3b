import { bytesToHex, utf8ToBytes } from "@concordat/base";
import { describe, expect, it } from "vitest";
import { FaultFileSystem } from "../testing/fault-file-system.ts";
import { openAnchor, readAnchor } from "./anchor.ts";
import { ANCHOR_SLOT_BYTES, CHECKPOINT_BYTES_MAX, decodeAnchor, encodeAnchorSlot } from "./anchor-format.ts";

const OPTIONS = { directory: "/channel" };
const PATH = "/channel/anchor";

async function newDisk(): Promise<FaultFileSystem> {
  const disk = new FaultFileSystem();
  await disk.makeDirectory(OPTIONS.directory);
  return disk;
}

async function fileBytes(disk: FaultFileSystem): Promise<Uint8Array> {
  const file = await disk.open(PATH, { readOnly: true });
  const bytes = new Uint8Array(await file.size());
  await file.read(bytes, 0);
  return bytes;
}

async function change(disk: FaultFileSystem, position: number, byte: number): Promise<void> {
  const file = await disk.open(PATH);
  await file.write(new Uint8Array([byte]), position);
}

describe("the anchor's bytes", () => {
  it("are those of the format page", () => {
    const slot = encodeAnchorSlot({ sequence: 3, height: 258, checkpoint: "é" });
    // The CRC-32 at the end was computed with Python's zlib.
    expect(bytesToHex(slot)).toBe(
      `${bytesToHex(utf8ToBytes("CONCANC1"))}0000000000000003000000000000010200000002c3a93d399ebc`,
    );
  });

  it("lie in two slots of 16,384 bytes, the rest zeros, also behind a shorter checkpoint", async () => {
    const disk = await newDisk();
    const anchor = await openAnchor(OPTIONS, { fileSystem: disk });
    await anchor.write(1, "a".repeat(5000));
    await anchor.write(2, "second");
    await anchor.write(3, "third");
    const expected = new Uint8Array(2 * ANCHOR_SLOT_BYTES);
    expected.set(encodeAnchorSlot({ sequence: 2, height: 3, checkpoint: "third" }));
    expected.set(encodeAnchorSlot({ sequence: 1, height: 2, checkpoint: "second" }), ANCHOR_SLOT_BYTES);
    expect(await fileBytes(disk)).toEqual(expected);
  });

  it("do not hold a sequence in the slot of another", () => {
    const file = new Uint8Array(2 * ANCHOR_SLOT_BYTES);
    file.set(encodeAnchorSlot({ sequence: 1, height: 1, checkpoint: "x" }));
    expect(decodeAnchor(file)).toBeUndefined();
  });
});

describe("an anchor", () => {
  it("does not exist before its first write", async () => {
    const disk = await newDisk();
    const anchor = await openAnchor(OPTIONS, { fileSystem: disk });
    expect(anchor.current).toBeUndefined();
    expect(await disk.exists(PATH)).toBe(false);
    await anchor.write(1, "one");
    expect(anchor.current).toEqual({ height: 1, checkpoint: "one" });
  });

  it("is found again, and goes on", async () => {
    const disk = await newDisk();
    for (const height of [1, 2, 3, 4, 5]) {
      const anchor = await openAnchor(OPTIONS, { fileSystem: disk });
      expect(anchor.current?.height).toBe(height === 1 ? undefined : height - 1);
      await anchor.write(height, `checkpoint ${height}`);
      await anchor.close();
    }
    expect(await readAnchor(OPTIONS, { fileSystem: disk })).toEqual({ height: 5, checkpoint: "checkpoint 5" });
  });

  it("writes once and syncs once for each position", async () => {
    const disk = await newDisk();
    const anchor = await openAnchor(OPTIONS, { fileSystem: disk });
    await anchor.write(1, "one");
    const before = disk.operationCount;
    await anchor.write(2, "two");
    expect(disk.mutations.slice(before).map(({ kind }) => kind)).toEqual(["write", "sync"]);
  });

  it("falls back to the other slot when the newer one is damaged, and refuses when both are", async () => {
    const disk = await newDisk();
    const anchor = await openAnchor(OPTIONS, { fileSystem: disk });
    await anchor.write(1, "one");
    await anchor.write(2, "two");
    await change(disk, ANCHOR_SLOT_BYTES + 29, 0);
    expect(await readAnchor(OPTIONS, { fileSystem: disk })).toEqual({ height: 1, checkpoint: "one" });
    await change(disk, 29, 0);
    const damaged = { code: "STORE_DAMAGED", facts: { file: "anchor" } };
    await expect(readAnchor(OPTIONS, { fileSystem: disk })).rejects.toMatchObject(damaged);
    await expect(openAnchor(OPTIONS, { fileSystem: disk })).rejects.toMatchObject(damaged);
  });

  it("is damage when it must exist and does not", async () => {
    const opening = openAnchor({ ...OPTIONS, mustExist: true }, { fileSystem: await newDisk() });
    await expect(opening).rejects.toMatchObject({ code: "STORE_DAMAGED" });
  });

  it("is read without a change on disk", async () => {
    const disk = await newDisk();
    expect(await readAnchor(OPTIONS, { fileSystem: disk })).toBeUndefined();
    await (await openAnchor(OPTIONS, { fileSystem: disk })).write(1, "one");
    const before = disk.operationCount;
    await readAnchor(OPTIONS, { fileSystem: disk });
    expect(disk.operationCount).toBe(before);
  });

  it("takes the longest checkpoint that fits, and refuses a longer one without failing", async () => {
    const anchor = await openAnchor(OPTIONS, { fileSystem: await newDisk() });
    await expect(anchor.write(1, "x".repeat(CHECKPOINT_BYTES_MAX + 1))).rejects.toMatchObject({
      code: "CHECKPOINT_TOO_LARGE",
    });
    await anchor.write(1, "x".repeat(CHECKPOINT_BYTES_MAX));
    expect(anchor.current?.checkpoint.length).toBe(CHECKPOINT_BYTES_MAX);
  });

  it("never decreases", async () => {
    const anchor = await openAnchor(OPTIONS, { fileSystem: await newDisk() });
    await anchor.write(5, "five");
    await expect(anchor.write(4, "four")).rejects.toThrow("decrease");
  });

  it("takes nothing more after a failed sync, or when closed", async () => {
    const disk = await newDisk();
    const anchor = await openAnchor(OPTIONS, { fileSystem: disk });
    await anchor.write(1, "one");
    disk.failAt(disk.operationCount + 2);
    await expect(anchor.write(2, "two")).rejects.toMatchObject({ code: "CHANNEL_FAILED", cause: { code: "EIO" } });
    await expect(anchor.write(2, "two")).rejects.toMatchObject({ code: "CHANNEL_FAILED" });
    expect(anchor.current?.height).toBe(1);
    await anchor.close();
    await expect(anchor.write(2, "two")).rejects.toMatchObject({ code: "CLOSED" });
  });
});
