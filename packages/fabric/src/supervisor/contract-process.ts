import { type Clock, isConcordatError } from "@concordat/base";
import type { ContractConnection } from "../contracts/ports.ts";
import { FabricError } from "../errors.ts";
import type { ContractState, ContractStatus } from "../ports.ts";
import type { SandboxKind } from "../sandbox/ports.ts";
import { type BackOff, delayAfter } from "./back-off.ts";
import type { Launch, RunningContract } from "./ports.ts";

export interface ContractProcessOptions {
  readonly mspId: string;
  readonly packageId: string;
  readonly backOff: BackOff;
}

export interface ContractProcessDependencies {
  readonly clock: Clock;
  readonly launch: Launch;
  /** Whether an error of a launch will come again however often it is tried. */
  readonly isFinal: (error: unknown) => boolean;
  /** What the end of a process is explained with: its last words. */
  readonly lastWords: () => string;
  readonly onChange: (status: ContractStatus) => void;
}

/**
 * One contract of one organization, from stopped through building and starting to running and back. It holds at most one process; whatever ends a
 * process it was not asked to end is a failure, and failures in a row are answered with longer waits and in the end with the state failed.
 */
export class ContractProcess {
  readonly #options: ContractProcessOptions;
  readonly #dependencies: ContractProcessDependencies;
  #state: ContractState = "stopped";
  #reason: string | null = null;
  #sinceMs: number;
  #sandbox: SandboxKind | null = null;
  #restarts = 0;
  #failures = 0;
  #fault: unknown;
  #running: RunningContract | undefined;
  #attempt: { readonly abort: AbortController; readonly settled: Promise<void> } | undefined;
  #cancelTimer: (() => void) | undefined;
  /** Settles when nothing of earlier processes is left: two of one contract never run at once. */
  #earlier: Promise<unknown> = Promise.resolve();

  constructor(options: ContractProcessOptions, dependencies: ContractProcessDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#sinceMs = dependencies.clock.nowMs();
  }

  status(): ContractStatus {
    return {
      mspId: this.#options.mspId,
      packageId: this.#options.packageId,
      state: this.#state,
      reason: this.#reason,
      sinceMs: this.#sinceMs,
      processId: this.#running?.processId ?? null,
      restarts: this.#restarts,
      sandbox: this.#sandbox,
    };
  }

  /** What the latest launch failed with, while the state is failed or backing-off. */
  get fault(): unknown {
    return this.#fault;
  }

  /** Starts it unless it runs, whatever happened before; settles when it runs, waits for its next try, or has failed. */
  async start(): Promise<ContractStatus> {
    if (this.#running === undefined && this.#attempt === undefined) {
      this.#failures = 0;
      this.#begin();
    }
    await this.#settle();
    return this.status();
  }

  /** @throws FabricError CONTRACT_NOT_RUNNING */
  async connection(): Promise<ContractConnection> {
    if (this.#state === "stopped") this.#begin();
    await this.#settle();
    if (this.#running !== undefined) return this.#running.connection;
    const reason = this.#reason ?? "it was stopped";
    throw new FabricError("CONTRACT_NOT_RUNNING", `Contract "${this.#options.packageId}" does not run: ${reason}`, {
      facts: { reason, state: this.#state },
      cause: this.#fault,
    });
  }

  /** Settles when nothing of it runs any more. */
  async stop(): Promise<ContractStatus> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { attempt, running } = { attempt: this.#attempt, running: this.#running };
    this.#attempt = undefined;
    this.#running = undefined;
    this.#fault = undefined;
    this.#enter("stopped", null);
    attempt?.abort.abort();
    this.#earlier = Promise.all([this.#earlier, attempt?.settled, running?.stop()]);
    await this.#earlier;
    return this.status();
  }

  /** Kills the running process as a failure. Nothing happens when it does not run. */
  reset(reason: string): void {
    const running = this.#running;
    if (running === undefined) return;
    running.kill();
    this.#earlier = Promise.all([this.#earlier, running.ended]);
    this.#hasEnded(running, reason);
  }

  async #settle(): Promise<void> {
    // A failed attempt may be followed by another one at once.
    for (let attempt = this.#attempt; attempt !== undefined; attempt = this.#attempt) await attempt.settled;
  }

  #begin(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const abort = new AbortController();
    this.#enter("building", null);
    this.#attempt = { abort, settled: this.#launch(abort) };
  }

  async #launch(abort: AbortController): Promise<void> {
    const isCurrent = () => !abort.signal.aborted;
    await this.#earlier;
    try {
      if (!isCurrent()) return;
      const running = await this.#dependencies.launch(
        {
          starting: (sandbox) => {
            if (!isCurrent()) return;
            this.#sandbox = sandbox;
            this.#enter("starting", null);
          },
        },
        abort.signal,
      );
      if (!isCurrent()) {
        await running.stop();
        return;
      }
      this.#attempt = undefined;
      this.#running = running;
      this.#fault = undefined;
      this.#enter("running", null);
      void running.ended.then((reason) => this.#hasEnded(running, reason));
    } catch (error) {
      if (!isCurrent()) return;
      this.#attempt = undefined;
      this.#fault = error;
      this.#fail(reasonOf(error), this.#dependencies.isFinal(error));
    }
  }

  #hasEnded(running: RunningContract, reason: string): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    if (this.#dependencies.clock.nowMs() - this.#sinceMs >= this.#options.backOff.healthyMs) this.#failures = 0;
    this.#fail(reason, false);
  }

  #fail(reason: string, isFinal: boolean): void {
    this.#failures++;
    const delayMs = isFinal ? undefined : delayAfter(this.#failures, this.#options.backOff);
    if (delayMs === undefined) {
      const words = isFinal ? "" : this.#dependencies.lastWords();
      this.#enter("failed", words === "" ? reason : `${reason} Its last words: ${words}`);
      return;
    }
    this.#restarts++;
    // Said also where the next try follows at once: the logs are to show why there is one.
    this.#enter("backing-off", reason);
    if (delayMs === 0) {
      this.#begin();
      return;
    }
    this.#cancelTimer = this.#dependencies.clock.after(delayMs, () => this.#begin());
  }

  #enter(state: ContractState, reason: string | null): void {
    this.#state = state;
    this.#reason = reason;
    this.#sinceMs = this.#dependencies.clock.nowMs();
    if (state === "stopped") this.#sandbox = null;
    this.#dependencies.onChange(this.status());
  }
}

function reasonOf(error: unknown): string {
  if (isConcordatError(error)) {
    const { reason } = error.facts;
    const text = typeof reason === "string" ? reason : error.message;
    return /[.!?]$/.test(text) ? text : `${text}.`;
  }
  return `The server could not start it: ${error instanceof Error ? error.message : String(error)}.`;
}
