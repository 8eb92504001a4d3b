import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileSystem, nodeFileSystem } from "@concordat/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { measureDisk } from "./disk.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "disk-benchmark-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** The real files, with a clock that moves by a fixed time at each sync and by nothing else. */
function meteredFileSystem() {
  let nowMs = 1000;
  const calls: string[] = [];
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    async open(path, options) {
      const file = await nodeFileSystem.open(path, options);
      return {
        size: () => file.size(),
        read: (target, position) => file.read(target, position),
        readSync: (target, position) => file.readSync(target, position),
        async write(bytes, position) {
          calls.push(`write ${bytes.length} at ${position}`);
          await file.write(bytes, position);
        },
        truncate: (size) => file.truncate(size),
        async sync(site) {
          nowMs += site === "disk-benchmark-append" ? 4 : 0.5;
          calls.push(site);
          await file.sync(site);
        },
        close: () => file.close(),
      };
    },
  };
  return { fileSystem, nowMs: () => nowMs, calls };
}

describe("measureDisk", () => {
  it("times each overwrite and append with its sync, and computes the rates", async () => {
    const { fileSystem, nowMs } = meteredFileSystem();
    const results = await measureDisk({ directory, overwrites: 10, appends: 5 }, { fileSystem, nowMs });
    expect(results).toEqual([
      {
        case: "disk/overwrite-4kb-fdatasync",
        operations: 10,
        elapsedMs: 5,
        operationsPerSecond: 2000,
        p50Ms: 0.5,
        p99Ms: 0.5,
        maxMs: 0.5,
        details: { operationBytes: 4096 },
      },
      {
        case: "disk/append-300kb-fdatasync",
        operations: 5,
        elapsedMs: 20,
        operationsPerSecond: 250,
        p50Ms: 4,
        p99Ms: 4,
        maxMs: 4,
        details: { operationBytes: 300_000, bytesPerSecond: 75_000_000 },
      },
    ]);
  });

  it("syncs after every write, overwrites in place and appends at the end", async () => {
    const { fileSystem, nowMs, calls } = meteredFileSystem();
    await measureDisk({ directory, overwrites: 2, appends: 2 }, { fileSystem, nowMs });
    expect(calls).toEqual([
      "write 1048576 at 0",
      "disk-benchmark-fill",
      "write 4096 at 0",
      "disk-benchmark-overwrite",
      "write 4096 at 4096",
      "disk-benchmark-overwrite",
      "write 300000 at 0",
      "disk-benchmark-append",
      "write 300000 at 300000",
      "disk-benchmark-append",
    ]);
  });

  it("leaves nothing behind, also when the disk fails", async () => {
    const { fileSystem, nowMs } = meteredFileSystem();
    await measureDisk({ directory, overwrites: 1, appends: 1 }, { fileSystem, nowMs });
    expect(await readdir(directory)).toEqual([]);
    const failing: FileSystem = {
      ...fileSystem,
      async open(path, options) {
        const file = await fileSystem.open(path, options);
        file.sync = () => Promise.reject(new TypeError("no space"));
        return file;
      },
    };
    await expect(measureDisk({ directory }, { fileSystem: failing, nowMs })).rejects.toThrow("no space");
    expect(await readdir(directory)).toEqual([]);
  });
});
