import { isConcordatError } from "@concordat/base";
import type { Ledger } from "@concordat/ledger/client";
import type { ChannelHead } from "./channel-head.ts";
import type { TransactionPlace } from "./recent-transactions.ts";

/** A wait that its caller gave up, by deadline or by hanging up. */
export class AbortedError extends Error {
  constructor() {
    super("context canceled");
    this.name = "AbortedError";
  }
}

/**
 * A channel as one running node has it: what it has committed, and nothing beyond. The blocks themselves are stored once for all nodes of the
 * installation, so that catching up after a stop is a step of the position.
 */
export class PeerChannel {
  readonly head: ChannelHead;
  readonly #ledger: Ledger;
  readonly #waiters = new Set<() => void>();
  readonly #leave: () => void;
  #height: number;
  #left = false;

  constructor(head: ChannelHead, ledger: Ledger) {
    this.head = head;
    this.#ledger = ledger;
    this.#height = head.height;
    this.#leave = head.onBlocks(() => this.#advance());
  }

  get channelId(): string {
    return this.head.channelId;
  }

  /** Number of blocks that this node has committed. */
  get height(): number {
    return this.#height;
  }

  /** Settles when the node has committed the block. @throws AbortedError when the signal fires or the node leaves the channel */
  async waitForBlock(block: number, signal: AbortSignal): Promise<void> {
    while (this.#height <= block) {
      if (this.#left || signal.aborted) throw new AbortedError();
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiters.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.#waiters.add(wake);
        signal.addEventListener("abort", wake);
      });
    }
    if (this.#left || signal.aborted) throw new AbortedError();
  }

  /** Settles when the node has committed the transaction, at once when it has already. @throws AbortedError */
  async transactionStatus(txId: string, signal: AbortSignal): Promise<TransactionPlace> {
    const place = this.head.recent.get(txId) ?? (await this.#search(txId, signal));
    await this.waitForBlock(place.block, signal);
    return place;
  }

  /** The transaction, if this node has committed it. */
  async findTransaction(txId: string): Promise<TransactionPlace | undefined> {
    const place = this.head.recent.get(txId) ?? (await this.#stored(txId));
    return place !== undefined && place.block < this.#height ? place : undefined;
  }

  /** What waits is given up; the position stands still from now on. */
  leave(): void {
    this.#left = true;
    this.#leave();
    for (const wake of [...this.#waiters]) wake();
  }

  async #stored(txId: string): Promise<TransactionPlace | undefined> {
    try {
      const { block, validationCode } = await this.#ledger.transaction(this.channelId, txId);
      return { block: block.number, validationCode };
    } catch (error) {
      if (isConcordatError(error, "TRANSACTION_UNKNOWN")) return undefined;
      throw error;
    }
  }

  /** Listens before it looks, so that no commit falls between the two. */
  async #search(txId: string, signal: AbortSignal): Promise<TransactionPlace> {
    const { promise, resolve, reject } = Promise.withResolvers<TransactionPlace>();
    const giveUp = () => reject(new AbortedError());
    const stopListening = this.head.onTransaction(txId, resolve);
    signal.addEventListener("abort", giveUp);
    const wakeOnLeave = () => (this.#left ? giveUp() : undefined);
    this.#waiters.add(wakeOnLeave);
    try {
      if (signal.aborted || this.#left) giveUp();
      this.#stored(txId).then((place) => place && resolve(place), reject);
      return await promise;
    } finally {
      stopListening();
      this.#waiters.delete(wakeOnLeave);
      signal.removeEventListener("abort", giveUp);
    }
  }

  #advance(): void {
    if (this.#left) return;
    this.#height = this.head.height;
    for (const wake of [...this.#waiters]) wake();
  }
}
