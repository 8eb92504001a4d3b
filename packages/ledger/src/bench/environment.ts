import { execFile } from "node:child_process";
import { readFile, realpath } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { promisify } from "node:util";
import { findMount } from "./mount.ts";

const run = promisify(execFile);
const UNKNOWN = "unknown";

/** What a measurement depends on beside the code. "unknown" where the system does not tell. */
export interface BenchmarkEnvironment {
  /** Full commit hash, with "+changes" when the working tree differs from it. */
  readonly commit: string;
  readonly cpuModel: string;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly nodeVersion: string;
  /** Operating system and processor architecture, e.g. "linux x64". */
  readonly system: string;
  /** Type of the file system that holds the measured folder, e.g. "ext4". */
  readonly fileSystem: string;
  /** The device or export that it is mounted from. */
  readonly disk: string;
}

/** @param options.directory an existing folder on the disk to be measured; `sourceDirectory` lies in the repository */
export async function readEnvironment(options: {
  readonly directory: string;
  readonly sourceDirectory: string;
}): Promise<BenchmarkEnvironment> {
  const processors = cpus();
  const mount = await readMount(options.directory);
  return {
    commit: await readCommit(options.sourceDirectory),
    cpuModel: processors[0]?.model.trim() ?? UNKNOWN,
    cpuCores: processors.length,
    memoryBytes: totalmem(),
    nodeVersion: process.version,
    system: `${process.platform} ${process.arch}`,
    fileSystem: mount?.type ?? UNKNOWN,
    disk: mount?.source ?? UNKNOWN,
  };
}

async function readCommit(directory: string): Promise<string> {
  try {
    const commit = await git(directory, "rev-parse", "HEAD");
    const changes = await git(directory, "status", "--porcelain", "--untracked-files=no");
    return changes === "" ? commit : `${commit}+changes`;
  } catch {
    // No git, or no repository: an unpacked release.
    return UNKNOWN;
  }
}

async function git(directory: string, ...args: readonly string[]): Promise<string> {
  // Without optional locks, so that a measurement never disturbs somebody's work in the same tree.
  const { stdout } = await run("git", ["--no-optional-locks", ...args], { cwd: directory });
  return stdout.trim();
}

async function readMount(directory: string) {
  const path = await realpath(directory);
  try {
    return findMount(await readFile("/proc/self/mountinfo", "utf8"), path);
  } catch {
    // Only Linux has the table.
    return undefined;
  }
}
