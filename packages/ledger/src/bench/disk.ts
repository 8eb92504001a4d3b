import { join } from "node:path";
import type { FileHandle, FileSystem } from "@concordat/base";
import { type BenchmarkResult, benchmarkResult } from "./report.ts";

const OVERWRITE_BYTES = 4096;
/** About a block of 125 small transactions. */
const APPEND_BYTES = 300_000;
/** Overwrites go round in a file of this many pages, so that no two in a row meet the same one. */
const OVERWRITE_PAGES = 256;

export interface DiskBenchmarkOptions {
  /** An existing folder on the disk in question; the files made in it are removed again. */
  readonly directory: string;
  readonly overwrites?: number;
  readonly appends?: number;
}

export interface DiskBenchmarkDependencies {
  readonly fileSystem: FileSystem;
  /** Milliseconds from any fixed point, with fractions. */
  readonly nowMs: () => number;
}

/**
 * What the disk gives without any engine, as the reference for the engine's cases in the same run: an acknowledged write cannot be
 * faster than the overwrite, and blocks cannot flow faster than the appends.
 */
export async function measureDisk(
  options: DiskBenchmarkOptions,
  dependencies: DiskBenchmarkDependencies,
): Promise<readonly BenchmarkResult[]> {
  const { overwrites = 500, appends = 100 } = options;
  const { fileSystem, nowMs } = dependencies;
  const path = join(options.directory, "disk-benchmark");
  const inFreshFile = async (measure: (file: FileHandle) => Promise<BenchmarkResult>) => {
    const file = await fileSystem.open(path, { create: true });
    try {
      return await measure(file);
    } finally {
      await file.close();
      await fileSystem.remove(path);
    }
  };
  return [
    await inFreshFile((file) => measureOverwrites(file, overwrites, nowMs)),
    await inFreshFile((file) => measureAppends(file, appends, nowMs)),
  ];
}

async function measureOverwrites(file: FileHandle, count: number, nowMs: () => number): Promise<BenchmarkResult> {
  await file.write(incompressible(OVERWRITE_BYTES * OVERWRITE_PAGES), 0);
  await file.sync("disk-benchmark-fill");
  const page = incompressible(OVERWRITE_BYTES);
  const { latenciesMs, elapsedMs } = await timeEach(count, nowMs, async (index) => {
    await file.write(page, (index % OVERWRITE_PAGES) * OVERWRITE_BYTES);
    await file.sync("disk-benchmark-overwrite");
  });
  return benchmarkResult("disk/overwrite-4kb-fdatasync", latenciesMs, elapsedMs, { operationBytes: OVERWRITE_BYTES });
}

async function measureAppends(file: FileHandle, count: number, nowMs: () => number): Promise<BenchmarkResult> {
  const piece = incompressible(APPEND_BYTES);
  const { latenciesMs, elapsedMs } = await timeEach(count, nowMs, async (index) => {
    await file.write(piece, index * APPEND_BYTES);
    await file.sync("disk-benchmark-append");
  });
  return benchmarkResult("disk/append-300kb-fdatasync", latenciesMs, elapsedMs, {
    operationBytes: APPEND_BYTES,
    bytesPerSecond: elapsedMs > 0 ? Math.round((count * APPEND_BYTES * 1000) / elapsedMs) : 0,
  });
}

async function timeEach(
  count: number,
  nowMs: () => number,
  operation: (index: number) => Promise<void>,
): Promise<{ readonly latenciesMs: readonly number[]; readonly elapsedMs: number }> {
  const latenciesMs: number[] = [];
  const startMs = nowMs();
  let beforeMs = startMs;
  for (let index = 0; index < count; index++) {
    await operation(index);
    const afterMs = nowMs();
    latenciesMs.push(afterMs - beforeMs);
    beforeMs = afterMs;
  }
  return { latenciesMs, elapsedMs: beforeMs - startMs };
}

/** Bytes that a compressing disk or file system cannot shrink, the same in every run (xorshift). */
function incompressible(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 0x9e3779b9;
  for (let index = 0; index < length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state;
  }
  return bytes;
}
