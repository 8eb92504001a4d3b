import { join } from "node:path";
import type { BenchCase } from "../bench.ts";
import { round, stopwatch } from "../measure.ts";
import { startServerProcess } from "../server-process.ts";

const ROUNDS = 3;

/** From starting the process to "ready": the first start on an empty folder, and a later one. */
export const startCase: BenchCase = {
  name: "start",
  what: "time until a server is ready: first start on an empty folder, and a later start",
  async run({ directory }, report) {
    for (let turn = 1; turn <= ROUNDS; turn++) {
      for (const variant of ["first", "later"]) {
        const elapsed = stopwatch();
        const server = await startServerProcess(join(directory, String(turn)));
        report({ variant, turn, readyMs: round(elapsed()) });
        await server.stop();
      }
    }
  },
};
