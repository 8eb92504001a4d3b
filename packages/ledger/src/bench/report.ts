import type { BenchmarkEnvironment } from "./environment.ts";

/** How long single operations took, in milliseconds. */
export interface LatencySummary {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** One measurement. `case` names it for good: results of different commits are compared by it. */
export interface BenchmarkResult extends LatencySummary {
  readonly case: string;
  /** What was done how often, e.g. transactions or appends. */
  readonly operations: number;
  readonly elapsedMs: number;
  readonly operationsPerSecond: number;
  /** Whatever else the case measured or was set to; units stand last in the names. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** Writes results as JSON lines, each with where and on what it was measured, so that a line can be read alone. */
export function createBenchmarkReporter(
  options: { readonly environment: BenchmarkEnvironment },
  dependencies: { readonly write: (line: string) => void },
): (result: BenchmarkResult) => void {
  return (result) => dependencies.write(`${JSON.stringify({ ...result, environment: options.environment })}\n`);
}

/** Percentiles by the nearest rank: p99 of 100 values is the 99th. Zeros when there are none. */
export function summarizeLatencies(latenciesMs: readonly number[]): LatencySummary {
  const sorted = Float64Array.from(latenciesMs).sort();
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50Ms: rounded(rank(0.5)), p99Ms: rounded(rank(0.99)), maxMs: rounded(rank(1)) };
}

/** The result of operations that ran one after the other, or of several at a time when `elapsedMs` says how long all took. */
export function benchmarkResult(
  name: string,
  latenciesMs: readonly number[],
  elapsedMs: number,
  details: Readonly<Record<string, string | number | boolean>> = {},
): BenchmarkResult {
  return {
    case: name,
    operations: latenciesMs.length,
    elapsedMs: rounded(elapsedMs),
    operationsPerSecond: elapsedMs > 0 ? rounded((latenciesMs.length * 1000) / elapsedMs) : 0,
    ...summarizeLatencies(latenciesMs),
    details,
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
