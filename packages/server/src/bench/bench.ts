import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine } from "./machine.ts";

export interface BenchSettings {
  /** An empty folder of the case's own, on the measured disk. */
  readonly directory: string;
  /** How long each measurement runs. */
  readonly durationMs: number;
  /** The largest number of keys that the scale case goes to. */
  readonly keysMax: number;
}

/** One result: which variant, and its numbers. */
export type BenchResult = Readonly<Record<string, string | number>>;

export interface BenchCase {
  readonly name: string;
  readonly what: string;
  run(settings: BenchSettings, report: (result: BenchResult) => void): Promise<void>;
}

export interface BenchOptions {
  /** Names, or beginnings of names; empty: all. */
  readonly names: readonly string[];
  /** Where the folders are made; the disk that is measured. */
  readonly root: string;
  readonly durationMs: number;
  readonly keysMax: number;
}

/** Runs cases one after another; each result is one JSON line with what the machine is. */
export async function runBench(
  cases: readonly BenchCase[],
  options: BenchOptions,
  print: (line: string) => void,
): Promise<void> {
  const machine = describeMachine(options.root);
  const chosen = cases.filter(
    ({ name }) => options.names.length === 0 || options.names.some((start) => name.startsWith(start)),
  );
  for (const benchCase of chosen) {
    const directory = await mkdtemp(join(options.root, "concordat-bench-"));
    try {
      const settings = { directory, durationMs: options.durationMs, keysMax: options.keysMax };
      await benchCase.run(settings, (result) => print(JSON.stringify({ case: benchCase.name, ...result, ...machine })));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

export function defaultBenchRoot(): string {
  return tmpdir();
}
