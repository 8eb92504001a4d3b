/** Rates and latencies of one run. Latencies are as the caller sees them. */
export interface Measured {
  readonly count: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface MeasuredHere extends Measured {
  /** CPU time of this process for each call, all threads, in microseconds: steadier than the rate where others use the machine too. */
  readonly cpuMicros: number;
}

/** Monotonic, in milliseconds: what an injected wall clock cannot measure. */
export function stopwatch(): () => number {
  const start = process.hrtime.bigint();
  return () => Number(process.hrtime.bigint() - start) / 1e6;
}

/** Keeps `concurrency` calls in flight for about `durationMs`. Calls that reject end the run. */
export async function measureCalls(
  options: { readonly concurrency: number; readonly durationMs: number },
  call: (index: number) => Promise<unknown>,
): Promise<MeasuredHere> {
  const cpuStart = process.cpuUsage();
  const elapsed = stopwatch();
  const latencies: number[] = [];
  let index = 0;
  const lane = async () => {
    while (elapsed() < options.durationMs) {
      const start = elapsed();
      index += 1;
      await call(index);
      latencies.push(elapsed() - start);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, lane));
  const { user, system } = process.cpuUsage(cpuStart);
  return { ...summary(latencies, elapsed() / 1000), cpuMicros: round((user + system) / latencies.length) };
}

export function summary(latencies: number[], seconds: number): Measured {
  latencies.sort((a, b) => a - b);
  const at = (part: number) =>
    round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? 0);
  return {
    count: latencies.length,
    seconds: round(seconds),
    perSecond: round(latencies.length / seconds),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
