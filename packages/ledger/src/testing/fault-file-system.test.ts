import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileSystem, nodeFileSystem } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CrashMode } from "./disk-survival.ts";
import { FaultFileSystem } from "./fault-file-system.ts";

type Operation =
  | { kind: "write"; name: string; position: number; bytes: Uint8Array }
  | { kind: "truncate"; name: string; size: number }
  | { kind: "create" | "remove" | "makeDirectory" | "read"; name: string }
  | { kind: "rename"; name: string; to: string };

const file = fc.constantFrom("a", "b", "folder/c", "moved/c");
const folder = fc.constantFrom("folder", "moved");
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant("write" as const),
    name: file,
    position: fc.nat(60),
    bytes: fc.uint8Array({ maxLength: 40 }),
  }),
  fc.record({ kind: fc.constant("truncate" as const), name: file, size: fc.nat(80) }),
  fc.record({ kind: fc.constantFrom("create" as const, "read" as const), name: file }),
  fc.record({ kind: fc.constant("makeDirectory" as const), name: folder }),
  fc.record({ kind: fc.constant("remove" as const), name: fc.oneof(file, folder) }),
  // A folder onto a file, or the other way round, differs between systems and is used nowhere.
  fc.record({ kind: fc.constant("rename" as const), name: file, to: file }),
  fc.record({ kind: fc.constant("rename" as const), name: folder, to: folder }),
);

/** What a program sees: the answer, or the error's code. */
async function perform(fileSystem: FileSystem, root: string, step: Operation): Promise<unknown> {
  const path = join(root, step.name);
  try {
    if (step.kind === "remove") return await fileSystem.remove(path);
    if (step.kind === "makeDirectory") return await fileSystem.makeDirectory(path);
    if (step.kind === "rename") return await fileSystem.rename(path, join(root, step.to));
    const file = await fileSystem.open(path, { create: step.kind === "create" });
    try {
      if (step.kind === "write") await file.write(step.bytes, step.position);
      if (step.kind === "truncate") await file.truncate(step.size);
      const bytes = new Uint8Array(100);
      const sync = new Uint8Array(10);
      return [await file.size(), await file.read(bytes, 3), [...bytes], file.readSync(sync, 5), [...sync]];
    } finally {
      await file.close();
    }
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
}

async function look(fileSystem: FileSystem, root: string): Promise<unknown> {
  const inFolder = await fileSystem.list(join(root, "folder")).catch((error) => error.code);
  const exists = await Promise.all(["a", "folder/c"].map((path) => fileSystem.exists(join(root, path))));
  return [await fileSystem.list(root), inFolder, exists];
}

describe("before a crash", () => {
  it("the disk behaves as the operating system's files do", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 15 }), async (steps) => {
        const root = await mkdtemp(join(tmpdir(), "concordat-files-"));
        try {
          const disk = new FaultFileSystem();
          await disk.makeDirectory("/root");
          for (const step of steps) {
            expect(await perform(disk, "/root", step)).toEqual(await perform(nodeFileSystem, root, step));
            expect(await look(disk, "/root")).toEqual(await look(nodeFileSystem, root));
          }
        } finally {
          await rm(root, { recursive: true });
        }
      }),
      { numRuns: 80 },
    );
  });
});

async function fileOn(disk: FaultFileSystem, bytes: number): Promise<void> {
  const file = await disk.open("/file", { create: true });
  await file.write(new Uint8Array(bytes).fill(1), 0);
  await file.sync("data");
  await disk.syncDirectory("/", "directory");
  await file.write(new Uint8Array(bytes).fill(2), 0);
}

async function content(disk: FaultFileSystem): Promise<number[] | undefined> {
  if (!(await disk.exists("/file"))) return undefined;
  const file = await disk.open("/file");
  const bytes = new Uint8Array(await file.size());
  await file.read(bytes, 0);
  return [...bytes];
}

describe("after a crash", () => {
  it("everything stops, handles too", async () => {
    const disk = new FaultFileSystem();
    const file = await disk.open("/file", { create: true });
    disk.crashAt(2);
    await expect(file.write(new Uint8Array(1), 0)).rejects.toThrow("crashed");
    await expect(file.size()).rejects.toThrow("crashed");
    await expect(disk.exists("/file")).rejects.toThrow("crashed");
    expect(disk.operationCount).toBe(2);
  });

  it("a name that was not synced is gone, with synced content", async () => {
    const disk = new FaultFileSystem();
    const file = await disk.open("/file", { create: true });
    await file.sync("data");
    expect(await content(disk.reopen())).toBeUndefined();
    await disk.syncDirectory("/", "directory");
    expect(await content(disk.reopen())).toEqual([]);
  });

  it.each<[CrashMode, number[]]>([
    [{ kind: "process" }, [2, 2, 2, 2]],
    [{ kind: "lose-all" }, [1, 1, 1, 1]],
    [{ kind: "keep-all" }, [2, 2, 2, 2, 3, 3]],
    [{ kind: "torn", bytes: 1, zeroFill: false, others: "kept" }, [2, 2, 2, 2, 3]],
    [{ kind: "torn", bytes: 1, zeroFill: true, others: "lost" }, [1, 1, 1, 1, 3, 0]],
    [{ kind: "torn", bytes: 0, zeroFill: false, others: "lost" }, [1, 1, 1, 1]],
    [{ kind: "hole", sector: 0 }, [2, 2, 2, 2]],
  ])("%j leaves %j", async (mode, expected) => {
    const disk = new FaultFileSystem();
    await fileOn(disk, 4);
    const file = await disk.open("/file");
    disk.crashAt(disk.operationCount + 1);
    await expect(file.write(new Uint8Array([3, 3]), 4)).rejects.toThrow("crashed");
    expect(await content(disk.reopen(mode))).toEqual(expected);
  });

  it("a random crash leaves old or new sectors, the same ones for the same seed", async () => {
    const disk = new FaultFileSystem({ sectorBytes: 2 });
    await fileOn(disk, 8);
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const found = await content(disk.reopen({ kind: "random", seed }));
      expect(await content(disk.reopen({ kind: "random", seed }))).toEqual(found);
      for (let at = 0; at < 8; at += 2) expect(found?.[at]).toBe(found?.[at + 1]);
      outcomes.add(String(found));
    }
    expect(outcomes.size).toBe(16);
  });

  it("a killed process leaves its writes visible but not on disk", async () => {
    const disk = new FaultFileSystem();
    await fileOn(disk, 4);
    const next = disk.reopen({ kind: "process" });
    expect(await content(next)).toEqual([2, 2, 2, 2]);
    expect(await content(next.reopen())).toEqual([1, 1, 1, 1]);
    await (await next.open("/file")).sync("data");
    expect(await content(next.reopen())).toEqual([2, 2, 2, 2]);
  });

  it("a rename is there or not, never half", async () => {
    const disk = new FaultFileSystem();
    await (await disk.open("/old", { create: true })).sync("data");
    await disk.syncDirectory("/", "directory");
    await disk.rename("/old", "/new");
    for (let seed = 0; seed < 20; seed++) {
      expect((await disk.reopen({ kind: "random", seed }).list("/")).length).toBe(1);
    }
  });
});

describe("faults without a crash", () => {
  it("a failed write leaves its first half", async () => {
    const disk = new FaultFileSystem();
    const file = await disk.open("/file", { create: true });
    disk.failAt(2, "ENOSPC");
    await expect(file.write(new Uint8Array([1, 2, 3, 4]), 0)).rejects.toMatchObject({ code: "ENOSPC" });
    expect(await content(disk)).toEqual([1, 2]);
  });

  it("after a failed sync the writes are seen, and a repeated sync does not save them", async () => {
    const disk = new FaultFileSystem();
    await fileOn(disk, 2);
    const file = await disk.open("/file");
    disk.failAt(disk.operationCount + 1);
    await expect(file.sync("data")).rejects.toMatchObject({ code: "EIO" });
    await file.sync("data");
    expect(await content(disk)).toEqual([2, 2]);
    expect(await content(disk.reopen())).toEqual([1, 1]);
  });

  it("a dropped sync answers success and does nothing, later too", async () => {
    const disk = new FaultFileSystem();
    disk.dropSyncs("directory");
    await fileOn(disk, 2);
    expect(await content(disk.reopen())).toBeUndefined();
    const next = disk.reopen({ kind: "process" });
    await next.syncDirectory("/", "directory");
    expect(await content(next.reopen())).toBeUndefined();
  });
});
