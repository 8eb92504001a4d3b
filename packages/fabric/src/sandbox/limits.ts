import type { ProcessLimits } from "./ports.ts";

const MEBIBYTE = 1024 * 1024;

/** Of a running contract. Time of the processor is bounded by the timeout of calls. */
export const contractLimits: ProcessLimits = {
  memoryBytes: 1_024 * MEBIBYTE,
  processes: 128,
  openFiles: 1_024,
  fileBytes: 64 * MEBIBYTE,
  temporaryBytes: 64 * MEBIBYTE,
};

/** Of a build: a package manager writes more than a contract. */
export const buildLimits: ProcessLimits = {
  memoryBytes: 2_048 * MEBIBYTE,
  processes: 256,
  openFiles: 4_096,
  fileBytes: 256 * MEBIBYTE,
  temporaryBytes: 256 * MEBIBYTE,
};

/** The heap that Node gives itself, so that it ends with a message of its own before the limit. */
export function heapMebibytes(limits: ProcessLimits): number {
  return Math.floor(limits.memoryBytes / MEBIBYTE / 2);
}

/** The limits as a command that runs another one under them. */
export function limitArgs(limits: ProcessLimits): readonly string[] {
  return [
    "prlimit",
    `--data=${limits.memoryBytes}`,
    `--nproc=${limits.processes}`,
    `--nofile=${limits.openFiles}`,
    `--fsize=${limits.fileBytes}`,
    "--core=0",
    "--",
  ];
}
