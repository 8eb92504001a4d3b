import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileSystem, ManualClock, nodeFileSystem, systemRandom } from "@concordat/base";
import { afterEach, beforeEach, expect, test } from "vitest";
import { goodCode, packageOf } from "./archives.fixture.ts";
import { PackageStore } from "./package-store.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "package-store-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function openStore(fileSystem: FileSystem = nodeFileSystem, folder = directory): PackageStore {
  return new PackageStore({ directory: folder }, { fileSystem, clock: new ManualClock(1_000), random: systemRandom });
}

const labelled = async (label: string) => packageOf(await goodCode(), { type: "node", path: "", label });

test("a package is on the nodes that installed it, and is kept once", async () => {
  const store = openStore();
  const bytes = await labelled("a");
  const first = await store.install("peer0.org1", bytes);
  expect(first).toMatchObject({ label: "a", runtime: "node", sizeBytes: bytes.length, installedMs: 1_000 });
  expect(await store.install("peer0.org1", bytes)).toEqual(first);
  await store.install("../peer", bytes);
  expect(await store.installed("peer0.org1")).toEqual([first]);
  expect(await store.installed("other")).toEqual([]);
  expect(await readdir(join(directory, "packages"))).toHaveLength(1);
  const reopened = openStore();
  expect(await reopened.runtimeOf(first.packageId)).toBe("node");
  expect(Buffer.compare(await reopened.bytesOnNode("../peer", first.packageId), bytes)).toBe(0);
  await expect(reopened.bytesOnNode("other", first.packageId)).rejects.toMatchObject({ code: "PACKAGE_UNKNOWN" });
  await expect(reopened.package(`b:${first.packageId.slice(2)}`)).rejects.toMatchObject({ code: "PACKAGE_UNKNOWN" });
});

test("a damaged file is not answered, and installing again mends it", async () => {
  const bytes = await labelled("a");
  const { packageId } = await openStore().install("n", bytes);
  const path = join(directory, "packages", packageId.split(":")[1] ?? "");
  const damaged = Buffer.from(await readFile(path));
  damaged.writeUInt8(damaged.readUInt8(40) ^ 1, 40);
  await writeFile(path, damaged);
  await expect(openStore().package(packageId)).rejects.toMatchObject({ code: "PACKAGE_INVALID" });
  await openStore().install("n", bytes);
  expect(await openStore().package(packageId)).toMatchObject({ packageId });
});

/** Stops before the n-th change (from 0); everything later fails too. Remembers what is on the way to the disk. */
function stoppingAt(limit: number): { readonly fileSystem: FileSystem; readonly changes: string[] } {
  const changes: string[] = [];
  const change = (kind: string) => {
    if (changes.length >= limit) throw new Error("crash");
    changes.push(kind);
  };
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    async open(path, options) {
      if (options?.create === true) change("create");
      const handle = await nodeFileSystem.open(path, options);
      return {
        size: () => handle.size(),
        read: (target, position) => handle.read(target, position),
        readSync: (target, position) => handle.readSync(target, position),
        close: () => handle.close(),
        async truncate(size) {
          change("truncate");
          await handle.truncate(size);
        },
        async write(bytes, position) {
          // Half of it is there when the machine stops in the middle.
          await handle.write(bytes.subarray(0, bytes.length / 2), position);
          change("write");
          await handle.write(bytes, position);
        },
        async sync(site) {
          change("sync");
          await handle.sync(site);
        },
      };
    },
    async rename(from, to) {
      change("rename");
      await nodeFileSystem.rename(from, to);
    },
    async remove(path) {
      change("remove");
      await nodeFileSystem.remove(path);
    },
    async makeDirectory(path) {
      change("makeDirectory");
      await nodeFileSystem.makeDirectory(path);
    },
    async syncDirectory(path, site) {
      change("syncDirectory");
      await nodeFileSystem.syncDirectory(path, site);
    },
  };
  return { fileSystem, changes };
}

test("a crash at any change leaves the package whole or not at all, and installing again works", async () => {
  const bytes = await labelled("a");
  const whole = stoppingAt(Number.POSITIVE_INFINITY);
  const { packageId } = await openStore(whole.fileSystem, join(directory, "whole")).install("n", bytes);
  expect(whole.changes.filter((kind) => kind === "rename")).toHaveLength(2);
  for (let limit = 0; limit < whole.changes.length; limit++) {
    const folder = join(directory, `crash-${limit}`);
    await expect(openStore(stoppingAt(limit).fileSystem, folder).install("n", bytes)).rejects.toThrow("crash");
    const after = openStore(nodeFileSystem, folder);
    const installed = await after.installed("n");
    if (installed.length > 0) expect(await after.package(packageId)).toMatchObject({ packageId });
    else expect(await readdir(join(folder, "packages"))).toEqual([]);
    await after.install("n", bytes);
    expect(await openStore(nodeFileSystem, folder).package(packageId)).toMatchObject({ packageId });
  }
});

test("each name becomes visible only after its bytes are synced, and is synced before the next thing depends on it", async () => {
  const { fileSystem, changes } = stoppingAt(Number.POSITIVE_INFINITY);
  await openStore(fileSystem).install("n", await labelled("a"));
  const written = changes.filter((kind) => kind !== "makeDirectory").slice(1);
  const file = ["create", "write", "sync", "rename", "syncDirectory"];
  // Between the two files the folder of the node is made, and its name synced.
  expect(written).toEqual([...file, "syncDirectory", ...file]);
});
