import type { Clock, Logger } from "@concordat/base";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";

export interface DirectoryRefreshOptions {
  /** Between two looks at the store; 400 by default. */
  readonly everyMs?: number;
  /** No call is answered from a directory that is older; 1,000 by default. */
  readonly ageMaxMs?: number;
}

/**
 * Keeps the directory of one of several servers up to date with what the others commit.
 *
 * Invariant: {@link DirectoryRefresh.ready} passes only when the directory shows everything that was committed `ageMaxMs` ago, so a key
 * that was switched off on one server opens nothing on another later than that, even when the store is away.
 */
export class DirectoryRefresh {
  readonly #everyMs: number;
  readonly #ageMaxMs: number;
  readonly #dependencies: {
    readonly directory: Pick<Directory, "refresh">;
    readonly clock: Clock;
    readonly log: Logger;
  };
  #currentAsOfMs: number;
  #running: Promise<void> | undefined;
  #cancelTimer = () => {};
  #isClosed = false;
  #hasFailed = false;

  /** The directory has just been loaded. */
  constructor(
    options: DirectoryRefreshOptions,
    dependencies: { readonly directory: Pick<Directory, "refresh">; readonly clock: Clock; readonly log: Logger },
  ) {
    this.#everyMs = options.everyMs ?? 400;
    this.#ageMaxMs = options.ageMaxMs ?? 1_000;
    this.#dependencies = dependencies;
    // Loading took a while that nobody measured: the first call waits for the first look.
    this.#currentAsOfMs = Number.NEGATIVE_INFINITY;
    this.#schedule(0);
  }

  /**
   * Waits until the directory is young enough.
   * @throws PlatformError STORE_UNAVAILABLE
   */
  async ready(): Promise<void> {
    const age = this.#dependencies.clock.nowMs() - this.#currentAsOfMs;
    if (age > this.#ageMaxMs) await this.#refresh();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    await this.#running?.catch(() => undefined);
  }

  #schedule(delayMs: number): void {
    if (this.#isClosed) return;
    this.#cancelTimer = this.#dependencies.clock.after(delayMs, () => {
      this.#refresh()
        // Whoever needs it hears of it by ready().
        .catch(() => undefined)
        .then(() => this.#schedule(this.#everyMs));
    });
  }

  /** One look at a time, shared by all who wait. */
  #refresh(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new PlatformError("STORE_UNAVAILABLE", "The server is ending."));
    this.#running ??= this.#look().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #look(): Promise<void> {
    const { directory, clock, log } = this.#dependencies;
    const startedMs = clock.nowMs();
    try {
      await directory.refresh();
      this.#currentAsOfMs = startedMs;
      if (this.#hasFailed) log.info("the control store answers again", {});
      this.#hasFailed = false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#hasFailed) log.warn("the control store could not be read", { reason });
      this.#hasFailed = true;
      throw error;
    }
  }
}
