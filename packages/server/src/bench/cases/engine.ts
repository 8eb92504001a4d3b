import { join } from "node:path";
import { nodeFileSystem } from "@concordat/base";
import type { BenchCase } from "../bench.ts";
import { createBenchIdentity, openBenchLedger } from "../bench-ledger.ts";
import { benchCatalog } from "../catalog.ts";
import { measureCalls } from "../measure.ts";
import { measureAppendAndSync } from "./reference.ts";

const CONCURRENCIES = [1, 64, 256, 4_096];
const VALUE_BYTES = [100, 256];

/** The engine without HTTP: durable evidence writes and reads, in one thread and behind the worker thread that the server uses. */
export const engineCase: BenchCase = {
  name: "engine",
  what: benchCatalog.engine,
  async run({ directory, durationMs }, report) {
    const identity = await createBenchIdentity();
    await nodeFileSystem.makeDirectory(directory);
    for (const valueBytes of VALUE_BYTES) {
      for (const concurrency of CONCURRENCIES) {
        const measured = await measureAppendAndSync({ directory, valueBytes }, { concurrency, durationMs });
        report({ variant: "reference: append and fdatasync", concurrency, valueBytes, ...measured });
      }
    }
    for (const place of ["thread", "worker"] as const) {
      const bench = await openBenchLedger(join(directory, place), place, identity);
      try {
        let written = 0;
        for (const valueBytes of VALUE_BYTES) {
          for (const concurrency of CONCURRENCIES) {
            const base = written;
            const measured = await measureCalls({ concurrency, durationMs }, (index) =>
              bench.set(base + index, valueBytes),
            );
            written += measured.count;
            report({ variant: `set/${place}`, concurrency, valueBytes, ...measured });
          }
        }
        const reads = { concurrency: 256, durationMs };
        const measured = await measureCalls(reads, (index) => bench.get(1 + (index % written)));
        report({ variant: `get/${place}`, concurrency: 256, valueBytes: 100, ...measured });
      } finally {
        await bench.ledger.close();
      }
    }
  },
};
