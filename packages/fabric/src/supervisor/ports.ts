import type { ContractConnection } from "../contracts/ports.ts";
import type { SandboxKind } from "../sandbox/ports.ts";

/** A contract that has registered. */
export interface RunningContract {
  readonly connection: ContractConnection;
  readonly processId: number | null;
  /** Settles with a sentence when process or stream has ended and nothing of it is left. Never rejects. */
  readonly ended: Promise<string>;
  /** Asks it to end, and kills it when it does not within the grace period. Settles when it has ended. */
  stop(): Promise<void>;
  /** At once. */
  kill(): void;
}

/** Progress that is shown while a contract starts. */
export interface LaunchProgress {
  starting(sandbox: SandboxKind | null): void;
}

/** One attempt to build and start a contract. Aborting kills what has been started; it then rejects. */
export type Launch = (progress: LaunchProgress, signal: AbortSignal) => Promise<RunningContract>;
