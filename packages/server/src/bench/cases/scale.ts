import { join } from "node:path";
import type { BenchCase } from "../bench.ts";
import { type BenchIdentity, type BenchLedger, createBenchIdentity, openBenchLedger } from "../bench-ledger.ts";
import { measureCalls, round, stopwatch } from "../measure.ts";

const SIZES = [10_000, 100_000, 1_000_000];
const CONCURRENCY = 4_096;
const VALUE_BYTES = 100;

/** How rate, start-up time and memory change as the number of keys grows. */
export const scaleCase: BenchCase = {
  name: "scale",
  what: "writes, reads, reopening and memory at 10 thousand, 100 thousand and 1 million keys",
  async run({ directory, durationMs, keysMax }, report) {
    const identity = await createBenchIdentity();
    const folder = join(directory, "scale");
    let bench = await openBenchLedger(folder, "thread", identity);
    let written = 0;
    try {
      for (const keys of SIZES.filter((size) => size <= keysMax)) {
        written = await fillTo(bench, written, keys);
        await bench.ledger.close();
        const reopened = await reopen(folder, identity);
        bench = reopened.bench;
        const base = written;
        const writes = await measureCalls({ concurrency: CONCURRENCY, durationMs }, (index) =>
          bench.set(base + index, VALUE_BYTES),
        );
        written += writes.count;
        const reads = await measureCalls({ concurrency: 256, durationMs }, (index) =>
          bench.get(scattered(index, base)),
        );
        const memoryMiB = round(process.memoryUsage.rss() / 2 ** 20);
        report({ variant: "set", keys, concurrency: CONCURRENCY, valueBytes: VALUE_BYTES, ...writes });
        report({ variant: "get", keys, concurrency: 256, valueBytes: VALUE_BYTES, ...reads });
        report({ variant: "reopen", keys, openMs: reopened.openMs, memoryMiB });
      }
    } finally {
      await bench.ledger.close();
    }
  },
};

async function fillTo(bench: BenchLedger, written: number, keys: number): Promise<number> {
  let number = written;
  const lane = async () => {
    while (number < keys) {
      number += 1;
      await bench.set(number, VALUE_BYTES);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  return number;
}

async function reopen(folder: string, identity: BenchIdentity) {
  const elapsed = stopwatch();
  const bench = await openBenchLedger(folder, "thread", identity);
  return { bench, openMs: round(elapsed()) };
}

/** Visits 1 to `count` in an order that no cache likes. */
function scattered(index: number, count: number): number {
  return 1 + ((index * 7_919) % count);
}
