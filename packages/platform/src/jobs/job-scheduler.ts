import { bytesToHex, type Clock, type Logger, type RandomSource } from "@concordat/base";
import { Mutex } from "../directory/mutex.ts";
import { JobRun, type JobRunOptions } from "./job-run.ts";
import type { Claim, ClaimRequest, JobStore } from "./job-store.ts";
import type { JobKind } from "./ports.ts";
import { textOf } from "./step-failure.ts";

export interface JobSchedulerOptions extends JobRunOptions {
  /** How many jobs run on this server at a time. */
  readonly concurrencyMax: number;
  /** How often jobs that other servers recorded or left are looked for. */
  readonly pollMs: number;
  /** No other server is on this store: what another runner claims, a process before this one left. */
  readonly soleRunner: boolean;
  /** How long ended jobs are kept. */
  readonly keptMs: number;
  /** How long a close waits for steps that are asked to stop. */
  readonly closeMs: number;
}

export interface JobSchedulerDependencies {
  readonly store: JobStore;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
  /** Called when a job does not run here any more. */
  readonly onRest: (jobId: string) => void;
}

const pruneEveryMs = 3_600_000;
const avoidPolls = 3;

/** Takes up open jobs, oldest first and a bounded number at a time, and keeps the claims on those that it runs. */
export class JobScheduler {
  readonly #options: JobSchedulerOptions;
  readonly #dependencies: JobSchedulerDependencies;
  readonly #runner: string;
  readonly #kinds = new Map<string, JobKind<unknown>>();
  readonly #runs = new Map<string, { readonly run: JobRun; readonly done: Promise<void> }>();
  /** Jobs that this server leaves to others for a while, and until when. */
  readonly #avoided = new Map<string, number>();
  readonly #scans = new Mutex();
  #isScanWanted = false;
  #isClosed = false;
  #pruneAtMs = 0;
  #cancelTimers: (() => void)[] = [];

  constructor(options: JobSchedulerOptions, dependencies: JobSchedulerDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#runner = bytesToHex(dependencies.random.bytes(8));
  }

  /** Begins to look for jobs. */
  open(): void {
    const { pollMs, leaseMs } = this.#options;
    this.#every(pollMs, () => this.wake());
    this.#every(Math.floor(leaseMs / 3), () => {
      for (const { run } of this.#runs.values()) void run.renew();
    });
    this.wake();
  }

  /** @returns false when another kind has this name */
  register(kind: JobKind<unknown>): boolean {
    const known = this.#kinds.get(kind.kind);
    this.#kinds.set(kind.kind, known ?? kind);
    this.wake();
    return known === undefined || known === kind;
  }

  knows(kind: string): boolean {
    return this.#kinds.has(kind);
  }

  /** Looks for jobs soon. */
  wake(): void {
    if (this.#isScanWanted || this.#isClosed) return;
    this.#isScanWanted = true;
    void this.#scans.run(async () => {
      this.#isScanWanted = false;
      if (this.#isClosed) return;
      await this.#scan().catch((error: unknown) => {
        this.#dependencies.log.warn("Open jobs could not be looked for.", { detail: textOf(error) });
      });
    });
  }

  /** Tells a run on this server that its job was cancelled. */
  cancel(jobId: string): void {
    this.#runs.get(jobId)?.run.cancel();
    this.wake();
  }

  /** Asks what runs to stop, and gives it back. Steps that do not stop in time are left behind: they can record nothing any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const cancel of this.#cancelTimers.splice(0)) cancel();
    await this.#scans.run(async () => {
      const runs = [...this.#runs.values()];
      for (const { run } of runs) run.stop("closing");
      const stopped = Promise.all(runs.map(({ done }) => done)).then(() => true);
      let cancelTimer = () => {};
      const tooLate = new Promise<boolean>((resolve) => {
        cancelTimer = this.#dependencies.clock.after(this.#options.closeMs, () => resolve(false));
      });
      if (!(await Promise.race([stopped, tooLate]))) {
        this.#dependencies.log.warn("Steps of jobs did not stop in time.", { jobs: this.#runs.size });
      }
      cancelTimer();
    });
  }

  async #scan(): Promise<void> {
    const { store, clock } = this.#dependencies;
    await this.#prune();
    const free = this.#options.concurrencyMax - this.#runs.size;
    if (free <= 0) return;
    const request = { runner: this.#runner, nowMs: clock.nowMs(), takesOver: this.#options.soleRunner };
    for (const [jobId, untilMs] of this.#avoided) if (untilMs <= request.nowMs) this.#avoided.delete(jobId);
    // More than are free: some may be this server's own, with a claim that ran out before the run has ended.
    const limit = free + this.#runs.size + this.#avoided.size;
    const found = await store.claimable([...this.#kinds.keys()], request, limit);
    const others = found.filter(({ jobId }) => !this.#runs.has(jobId) && !this.#avoided.has(jobId));
    for (const claim of others.slice(0, free)) await this.#take(claim, request);
  }

  async #take(claim: Claim, request: ClaimRequest) {
    const { store, clock, onRest } = this.#dependencies;
    const row = await store.claim(claim, request, this.#options.leaseMs);
    const kind = row === undefined ? undefined : this.#kinds.get(row.kind);
    if (row === undefined || kind === undefined) return;
    const run = new JobRun(kind, row, this.#options, this.#dependencies);
    const done = run.run().then((isPromising) => {
      this.#runs.delete(row.jobId);
      onRest(row.jobId);
      if (isPromising) this.wake();
      else this.#avoided.set(row.jobId, clock.nowMs() + avoidPolls * this.#options.pollMs);
    });
    this.#runs.set(row.jobId, { run, done });
  }

  async #prune(): Promise<void> {
    const nowMs = this.#dependencies.clock.nowMs();
    if (nowMs < this.#pruneAtMs) return;
    this.#pruneAtMs = nowMs + pruneEveryMs;
    await this.#dependencies.store.prune(nowMs - this.#options.keptMs);
  }

  #every(periodMs: number, work: () => void): void {
    const index = this.#cancelTimers.length;
    const next = () => {
      if (this.#isClosed) return;
      this.#cancelTimers[index] = this.#dependencies.clock.after(periodMs, () => {
        work();
        next();
      });
    };
    this.#cancelTimers.push(() => {});
    next();
  }
}
