import type { CrashRunOptions } from "./crash-run.ts";
import type { Mutation } from "./fault-file-system.ts";

/** Two starts; groups of 1 to 5 blocks, several segments. */
export const LONG_RUN: CrashRunOptions = {
  firstBlock: 0,
  segmentBytesMax: 2600,
  script: [
    [[100], [504, 504], [40, 700, 504]],
    [[300, 200, 504, 504], [504, 60, 1016, 90, 20], [250]],
  ],
  secondScript: [[], [[504, 100], [1800]]],
  crashTwice: false,
  seeds: [1, 2, 3, 4, 5, 6],
  secondSeedCount: 2,
  tears: sectorTears,
};

export const LONG_IMPORTED_RUN: CrashRunOptions = {
  ...LONG_RUN,
  firstBlock: 41,
  script: [[[504, 504], [100]], [[200]]],
  crashTwice: true,
};

/** Few operations, and only those after the channel's creation, so that a second crash can follow at each of them. */
export const SHORT_RUN: CrashRunOptions = {
  ...LONG_RUN,
  segmentBytesMax: 1200,
  script: [[[504, 504, 504]]],
  secondScript: [[[504], [700]]],
  crashTwice: true,
  seeds: [1],
  secondSeedCount: 1,
  tears: () => [],
  chooses: ({ path }) => path.includes("/evidence/"),
};

export const SHORT_IMPORTED_RUN: CrashRunOptions = {
  ...SHORT_RUN,
  firstBlock: 41,
  script: [[[504, 504]]],
  chooses: () => true,
};

/**
 * A group whose first record can lose a sector of its own, so that the second one stays readable behind it; then a block of the
 * same length in its place: if the cut were not on disk by then, the old second record would follow it.
 */
export const HOLE_RUN: CrashRunOptions = {
  ...SHORT_IMPORTED_RUN,
  segmentBytesMax: 100_000,
  script: [[[1500, 100]]],
  secondScript: [[[1500]]],
  seeds: [],
  secondSeedCount: 10,
  chooses: ({ kind, path }) => kind === "write" && path.endsWith(".segment"),
};

/** Around each sector border, and in the first bytes. */
export function sectorTears(mutation: Mutation): number[] {
  const length = mutation.bytes ?? 0;
  const tears = [1, 7, 8, 9];
  for (let at = 512; at < Math.min(length, 4096); at += 512) tears.push(at - 1, at, at + 1);
  return [...tears.filter((bytes) => bytes < length), length - 1];
}

/** Every length of short writes. */
export function allTears(mutation: Mutation): number[] {
  const length = mutation.bytes ?? 0;
  return length > 600 ? [] : Array.from({ length }, (_, bytes) => bytes);
}
