import type { Clock } from "@concordat/base";
import type { Creator, Ledger } from "@concordat/ledger";
import { PlatformError } from "../errors.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import { transactionIdOf } from "../ledger/transaction-id.ts";
import type { CallNonce } from "../ports.ts";
import { bucketMs, bucketOf, transactionNonceOf } from "./call-bucket.ts";
import type { MemoryCallNonces } from "./call-nonces.ts";

/**
 * Finds writes that an earlier run of the process made with the same signed call. The ledger itself refuses a repeat inside one
 * bucket of time; this looks for the two buckets before, as long as a signature from before the start can still be good: 30 minutes. A
 * replayed call is the same call, so only its own channel is looked at, and only if that had transactions at the start.
 */
export class ReplayedWrites {
  readonly #dependencies: { readonly ledger: Ledger; readonly clock: Clock; readonly nonces: MemoryCallNonces };
  readonly #untilMs: number;
  readonly #channelsAtStart: ReadonlySet<string>;

  private constructor(dependencies: ReplayedWritesDependencies, channelsAtStart: ReadonlySet<string>) {
    this.#dependencies = dependencies;
    this.#untilMs = dependencies.clock.nowMs() + 2 * bucketMs;
    this.#channelsAtStart = channelsAtStart;
  }

  static async start(
    { ledger, clock, ledgerIsElsewhere }: ReplayedWritesStart,
    nonces: MemoryCallNonces,
  ): Promise<ReplayedWrites> {
    const channels = ledgerIsElsewhere === true ? [] : await ledger.channels();
    // A channel begins with one configuration transaction.
    const used = channels.filter((channel) => channel.transactionCount > 1).map((channel) => channel.channelId);
    return new ReplayedWrites({ ledger, clock, nonces }, new Set(used));
  }

  /**
   * The nonce to submit with.
   * @param earlierCreators certificates that the caller's transactions carried until lately: their ids differ from the creator's
   * @throws PlatformError CALL_REPLAYED
   */
  async nonceFor(
    channelId: string,
    creator: Creator,
    call: CallNonce,
    earlierCreators: readonly Creator[] = [],
  ): Promise<Uint8Array> {
    const { ledger, clock, nonces } = this.#dependencies;
    const nowMs = clock.nowMs();
    const bucket = bucketOf(nowMs);
    const isAfterStart = nowMs < this.#untilMs && this.#channelsAtStart.has(channelId);
    if (isAfterStart || !nonces.remembersWrites) {
      const sought = [bucket - 1, bucket - 2].map((earlier) => ({ creator, bucket: earlier }));
      for (const other of earlierCreators) {
        sought.push(...[bucket, bucket - 1, bucket - 2].map((earlier) => ({ creator: other, bucket: earlier })));
      }
      for (const { creator: by, bucket: within } of sought) {
        const txId = transactionIdOf(by, transactionNonceOf(call, within));
        if (await onLedger(() => ledger.hasTransaction(channelId, txId))) throw new PlatformError("CALL_REPLAYED");
      }
    }
    return transactionNonceOf(call, bucket);
  }
}

export interface ReplayedWritesStart {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Then nothing is written from here. */
  readonly ledgerIsElsewhere?: boolean;
}

export interface ReplayedWritesDependencies {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly nonces: MemoryCallNonces;
}
