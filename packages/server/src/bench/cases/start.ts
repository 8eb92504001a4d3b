import { join } from "node:path";
import { systemClock } from "@concordat/base";
import type { BenchCase } from "../bench.ts";
import { benchCatalog } from "../catalog.ts";
import { round, stopwatch } from "../measure.ts";
import { residentMiBOf } from "../process-figures.ts";
import { startServerProcess } from "../server-process.ts";

const ROUNDS = 3;
/** Until memory is looked at. */
const IDLE_MS = 1_000;

/** From starting the process to "ready": the first start on an empty folder, and a later one. */
export const startCase: BenchCase = {
  name: "start",
  what: benchCatalog.start,
  async run({ directory }, report) {
    for (let turn = 1; turn <= ROUNDS; turn++) {
      for (const variant of ["first", "later"]) {
        const elapsed = stopwatch();
        const server = await startServerProcess(join(directory, String(turn)));
        const readyMs = round(elapsed());
        await new Promise<void>((resolve) => systemClock.after(IDLE_MS, resolve));
        report({ variant, turn, readyMs, idleMiB: residentMiBOf(server.processId) ?? Number.NaN });
        await server.stop();
      }
    }
  },
};
