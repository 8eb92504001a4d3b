import { createHash } from "node:crypto";
import type { Clock } from "@concordat/base";
import type { CallNonce, CallNonces } from "../ports.ts";
import { bucketMs, bucketOf } from "./call-bucket.ts";
import type { CallNonceStore } from "./call-nonce-store.ts";
import { NonceTable } from "./nonce-table.ts";

export interface CallNonceOptions {
  /** Nonces kept for each bucket and kind of call; by default 2^21 (32 MiB when full). */
  readonly entriesMax?: number;
}

/** The bucket of a nonce and the two before it: a call's time stamp may be 15 minutes off either way, so its signature lives 30 minutes. */
const bucketsKept = 3;

interface Bucket {
  readonly number: number;
  readonly reads: NonceTable;
  readonly writes: NonceTable;
}

/**
 * The nonces of signed calls, in buckets of 15 minutes of server time.
 *
 * Invariants: memory is bounded. While a table has room, no nonce is taken twice within 30 minutes. When the table of reads is full the
 * oldest reads are forgotten: a repeated read shows nothing new to who already holds the signed request. When the table of writes is
 * full, {@link MemoryCallNonces.remembersWrites} says so and writes are looked up in the ledger, as after a restart. A nonce of a
 * mutating call that no ledger remembers is in the store before the call is let through.
 */
export class MemoryCallNonces implements CallNonces {
  readonly #clock: Clock;
  readonly #store: Pick<CallNonceStore, "take">;
  readonly #entriesMax: number;
  #buckets: Bucket[] = [];
  #forgetfulUntilMs = 0;

  constructor(
    options: CallNonceOptions,
    dependencies: { readonly clock: Clock; readonly store: Pick<CallNonceStore, "take"> },
  ) {
    this.#entriesMax = options.entriesMax ?? 2 ** 21;
    this.#clock = dependencies.clock;
    this.#store = dependencies.store;
  }

  async take(call: CallNonce & { readonly mutating: boolean; readonly ledgerBound?: boolean }): Promise<boolean> {
    const current = this.#currentBucket();
    const fingerprint = fingerprintOf(call);
    if (this.#buckets.some(({ reads, writes }) => reads.has(fingerprint) || writes.has(fingerprint))) return false;
    const isStored = call.mutating && call.ledgerBound !== true;
    // Where the store does not answer, the call may come again as it is.
    if (isStored && !(await this.#store.take(call))) return false;
    if (call.mutating && !isStored) this.#addWrite(current, fingerprint);
    // What the store remembers may be forgotten here.
    else this.#addRead(current, fingerprint);
    return true;
  }

  /** False while nonces of writes may be missing here because there were too many. */
  get remembersWrites(): boolean {
    return this.#clock.nowMs() >= this.#forgetfulUntilMs;
  }

  #addRead(bucket: Bucket, fingerprint: bigint): void {
    if (bucket.reads.isFull) for (const { reads } of this.#buckets) reads.clear();
    bucket.reads.add(fingerprint);
  }

  #addWrite(bucket: Bucket, fingerprint: bigint): void {
    if (bucket.writes.isFull) this.#forgetfulUntilMs = this.#clock.nowMs() + bucketsKept * bucketMs;
    else bucket.writes.add(fingerprint);
  }

  /** A clock that steps back goes on in the newest bucket: old nonces are kept longer, never shorter. */
  #currentBucket(): Bucket {
    const number = bucketOf(this.#clock.nowMs());
    const newest = this.#buckets[0];
    if (newest !== undefined && newest.number >= number) return newest;
    const bucket = { number, reads: new NonceTable(this.#entriesMax), writes: new NonceTable(this.#entriesMax) };
    this.#buckets = [bucket, ...this.#buckets.filter((other) => other.number > number - bucketsKept)];
    return bucket;
  }
}

function fingerprintOf({ accessKeyId, nonce }: CallNonce): bigint {
  const digest = createHash("sha256").update(`${accessKeyId}\u0000${nonce}`).digest();
  // Zero is the table's empty slot.
  return digest.readBigUInt64LE(0) || 1n;
}
