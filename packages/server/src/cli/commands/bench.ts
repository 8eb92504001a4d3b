import { type Command, InvalidArgumentError } from "commander";
import { benchCatalog } from "../../bench/catalog.ts";
import type { CommandContext } from "../context.ts";

interface BenchFlags {
  readonly seconds: number;
  readonly keysMax: number;
  readonly root?: string;
}

export function addBenchCommand(program: Command, context: CommandContext): void {
  program
    .command("bench")
    .description("measure disk, engine and HTTP on this machine; prints JSON lines")
    .argument("[names...]", "cases, or beginnings of their names; all by default")
    .option("--seconds <number>", "how long each measurement runs", parseCount, 5)
    .option("--keys-max <number>", "largest size of proofs and scale; 1000000 takes minutes", parseCount, 100_000)
    .option("--root <folder>", "folder on the disk to measure; by default the system's temporary folder")
    .addHelpText("after", () => `\nCases:\n${describeCases()}`)
    .action(async (names: readonly string[], flags: BenchFlags) => {
      const [{ benchCases }, { defaultBenchRoot, runBench }] = await Promise.all([
        import("../../bench/cases/all.ts"),
        import("../../bench/bench.ts"),
      ]);
      const durationMs = flags.seconds * 1000;
      const root = flags.root ?? defaultBenchRoot();
      await runBench(benchCases, { names, root, durationMs, keysMax: flags.keysMax }, (line) => context.print(line));
    });
}

function describeCases(): string {
  return Object.entries(benchCatalog)
    .map(([name, what]) => `  ${name.padEnd(8)} ${what}`)
    .join("\n");
}

function parseCount(text: string): number {
  const count = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(count)) throw new InvalidArgumentError("Give a whole number from 1 on.");
  return count;
}
