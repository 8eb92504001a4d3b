import { join } from "node:path";
import { nodeFileSystem } from "@concordat/base";
import type { BenchCase } from "../bench.ts";
import { benchCatalog } from "../catalog.ts";
import { measureCalls, round, stopwatch } from "../measure.ts";

const PAGE_BYTES = 4_096;
const APPEND_BYTES = 2 ** 20;

/** What the disk itself can do: the bounds that everything durable is to be compared with. */
export const diskCase: BenchCase = {
  name: "disk",
  what: benchCatalog.disk,
  async run({ directory, durationMs }, report) {
    const file = await nodeFileSystem.open(join(directory, "disk"), { create: true });
    try {
      const page = new Uint8Array(PAGE_BYTES).fill(1);
      let position = 0;
      const synced = await measureCalls({ concurrency: 1, durationMs }, async () => {
        await file.write(page, position);
        await file.sync("bench");
        position += page.length;
      });
      report({ variant: "fdatasync", bytes: PAGE_BYTES, ...synced });
      const chunk = new Uint8Array(APPEND_BYTES).fill(2);
      const elapsed = stopwatch();
      const start = position;
      while (elapsed() < durationMs && position - start < 2 ** 30) {
        await file.write(chunk, position);
        position += chunk.length;
      }
      await file.sync("bench");
      report({
        variant: "append",
        bytes: APPEND_BYTES,
        mibPerSecond: round((position - start) / 2 ** 20 / (elapsed() / 1000)),
      });
    } finally {
      await file.close();
    }
  },
};
