import type { ContractStatus } from "../ports.ts";

export type SandboxKind = Exclude<ContractStatus["sandbox"], null>;

/** A folder or file of the host that a confined process may see. */
export interface Exposure {
  readonly hostPath: string;
  /** Relative to the root that the process sees. */
  readonly path: string;
  /** Writable exposures are for builds only. */
  readonly isWritable?: boolean;
}

/**
 * Commands that are to run confined, one after the other; the last one is the contract. In arguments and variables `{{address}}` stands for
 * the bridge's host:port, `{{root}}` for the folder of the exposures, `{{bin}}` for the folder of `node`, `{{temporary}}` for a
 * writable folder.
 */
export interface SandboxJob {
  /** Tells processes of different contracts apart; each gets a user of its own where that is possible. */
  readonly owner: string;
  readonly exposures: readonly Exposure[];
  /** Unix socket of the host, the only way out. */
  readonly socketPath: string;
  /** Path of an exposure. */
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly commands: readonly LaunchedCommand[];
  readonly limits: ProcessLimits;
}

export interface LaunchedCommand {
  readonly file: string;
  readonly args: readonly string[];
}

export interface ProcessLimits {
  /** Private writable memory of each process. */
  readonly memoryBytes: number;
  /** Processes and threads together. */
  readonly processes: number;
  readonly openFiles: number;
  readonly fileBytes: number;
  /** Of each of the temporary folders. */
  readonly temporaryBytes: number;
}

/** A process as the host starts it. */
export interface SpawnCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** The user and group that it starts as, when not the server's own. */
  readonly userId?: number;
}

export interface PreparedJob {
  readonly command: SpawnCommand;
  /** After the process has ended: whatever it left running, and temporary files. */
  cleanUp(): Promise<void>;
}

export interface Sandbox {
  readonly kind: SandboxKind;
  /** Whether a confined process reaches sockets only in folders that every user may enter. */
  readonly needsOpenSocketFolder: boolean;
  /** What this kind does not keep apart here, for logs; empty when all is. */
  readonly weaknesses: readonly string[];
  /** @throws FabricError SANDBOX_UNAVAILABLE */
  prepare(job: SandboxJob): Promise<PreparedJob>;
}

/** What the launcher reads: the only argument of the first process inside. */
export interface LaunchSpecification extends Pick<SandboxJob, "environment" | "commands" | "socketPath"> {
  readonly root: string;
  readonly temporary: string;
  /** Absolute. */
  readonly workingFolder: string;
}
