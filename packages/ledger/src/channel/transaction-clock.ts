import type { Clock } from "@concordat/base";

export interface TransactionTime {
  readonly seconds: number;
  readonly nanos: number;
  readonly ms: number;
}

/** The times a channel gives its transactions: the wall clock's milliseconds, but never going back, whatever that clock does. */
export class TransactionClock {
  readonly #clock: Clock;
  #lastMs: number;

  constructor(lastMs: number, clock: Clock) {
    this.#lastMs = lastMs;
    this.#clock = clock;
  }

  next(): TransactionTime {
    this.#lastMs = Math.max(this.#lastMs, this.#clock.nowMs());
    const seconds = Math.floor(this.#lastMs / 1000);
    return { seconds, nanos: (this.#lastMs % 1000) * 1_000_000, ms: this.#lastMs };
  }
}
