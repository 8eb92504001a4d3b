import type { Clock } from "@concordat/base";

export interface TransactionTime {
  readonly seconds: number;
  readonly nanos: number;
  readonly ms: number;
}

/** Milliseconds since the epoch in the parts that Fabric's timestamps have. */
export function toTransactionTime(ms: number): TransactionTime {
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000, ms };
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
    return toTransactionTime(this.#lastMs);
  }
}
