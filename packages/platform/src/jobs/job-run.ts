import { type Clock, isConcordatError, type Logger, type RandomSource } from "@concordat/base";
import type { JobTable } from "../control-store/schema.ts";
import { Mutex } from "../directory/mutex.ts";
import { jobEndEntry } from "./job-entries.ts";
import { JobRecord } from "./job-record.ts";
import type { FinalStatus } from "./job-row.ts";
import type { Claim, JobStore } from "./job-store.ts";
import { type BackOff, backOffMs, pause } from "./pause.ts";
import type { JobKind, JobStep, StepContext } from "./ports.ts";
import { openStepContext } from "./step-context.ts";
import { failureToError, type InterruptionReason, isTransient, JobInterruption, textOf } from "./step-failure.ts";

export interface JobRunOptions {
  readonly backOff: BackOff;
  /** How often a step, or the undoing, is begun before a passing failure ends the job. */
  readonly attemptsMax: number;
  readonly leaseMs: number;
}

export interface JobRunDependencies {
  readonly store: JobStore;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}

/**
 * Runs one claimed job to its end, or until it must not go on here.
 *
 * Invariants: a step begins only after everything before it is on disk; what this run writes counts only while its claim does; a step that
 * finished is never begun again. A run that is cut off anywhere, by a crash or a lost claim, leaves a row from which another goes on.
 */
export class JobRun {
  readonly #kind: JobKind<unknown>;
  readonly #record: JobRecord;
  readonly #claim: Claim;
  readonly #options: JobRunOptions;
  readonly #dependencies: JobRunDependencies;
  readonly #writes = new Mutex();
  /** Stops everything: the server closes, or the claim is lost. */
  readonly #stop = new AbortController();
  /** Stops the steps only: what they did is then undone. */
  readonly #cancel = new AbortController();
  #heldUntilMs: number;

  constructor(kind: JobKind<unknown>, row: JobTable, options: JobRunOptions, dependencies: JobRunDependencies) {
    this.#kind = kind;
    this.#record = new JobRecord(kind, row);
    this.#claim = { jobId: row.jobId, fencing: Number(row.fencing) };
    this.#options = options;
    this.#dependencies = dependencies;
    this.#heldUntilMs = dependencies.clock.nowMs() + options.leaseMs;
    if (row.status === "cancelling") this.cancel();
  }

  get jobId(): string {
    return this.#claim.jobId;
  }

  /** Ends the steps and has what they did undone. */
  cancel(): void {
    this.#cancel.abort(new JobInterruption("cancelled"));
  }

  /** Ends the run without ending the job. */
  stop(reason: Exclude<InterruptionReason, "cancelled">): void {
    this.#stop.abort(new JobInterruption(reason));
  }

  /** Keeps the claim, and hears of a cancellation asked for on another server. A claim that could not be kept in time is given up. */
  async renew(): Promise<void> {
    const { store, clock, log } = this.#dependencies;
    const { leaseMs } = this.#options;
    const nowMs = clock.nowMs();
    try {
      this.#heed(await store.renew(this.#claim, nowMs, leaseMs));
      this.#heldUntilMs = nowMs + leaseMs;
    } catch (error) {
      if (clock.nowMs() >= this.#heldUntilMs) this.stop("lost");
      log.warn("The claim on a job could not be renewed.", { jobId: this.jobId, detail: textOf(error) });
    }
  }

  /**
   * Settles when nothing of the job runs here any more: it has ended, or its claim was given back or lost.
   * @returns false when trying again at once would not help: it could not be recorded, or another server has to run it
   */
  async run(): Promise<boolean> {
    try {
      if ((await this.#runSteps()) && (await this.#end("succeeded"))) return true;
      this.#requireGoing();
      await this.#undo();
      return true;
    } catch (error) {
      const isInterrupted = error instanceof JobInterruption;
      if (!isInterrupted) {
        this.#dependencies.log.error("A job could not be recorded.", { jobId: this.jobId, detail: textOf(error) });
      }
      await this.#release();
      return isInterrupted && error.reason !== "elsewhere";
    }
  }

  /** @returns whether all of them have finished */
  async #runSteps(): Promise<boolean> {
    for (const [index, step] of this.#kind.steps.entries()) {
      if (this.#record.error !== null || this.#cancel.signal.aborted) return false;
      if (this.#record.step(index).status !== "succeeded" && !(await this.#runStep(index, step))) return false;
    }
    return true;
  }

  async #runStep(index: number, step: JobStep<unknown>): Promise<boolean> {
    const { clock } = this.#dependencies;
    const signal = AbortSignal.any([this.#stop.signal, this.#cancel.signal]);
    for (;;) {
      const { attempts, startedMs } = this.#record.step(index);
      const attempt = attempts + 1;
      await this.#write(() =>
        this.#record.update(index, { status: "running", attempts: attempt, startedMs: startedMs ?? clock.nowMs() }),
      );
      if (signal.aborted) return false;
      const failure = await this.#try((context) => step.run(context), index, signal);
      if (failure === undefined) {
        await this.#write(() =>
          this.#record.update(index, { status: "succeeded", progress: 100, endedMs: clock.nowMs() }),
        );
        return true;
      }
      if (signal.aborted) return false;
      if (isConcordatError(failure.error, "HOME_ELSEWHERE")) {
        // Begun in vain: that counts as no try.
        await this.#write(() => this.#record.update(index, { attempts }));
        this.stop("elsewhere");
        return false;
      }
      if (!isTransient(failure.error) || attempt >= this.#options.attemptsMax) {
        await this.#fail(index, step.name, failure.error);
        return false;
      }
      this.#record.note(index, `Try ${attempt} ended with ${failure.error.code}.`);
      await pause(clock, backOffMs(this.#options.backOff, attempt), signal);
      if (signal.aborted) return false;
    }
  }

  /** @param index undefined for the undoing */
  async #try(
    work: (context: StepContext<unknown>) => Promise<void>,
    index: number | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly error: unknown } | undefined> {
    const { context, close } = openStepContext({
      record: this.#record,
      fencing: this.#claim.fencing,
      index,
      signal,
      write: (change) => this.#write(change),
      interruption: () => this.#interruption(),
    });
    try {
      await work(context);
      return undefined;
    } catch (error) {
      return { error };
    } finally {
      close();
    }
  }

  async #fail(index: number, step: string, error: unknown): Promise<void> {
    const { clock, log } = this.#dependencies;
    this.#record.error = failureToError(error, { jobId: this.jobId, kind: this.#kind.kind, step }, log);
    await this.#write(() => this.#record.update(index, { status: "failed", endedMs: clock.nowMs() }));
  }

  /** For a job that failed or was cancelled. */
  async #undo(): Promise<void> {
    const { compensate } = this.#kind;
    if (compensate !== undefined && this.#record.hasBegun) await this.#compensate(compensate.bind(this.#kind));
    this.#record.skipTheRest();
    await this.#end(this.#record.error === null ? "cancelled" : "failed");
  }

  async #compensate(compensate: (context: StepContext<unknown>) => Promise<void>): Promise<void> {
    const { clock, log } = this.#dependencies;
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#try(compensate, undefined, this.#stop.signal);
      if (failure === undefined) return;
      if (isConcordatError(failure.error, "HOME_ELSEWHERE")) this.stop("elsewhere");
      this.#requireGoing();
      if (!isTransient(failure.error) || attempt >= this.#options.attemptsMax) {
        const place = { jobId: this.jobId, kind: this.#kind.kind, step: "compensate" };
        const error = failureToError(failure.error, place, log);
        // The first failure is the one to be told.
        this.#record.error ??= error;
        return;
      }
      await pause(clock, backOffMs(this.#options.backOff, attempt), this.#stop.signal);
      this.#requireGoing();
    }
  }

  /** @returns false when the job was cancelled after its last step, before it succeeded: what was promised to the caller counts */
  async #end(status: FinalStatus): Promise<boolean> {
    const { store, clock } = this.#dependencies;
    const audit = jobEndEntry(this.#record.row, status, this.#record.error, this.#dependencies);
    const result = await this.#writes.run(() =>
      this.#patiently(() => {
        const nowMs = clock.nowMs();
        return store.end(
          this.#claim,
          { ...this.#record.patch(this.#dependencies.clock.nowMs()), status, updatedMs: nowMs, endedMs: nowMs },
          [audit],
        );
      }),
    );
    if (result === "lost") this.stop("lost");
    this.#requireGoing();
    return result === "ended";
  }

  /** One write after the other, so that none goes back behind an earlier one. */
  async #write(change: () => void): Promise<void> {
    const { store } = this.#dependencies;
    const status = await this.#writes.run(() => {
      change();
      return this.#patiently(() => store.write(this.#claim, this.#record.patch(this.#dependencies.clock.nowMs())));
    });
    this.#heed(status);
    this.#requireGoing();
  }

  #heed(status: JobTable["status"] | undefined): void {
    if (status === undefined) this.stop("lost");
    if (status === "cancelling") this.cancel();
  }

  /** A store that does not answer is asked again, for as long as this run may go on. */
  async #patiently<Result>(write: () => Promise<Result>): Promise<Result> {
    const { signal } = this.#stop;
    for (let attempt = 1; ; attempt++) {
      this.#requireGoing();
      try {
        return await write();
      } catch (error) {
        if (!isTransient(error)) throw error;
        await pause(this.#dependencies.clock, backOffMs(this.#options.backOff, attempt), signal);
      }
    }
  }

  /** @throws JobInterruption when the run was stopped */
  #requireGoing(): void {
    if (this.#stop.signal.aborted) throw this.#interruption();
  }

  #interruption(): JobInterruption {
    const { signal } = this.#stop.signal.aborted ? this.#stop : this.#cancel;
    return signal.reason instanceof JobInterruption ? signal.reason : new JobInterruption("lost");
  }

  async #release(): Promise<void> {
    try {
      await this.#dependencies.store.release(this.#claim);
    } catch (error) {
      const fields = { jobId: this.jobId, detail: textOf(error) };
      this.#dependencies.log.warn("A job could not be given back; it is taken up when its claim runs out.", fields);
    }
  }
}
