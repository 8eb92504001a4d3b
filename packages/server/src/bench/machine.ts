import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";

/** What a number means nothing without; it goes into each line. */
export interface Machine {
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** File system type and device under the measured folder, where the system tells. */
  readonly disk: string;
  readonly node: string;
}

export function describeMachine(directory: string): Machine {
  return {
    commit: commit(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    disk: diskUnder(directory),
    node: process.version,
  };
}

function commit(): string {
  const git = (...words: string[]) =>
    execFileSync("git", words, { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  try {
    return git("rev-parse", "--short=12", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+changes");
  } catch {
    return "unknown";
  }
}

/** The longest mount point that the folder lies under. */
function diskUnder(directory: string): string {
  try {
    const mounts = readFileSync("/proc/self/mounts", "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
    const under = mounts.filter(([, point = "?"]) => `${directory}/`.startsWith(join(point, "/")));
    const [device, , type] = under.sort((a, b) => (a[1]?.length ?? 0) - (b[1]?.length ?? 0)).at(-1) ?? [];
    return device === undefined ? "unknown" : `${type} on ${device}`;
  } catch {
    return "unknown";
  }
}
