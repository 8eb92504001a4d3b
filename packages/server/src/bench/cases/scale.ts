import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BenchCase, BenchResult } from "../bench.ts";
import { createBenchIdentity, fillTo, openBenchLedger } from "../bench-ledger.ts";
import { benchCatalog } from "../catalog.ts";
import { measureCalls } from "../measure.ts";

const SIZES = [10_000, 100_000, 1_000_000];
const CONCURRENCY = 4_096;
const VALUE_BYTES = 100;

/** How rate, start-up time and memory change as the number of keys grows. */
export const scaleCase: BenchCase = {
  name: "scale",
  what: benchCatalog.scale,
  async run({ directory, durationMs, keysMax }, report) {
    const identity = await createBenchIdentity();
    const folder = join(directory, "scale");
    let written = 0;
    for (const keys of SIZES.filter((size) => size <= keysMax)) {
      const bench = await openBenchLedger(folder, "thread", identity);
      try {
        written = await fillTo(bench, written, keys, VALUE_BYTES);
        const base = written;
        const writes = await measureCalls({ concurrency: CONCURRENCY, durationMs }, (index) =>
          bench.set(base + index, VALUE_BYTES),
        );
        written += writes.count;
        report({ variant: "set", keys, concurrency: CONCURRENCY, valueBytes: VALUE_BYTES, ...writes });
        const reads = await measureCalls({ concurrency: 256, durationMs }, (index) =>
          bench.get(scattered(index, base)),
        );
        report({ variant: "get", keys, concurrency: 256, valueBytes: VALUE_BYTES, ...reads });
      } finally {
        await bench.ledger.close();
      }
      report({ variant: "reopen", keys, ...(await reopen(folder)) });
    }
  },
};

/** In a process of its own: this one's memory holds what the load has left behind. */
async function reopen(folder: string): Promise<BenchResult> {
  const module = fileURLToPath(new URL("../reopen-ledger.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [module, folder]);
  return JSON.parse(stdout) as BenchResult;
}

/** Visits 1 to `count` in an order that no cache likes. */
function scattered(index: number, count: number): number {
  return 1 + ((index * 7_919) % count);
}
