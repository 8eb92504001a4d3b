import { type Clock, isConcordatError, type Logger } from "@concordat/base";
import type { ChannelConfig, CommittedBlock, Ledger, OrderResult } from "@concordat/ledger/client";
import { type ChannelMsps, createChannelMsps, TX_VALIDATION_CODE } from "@concordat/ledger/endorsement";
import { RecentTransactions, type TransactionPlace } from "./recent-transactions.ts";

const BLOCKS_AT_ONCE = 100;
const RETRY_MS = 1_000;

export interface ChannelHeadDependencies {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
}

type HeadListener = (blocks: readonly CommittedBlock[]) => void;

/**
 * Follows one channel's durable blocks for everybody in the process who cares: how far it has come, who its members are now, and what
 * became of which transaction. One question to the ledger for each new group of blocks, however many peers and streams listen.
 */
export class ChannelHead {
  readonly channelId: string;
  readonly recent = new RecentTransactions();
  readonly #dependencies: ChannelHeadDependencies;
  readonly #listeners = new Set<HeadListener>();
  readonly #transactionWaiters = new Map<string, Set<(place: TransactionPlace) => void>>();
  #height: number;
  #configBlock: number;
  #msps: ChannelMsps;
  #closed = false;
  #cancelRetry: (() => void) | undefined;

  private constructor(state: HeadState, dependencies: ChannelHeadDependencies) {
    this.channelId = state.config.channelId;
    this.#height = state.height;
    this.#configBlock = state.configBlock;
    this.#msps = createChannelMsps(state.config);
    this.#dependencies = dependencies;
    void this.#follow();
  }

  /** @throws LedgerError CHANNEL_UNKNOWN */
  static async open(channelId: string, dependencies: ChannelHeadDependencies): Promise<ChannelHead> {
    const { ledger } = dependencies;
    const [{ height }, config, configBlock] = await Promise.all([
      ledger.status(channelId),
      ledger.config(channelId),
      ledger.configBlock(channelId),
    ]);
    return new ChannelHead({ height, config, configBlock }, dependencies);
  }

  /** Number of durable blocks, as far as it is known here. */
  get height(): number {
    return this.#height;
  }

  /** The members by the newest configuration. Another object after each change. */
  get msps(): ChannelMsps {
    return this.#msps;
  }

  /** The block that put this configuration in force. */
  get configBlock(): number {
    return this.#configBlock;
  }

  get config(): ChannelConfig {
    return this.#msps.config;
  }

  /** What an orderer was told before the blocks come by here. */
  noteOrdered({ txId, block, validationCode }: OrderResult): void {
    if (validationCode !== TX_VALIDATION_CODE.DUPLICATE_TXID) this.recent.note(txId, { block, validationCode });
  }

  /** Calls back after each group of new blocks, in order; the returned function ends it. */
  onBlocks(listener: HeadListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back once, when a block holds the transaction; the returned function gives up waiting. */
  onTransaction(txId: string, callback: (place: TransactionPlace) => void): () => void {
    const waiters = this.#transactionWaiters.get(txId) ?? new Set();
    waiters.add(callback);
    this.#transactionWaiters.set(txId, waiters);
    return () => {
      waiters.delete(callback);
      if (waiters.size === 0 && this.#transactionWaiters.get(txId) === waiters) this.#transactionWaiters.delete(txId);
    };
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#listeners.clear();
    this.#transactionWaiters.clear();
  }

  /** Settles when the configuration that is in force at this moment counts here. */
  async refresh(): Promise<void> {
    await this.#takeConfig(await this.#dependencies.ledger.configBlock(this.channelId));
  }

  async #takeConfig(configBlock: number): Promise<void> {
    if (configBlock === this.#configBlock) return;
    this.#msps = createChannelMsps(await this.#dependencies.ledger.config(this.channelId));
    this.#configBlock = configBlock;
  }

  async #follow(): Promise<void> {
    const { ledger, clock, log } = this.#dependencies;
    while (!this.#closed) {
      try {
        await ledger.waitForBlock(this.channelId, this.#height);
        await this.#takeBlocks();
      } catch (error) {
        if (this.#closed || isConcordatError(error, "CLOSED")) return;
        log.warn("A channel cannot be followed", { channelId: this.channelId, error: String(error) });
        await new Promise<void>((resolve) => {
          this.#cancelRetry = clock.after(RETRY_MS, resolve);
        });
      }
    }
  }

  async #takeBlocks(): Promise<void> {
    const { ledger } = this.#dependencies;
    const [blocks, configBlock] = await Promise.all([
      ledger.committedBlocks(this.channelId, this.#height, BLOCKS_AT_ONCE),
      ledger.configBlock(this.channelId),
    ]);
    await this.#takeConfig(configBlock);
    const last = blocks.at(-1);
    if (last === undefined || this.#closed) return;
    this.#height = last.number + 1;
    for (const block of blocks) this.#noteTransactions(block);
    for (const listener of [...this.#listeners]) listener(blocks);
  }

  #noteTransactions({ number, transactions }: CommittedBlock): void {
    for (const { txId, validationCode } of transactions) {
      // Somebody sent an old id again: what became of the id was decided before.
      if (validationCode === TX_VALIDATION_CODE.DUPLICATE_TXID) continue;
      const place = { block: number, validationCode };
      this.recent.note(txId, place);
      const waiters = this.#transactionWaiters.get(txId);
      if (waiters === undefined) continue;
      this.#transactionWaiters.delete(txId);
      for (const callback of waiters) callback(place);
    }
  }
}

interface HeadState {
  readonly height: number;
  readonly config: ChannelConfig;
  readonly configBlock: number;
}
