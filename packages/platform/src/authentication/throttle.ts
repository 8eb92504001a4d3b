import { hash } from "node:crypto";
import { bytesToHex, type Clock, type RandomSource } from "@concordat/base";
import { addressGroupOf } from "./address-group.ts";

export interface ThrottleOptions {
  /** Failures before the first wait. */
  readonly freeTries: number;
  /** Doubled with each further failure. */
  readonly firstWaitMs: number;
  readonly waitMsMax: number;
  /** After this long without a failure, and after the wait, a pair starts anew. */
  readonly forgetAfterMs: number;
  /** Pairs kept on either side of the limit; each takes about 100 bytes. */
  readonly entriesMax: number;
}

export const defaultThrottleOptions: ThrottleOptions = {
  freeTries: 5,
  firstWaitMs: 1_000,
  waitMsMax: 300_000,
  forgetAfterMs: 900_000,
  entriesMax: 32_768,
};

interface Failures {
  readonly count: number;
  readonly lastMs: number;
}

/**
 * Slows down guessing for each pair of a name and a source address: never for the name from elsewhere, so nobody can lock another out.
 *
 * Invariants: from the fifth failure of a pair on, its next try waits, each time twice as long. A try during the wait is not looked at and
 * counts for nothing. Memory is bounded: pairs with few failures and slowed ones are kept apart, so that a flood of single failures
 * under many names frees no slowed pair; when a side is full its longest unused pair is forgotten.
 */
export class Throttle {
  readonly #options: ThrottleOptions;
  readonly #clock: Clock;
  /** Of this process alone, so that nobody can find two names with one fingerprint. */
  readonly #salt: string;
  readonly #few = new Map<number, Failures>();
  readonly #slowed = new Map<number, Failures>();

  constructor(
    options: Partial<ThrottleOptions>,
    dependencies: { readonly clock: Clock; readonly random: Pick<RandomSource, "bytes"> },
  ) {
    this.#options = { ...defaultThrottleOptions, ...options };
    this.#clock = dependencies.clock;
    this.#salt = bytesToHex(dependencies.random.bytes(16));
  }

  /** Pairs in memory. */
  get size(): number {
    return this.#few.size + this.#slowed.size;
  }

  /** How long the next try has to wait; 0 for not at all. */
  waitMs(name: string, address: string | undefined): number {
    // By far most calls come when nobody is slowed.
    if (this.#slowed.size === 0) return 0;
    const pair = this.#fingerprintOf(name, address);
    const failures = this.#slowed.get(pair);
    if (failures === undefined) return 0;
    const nowMs = this.#clock.nowMs();
    if (this.#isForgotten(failures, nowMs)) {
      this.#slowed.delete(pair);
      return 0;
    }
    // A clock that was set back must not make the wait longer than it was.
    const passedMs = Math.max(0, nowMs - failures.lastMs);
    return Math.max(0, this.#waitAfter(failures.count) - passedMs);
  }

  failed(name: string, address: string | undefined): void {
    const pair = this.#fingerprintOf(name, address);
    const nowMs = this.#clock.nowMs();
    const known = this.#slowed.get(pair) ?? this.#few.get(pair);
    const count = known === undefined || this.#isForgotten(known, nowMs) ? 1 : known.count + 1;
    this.#slowed.delete(pair);
    this.#few.delete(pair);
    const side = count >= this.#options.freeTries ? this.#slowed : this.#few;
    if (side.size >= this.#options.entriesMax) {
      const [oldest] = side.keys();
      if (oldest !== undefined) side.delete(oldest);
    }
    side.set(pair, { count, lastMs: nowMs });
  }

  succeeded(name: string, address: string | undefined): void {
    if (this.size === 0) return;
    const pair = this.#fingerprintOf(name, address);
    this.#few.delete(pair);
    this.#slowed.delete(pair);
  }

  #waitAfter(count: number): number {
    const { freeTries, firstWaitMs, waitMsMax } = this.#options;
    if (count < freeTries) return 0;
    return Math.min(waitMsMax, firstWaitMs * 2 ** Math.min(count - freeTries, 32));
  }

  /**
   * 52 bits of a hash in place of the pair itself: it is as long for every name, and holds on to no part of a request's text. Two pairs share
   * one about once in 2^52.
   */
  #fingerprintOf(name: string, address: string | undefined): number {
    const digest = hash("sha256", `${this.#salt}${addressGroupOf(address)}\u0000${name}`, "hex");
    return Number.parseInt(digest.slice(0, 13), 16);
  }

  #isForgotten({ count, lastMs }: Failures, nowMs: number): boolean {
    return nowMs - lastMs >= this.#waitAfter(count) + this.#options.forgetAfterMs;
  }
}
