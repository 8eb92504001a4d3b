import type { Clock } from "@concordat/base";
import { PlatformError } from "../errors.ts";
import { rowToJob } from "./job-row.ts";
import type { JobStore } from "./job-store.ts";
import type { Job } from "./ports.ts";

interface Waiter {
  readonly resolve: (job: Job) => void;
  readonly reject: (error: unknown) => void;
}

/** Those who wait for the end of a job. Jobs that run on other servers are looked at from time to time. */
export class JobWaiters {
  readonly #pollMs: number;
  readonly #store: Pick<JobStore, "find">;
  readonly #clock: Clock;
  readonly #waiters = new Map<string, Waiter[]>();
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(
    options: { readonly pollMs: number },
    dependencies: { readonly store: Pick<JobStore, "find">; readonly clock: Clock },
  ) {
    this.#pollMs = options.pollMs;
    this.#store = dependencies.store;
    this.#clock = dependencies.clock;
  }

  ended(jobId: string): Promise<Job> {
    if (this.#isClosed) return Promise.reject(closing());
    return new Promise((resolve, reject) => {
      this.#waiters.set(jobId, [...(this.#waiters.get(jobId) ?? []), { resolve, reject }]);
      this.look(jobId);
      this.#poll();
    });
  }

  /** Asks the store whether the job has ended, if somebody waits for it. */
  look(jobId: string): void {
    if (this.#waiters.has(jobId)) void this.#look(jobId);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    for (const jobId of this.#waiters.keys()) this.#settle(jobId, ({ reject }) => reject(closing()));
  }

  async #look(jobId: string): Promise<void> {
    try {
      const row = await this.#store.find(jobId);
      if (row === undefined) this.#settle(jobId, ({ reject }) => reject(new PlatformError("JOB_UNKNOWN")));
      else if (row.endedMs !== null) this.#settle(jobId, ({ resolve }) => resolve(rowToJob(row)));
    } catch {
      // The next look may find the store again.
    }
  }

  #settle(jobId: string, settle: (waiter: Waiter) => void): void {
    const waiters = this.#waiters.get(jobId) ?? [];
    this.#waiters.delete(jobId);
    for (const waiter of waiters) settle(waiter);
  }

  #poll(): void {
    this.#cancelTimer ??= this.#clock.after(this.#pollMs, () => {
      this.#cancelTimer = undefined;
      for (const jobId of this.#waiters.keys()) this.look(jobId);
      if (this.#waiters.size > 0 && !this.#isClosed) this.#poll();
    });
  }
}

function closing(): PlatformError {
  return new PlatformError("STORE_UNAVAILABLE", "The server is closing.");
}
