import type { Clock, Logger, RandomSource } from "@concordat/base";
import type { Contract } from "../contract-api/index.ts";
import { ledgerErrors } from "../errors.ts";
import type {
  ChannelConfig,
  CheckpointSigner,
  EvaluateRequest,
  OrderResult,
  SubmitRequest,
  SubmitResult,
} from "../ports.ts";
import type { CreatorCache } from "../runtime/creators.ts";
import type { StateView } from "../runtime/view.ts";
import { type CutBlock, effectsOfCut } from "./block-builder.ts";
import type { ChannelStart } from "./channel.ts";
import type { ChannelStores } from "./channel-stores.ts";
import { Committer } from "./committer.ts";
import { Deriver } from "./deriver.ts";
import type { BlockEffects } from "./effects.ts";
import { checkEnvelope } from "./envelope-check.ts";
import { EnvelopeValidator } from "./envelope-validator.ts";
import { Executor } from "./executor.ts";
import { HeightFollowers } from "./height-followers.ts";
import { createHistoryReader } from "./history-reader.ts";
import type { Picture } from "./pictures.ts";
import { RecentTransactions } from "./recent-transactions.ts";
import { Sequencer } from "./sequencer.ts";
import { toTransactionTime } from "./transaction-clock.ts";
import { type HistoryReader, type OpenedPicture, WorldState } from "./world-state.ts";

/** Blocks that may wait for the disk, and for the derived stores, before execution pauses. */
const COMMIT_BACKLOG_MAX = 8;
const DERIVE_BACKLOG_MAX = 256;

export interface PipelineDependencies {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly creators: CreatorCache;
}

export interface DurableTip {
  readonly height: number;
  readonly treeSize: number;
  readonly checkpoint: string;
}

/**
 * The way of a transaction through one channel: sequencer (order, execution, blocks), committer (segments and anchor), deriver (state,
 * history, indexes). Each stage works while the next one is busy.
 */
export class Pipeline {
  readonly #stores: ChannelStores;
  readonly #dependencies: PipelineDependencies;
  readonly #world: WorldState;
  readonly #executor: Executor;
  readonly #validator: EnvelopeValidator;
  readonly #sequencer: Sequencer;
  readonly #committer: Committer;
  readonly #deriver: Deriver;
  readonly #durableView: StateView;
  readonly #history: HistoryReader;
  readonly #recent: RecentTransactions;
  readonly #channelId: string;
  #tip: DurableTip;
  readonly #followers = new HeightFollowers();
  #lastTimestampMs: number;
  #failure: { readonly cause: unknown } | undefined;
  #closed = false;

  constructor(start: ChannelStart, stores: ChannelStores, dependencies: PipelineDependencies) {
    this.#stores = stores;
    this.#dependencies = dependencies;
    this.#channelId = start.config.channelId;
    this.#recent = new RecentTransactions(stores);
    this.#lastTimestampMs = start.lastTimestampMs;
    this.#tip = {
      height: stores.blocks.height,
      treeSize: start.last.proof.size,
      checkpoint: start.last.note,
    };
    this.#world = new WorldState(stores.state);
    this.#history = createHistoryReader(stores);
    this.#durableView = this.#world.durableView(this.#history, () => this.applied());
    const executionView = this.#world.executionView(this.#history, () => this.#sequencer.settle());
    this.#validator = new EnvelopeValidator({
      view: executionView,
      isKnown: (txId) => this.#recent.isKnown(txId),
    });
    this.#executor = new Executor({
      ...dependencies,
      view: executionView,
      isPending: (namespace, key) => this.#world.isPending(namespace, key),
      isOrdered: (txId) => this.#recent.isOrdered(txId),
    });
    this.#deriver = new Deriver(
      {
        clock: dependencies.clock,
        contracts: dependencies.contracts,
        onApplied: (blocks) => this.#applied(blocks),
        onFailed: (cause) => this.fail(cause),
      },
      stores,
    );
    this.#committer = new Committer(
      {
        onDurable: (blocks) => this.#durable(blocks),
        onFailed: (cause, lost) => this.#lost(cause, lost),
        onIdle: () => this.#sequencer.committerIdle(),
      },
      stores,
    );
    this.#sequencer = this.#createSequencer(start);
  }

  get tip(): DurableTip {
    return this.#tip;
  }

  get failure(): unknown {
    return this.#failure?.cause;
  }

  get hasSigners(): boolean {
    return this.#sequencer.hasSigners;
  }

  get signers(): readonly CheckpointSigner[] {
    return this.#sequencer.signers;
  }

  get lastTimestampMs(): number {
    return this.#lastTimestampMs;
  }

  setSigners(signers: readonly CheckpointSigner[]): void {
    this.#sequencer.setSigners(signers);
  }

  submit(request: SubmitRequest): Promise<SubmitResult> {
    const refusal = this.#refusal();
    return refusal === undefined ? this.#sequencer.submit(request) : Promise.reject(refusal);
  }

  /**
   * Answers the verdict when its block is durable. `config` is the one in force as far as is durable.
   * @throws LedgerError at once, instead of rejecting, what keeps the envelope from getting a place: ENVELOPE_REFUSED, OVERLOADED, ...
   */
  order(envelope: Uint8Array, config: ChannelConfig): Promise<OrderResult> {
    const refusal = this.#refusal();
    if (refusal !== undefined) throw refusal;
    if (!this.hasSigners) throw ledgerErrors.channelReadOnly(this.#channelId);
    const headers = checkEnvelope(envelope, { msps: this.#validator.mspsOf(config), nowMs: this.nowMs });
    return this.#sequencer.order(envelope, headers);
  }

  /** The channel's time: the wall clock's, but never before the last that it gave a transaction. */
  get nowMs(): number {
    return Math.max(this.#lastTimestampMs, this.#dependencies.clock.nowMs());
  }

  /** The durable state of now, or the one that another picture shows. To be released. */
  openPicture(same?: Picture): OpenedPicture {
    const refusal = this.#refusal();
    if (refusal !== undefined) throw refusal;
    return this.#world.openPicture(same, this.#tip.height, {
      history: this.#history,
      applied: () => this.applied(),
      refusal: () => this.#refusal(),
    });
  }

  /** Runs a built-in contract in a simulation. */
  run: Executor["simulate"] = (step, state, proposal) => {
    const refusal = this.#refusal();
    return refusal === undefined ? this.#executor.simulate(step, state, proposal) : Promise.reject(refusal);
  };

  /** Transactions that have their place. */
  get transactions(): RecentTransactions {
    return this.#recent;
  }

  /** Answers the block that puts it in force. */
  configure(config: ChannelConfig, sequence: number, signers: readonly CheckpointSigner[]): Promise<number> {
    const refusal = this.#refusal();
    return refusal === undefined ? this.#sequencer.configure(config, sequence, signers) : Promise.reject(refusal);
  }

  evaluate(request: EvaluateRequest, config: ChannelConfig): Promise<Uint8Array> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.#executor.evaluate(request, config, toTransactionTime(this.nowMs), this.#durableView);
  }

  /** Settles when the channel has that many durable blocks. @throws LedgerError CLOSED or CHANNEL_FAILED when it never will */
  waitForHeight(height: number): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    if (this.#tip.height >= height) return Promise.resolve();
    return this.#followers.waitFor(height);
  }

  /** Settles when everything durable is in the derived stores. */
  applied(): Promise<void> {
    return this.#deriver.caughtUp();
  }

  async quiet<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#sequencer.exclusive(async () => {
      await this.#sequencer.settle();
      return work();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#sequencer.drain();
    await this.#committer.drained();
    await this.#deriver.caughtUp().catch(() => undefined);
    this.#followers.wake(this.#tip.height, this.#refusal());
  }

  #createSequencer(start: ChannelStart): Sequencer {
    return new Sequencer(
      {
        config: start.config,
        signers: [],
        tip: {
          height: this.#stores.blocks.height,
          headerHash: start.last.proof.headerHash,
        },
        lastTimestampMs: start.lastTimestampMs,
      },
      {
        clock: this.#dependencies.clock,
        random: this.#dependencies.random,
        merkle: this.#stores.merkle,
        sm3: this.#stores.sm3,
        world: this.#world,
        executor: this.#executor,
        validator: this.#validator,
        ordered: (transaction) => this.#recent.ordered(transaction),
        commit: (block) => this.#committer.enqueue(block),
        committerIdle: () => this.#committer.idle,
        room: () => this.#room(),
        settled: async () => {
          await this.#committer.drained();
          await this.#deriver.caughtUp();
        },
      },
    );
  }

  #refusal(): Error | undefined {
    if (this.#failure !== undefined) return ledgerErrors.channelFailed(this.#channelId, this.#failure.cause);
    return this.#closed ? ledgerErrors.closed() : undefined;
  }

  async #room(): Promise<void> {
    if (this.#committer.backlog >= COMMIT_BACKLOG_MAX) await this.#committer.drained();
    if (this.#deriver.backlog >= DERIVE_BACKLOG_MAX) await this.#deriver.below(DERIVE_BACKLOG_MAX / 2);
  }

  #durable(blocks: readonly CutBlock[]): void {
    const effects: BlockEffects[] = [];
    for (const block of blocks) {
      this.#tip = { height: block.number + 1, treeSize: block.treeSize, checkpoint: block.checkpoint };
      const entry = effectsOfCut(block);
      for (const write of entry.writes) this.#world.madeDurable(write);
      for (const { placed } of block.transactions) placed.isDurable = true;
      this.#lastTimestampMs = entry.lastTimestampMs ?? this.#lastTimestampMs;
      this.#recent.durable(entry);
      effects.push(entry);
    }
    this.#deriver.enqueue(effects);
    for (const block of blocks) {
      for (const transaction of block.transactions) transaction.settle();
      this.#sequencer.blockSettled(block);
    }
    this.#followers.wake(this.#tip.height, this.#refusal());
  }

  #applied(blocks: readonly BlockEffects[]): void {
    for (const block of blocks) {
      for (const write of block.writes) this.#world.inDatabase(write);
      this.#recent.indexed(block);
    }
  }

  #lost(cause: unknown, blocks: readonly CutBlock[]): void {
    this.fail(cause);
    for (const block of blocks) {
      for (const transaction of block.transactions) transaction.settle({ cause: this.#failure?.cause });
      this.#sequencer.blockSettled(block);
    }
  }

  /** Stops the channel: what was read or written cannot be trusted until a restart has looked at it. */
  fail(cause: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { cause };
    this.#dependencies.log.error("channel stopped after a storage failure", {
      channel: this.#channelId,
      reason: cause instanceof Error ? cause.message : "unknown",
    });
    this.#followers.wake(this.#tip.height, this.#refusal());
  }
}
