import { InvariantError } from "@concordat/base";
import type { BenchResult } from "./bench.ts";
import { BenchConnection } from "./http-client.ts";
import { measureCalls, round } from "./measure.ts";
import { cpuMicrosOf } from "./process-figures.ts";

export interface Load {
  readonly address: URL;
  readonly processId: number;
  readonly concurrency: number;
  readonly durationMs: number;
}

/** Posts forms over kept-alive connections, one request at a time on each; `serverCpuMicros` is the server's CPU time for each call. */
export async function measurePosts(load: Load, form: (index: number) => string): Promise<BenchResult> {
  const idle: BenchConnection[] = [];
  for (let i = 0; i < load.concurrency; i++) {
    idle.push(await BenchConnection.open(load.address.hostname, Number(load.address.port)));
  }
  const all = [...idle];
  const cpuBefore = cpuMicrosOf(load.processId) ?? Number.NaN;
  try {
    const measured = await measureCalls(load, async (index) => {
      const connection = idle.pop();
      if (connection === undefined) throw new InvariantError("More calls in flight than connections.");
      const answer = await connection.post(form(index));
      idle.push(connection);
      if (!answer.includes('"Code":200')) throw new InvariantError(`A call of the benchmark was refused: ${answer}`);
    });
    const cpu = (cpuMicrosOf(load.processId) ?? Number.NaN) - cpuBefore;
    return { ...measured, serverCpuMicros: round(cpu / measured.count) };
  } finally {
    for (const connection of all) connection.close();
  }
}
