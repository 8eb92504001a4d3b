import { ChannelTrial, type TrialOptions, ViolationError } from "./channel-trial.ts";
import type { CrashMode } from "./disk-survival.ts";
import { FaultFileSystem, type Mutation } from "./fault-file-system.ts";

/** Starts of the program, each with groups of block lengths to append. */
export type Script = readonly (readonly (readonly number[])[])[];

export interface CrashRunOptions extends TrialOptions {
  readonly script: Script;
  /** What is done after each crash. */
  readonly secondScript: Script;
  /** Crash the second script at every operation too, after crashes that leave more than what was synced. */
  readonly crashTwice: boolean;
  /** Of the first crash, and number of those of the second. */
  readonly seeds: readonly number[];
  readonly secondSeedCount: number;
  /** Tears of the write under way: lengths that are kept of it. */
  readonly tears: (mutation: Mutation) => readonly number[];
  readonly droppedSite?: string;
  /** Stop the first script only at the operations that this chooses; at each one when left out. */
  readonly chooses?: (mutation: Mutation) => boolean;
}

/** Every violation says after which crashes it came, so that a run can be repeated. */
export interface CrashRunResult {
  readonly crashes: number;
  readonly violations: readonly string[];
}

/**
 * Runs the script once for each of its mutating operations, stops it there, and goes through every disk that the crash can
 * leave: start, check, append, power cut, check.
 * Ends with the first violation.
 */
export async function crashEverywhere(options: CrashRunOptions): Promise<CrashRunResult> {
  let crashes = 0;
  for (let index = 1; ; index++) {
    const trial = new ChannelTrial(options);
    const disk = newDisk(options);
    disk.crashAt(index);
    const crashed = await runUntilCrash(trial, disk, options.script);
    const last = disk.mutations.at(-1);
    const isChosen = last === undefined || options.chooses === undefined || options.chooses(last);
    for (const mode of isChosen ? crashModes(options, disk) : []) {
      crashes++;
      const violation = await explore(trial, disk, mode, options);
      if (violation !== undefined) return { crashes, violations: [`${describe(disk, mode)}: ${violation}`] };
    }
    if (!crashed) return { crashes, violations: [] };
  }
}

/**
 * Runs the script once for each of its mutating operations, lets that one fail, and starts again on the same system (which may show
 * what is not on disk) and after a power cut.
 */
export async function failEverywhere(options: CrashRunOptions, code: "EIO" | "ENOSPC"): Promise<CrashRunResult> {
  for (let index = 1; ; index++) {
    const trial = new ChannelTrial(options);
    const disk = newDisk(options);
    disk.failAt(index, code);
    const error = await runScript(trial, disk, options.script);
    if (disk.operationCount < index) return { crashes: index, violations: [] };
    if (error === undefined) return { crashes: index, violations: [`operation ${index} failed and nobody noticed`] };
    const modes: CrashMode[] = [
      { kind: "process" },
      { kind: "lose-all" },
      { kind: "keep-all" },
      { kind: "random", seed: index },
    ];
    for (const mode of modes) {
      const violation = await recover(trial.fork(), disk.reopen(mode), options.secondScript);
      if (violation !== undefined) return { crashes: index, violations: [`${describe(disk, mode)}: ${violation}`] };
    }
  }
}

/** The error that ended the script. A violation is thrown on. */
async function runScript(trial: ChannelTrial, disk: FaultFileSystem, script: Script): Promise<unknown> {
  try {
    for (const groups of script) await trial.start(disk, groups);
    return undefined;
  } catch (error) {
    if (error instanceof ViolationError) throw error;
    return error;
  }
}

/** One disk left by the first crash: recovery undisturbed, then recovery crashed at each operation. */
async function explore(
  trial: ChannelTrial,
  disk: FaultFileSystem,
  mode: CrashMode,
  options: CrashRunOptions,
): Promise<string | undefined> {
  const undisturbed = disk.reopen(mode);
  const memory = trial.fork();
  const violation = await recover(memory, undisturbed, options.secondScript);
  if (violation !== undefined) return violation;
  if (!options.crashTwice || !(["process", "random", "hole"] as CrashMode["kind"][]).includes(mode.kind))
    return undefined;
  for (let index = 1; index <= undisturbed.operationCount; index++) {
    const second = disk.reopen(mode);
    const secondMemory = trial.fork();
    second.crashAt(index);
    await runUntilCrash(secondMemory, second, options.secondScript);
    for (const secondMode of secondCrashModes(options, second, index)) {
      const found = await recover(secondMemory.fork(), second.reopen(secondMode), [[[90]]]);
      if (found !== undefined) return `${describe(second, secondMode)}: ${found}`;
    }
  }
  return undefined;
}

/** Starts, appends and checks; after each start also what a power cut then would leave. Answers the violation. */
async function recover(trial: ChannelTrial, disk: FaultFileSystem, script: Script): Promise<string | undefined> {
  try {
    for (const groups of script) {
      await trial.start(disk, groups);
      await trial.fork().start(disk.reopen({ kind: "lose-all" }), []);
    }
    return undefined;
  } catch (error) {
    if (error instanceof ViolationError) return error.message;
    throw error;
  }
}

/** Whether the crash came before the end of the script. */
async function runUntilCrash(trial: ChannelTrial, disk: FaultFileSystem, script: Script): Promise<boolean> {
  const error = await runScript(trial, disk, script);
  if (error !== undefined && !disk.crashed) throw error;
  const crashed = disk.crashed;
  disk.crashNow();
  return crashed;
}

function newDisk(options: { readonly droppedSite?: string }): FaultFileSystem {
  const disk = new FaultFileSystem();
  if (options.droppedSite !== undefined) disk.dropSyncs(options.droppedSite);
  return disk;
}

function crashModes(options: CrashRunOptions, disk: FaultFileSystem): CrashMode[] {
  const modes: CrashMode[] = [{ kind: "process" }, { kind: "lose-all" }, { kind: "keep-all" }];
  for (const seed of options.seeds) modes.push({ kind: "random", seed });
  const last = disk.mutations.at(-1);
  if (last?.kind !== "write") return modes;
  for (let sector = 0; sector * 512 < Math.min(last.bytes ?? 0, 4096); sector++) modes.push({ kind: "hole", sector });
  for (const bytes of options.tears(last)) {
    for (const zeroFill of [false, true]) {
      for (const others of ["lost", "kept"] as const) modes.push({ kind: "torn", bytes, zeroFill, others });
    }
  }
  return modes;
}

function secondCrashModes(options: CrashRunOptions, disk: FaultFileSystem, index: number): CrashMode[] {
  const modes: CrashMode[] = [];
  // What is on disk for sure changes with syncs only.
  if (disk.mutations.at(-2)?.site !== undefined) modes.push({ kind: "lose-all" });
  for (let seed = 0; seed < options.secondSeedCount; seed++) modes.push({ kind: "random", seed: index + 1000 * seed });
  const last = disk.mutations.at(-1);
  if (last?.kind === "write") {
    modes.push({ kind: "torn", bytes: (last.bytes ?? 0) >> 1, zeroFill: false, others: "lost" });
  }
  return modes;
}

function describe(disk: FaultFileSystem, mode: CrashMode): string {
  const last = disk.mutations.at(-1);
  const operation = last === undefined ? "start" : `${last.index} (${last.kind} ${last.path} ${last.site ?? ""})`;
  return `crash at operation ${operation}, ${JSON.stringify(mode)}`;
}
