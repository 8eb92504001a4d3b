import type { Clock, Logger, RandomSource } from "@concordat/base";
import type { Contract, KeyModification } from "../contract-api/index.ts";
import { ledgerErrors } from "../errors.ts";
import type { TransactionPosition } from "../history/ports.ts";
import type { ChannelConfig, CheckpointSigner, EvaluateRequest, SubmitRequest, SubmitResult } from "../ports.ts";
import type { CreatorCache } from "../runtime/creators.ts";
import type { StateView } from "../runtime/view.ts";
import type { StateWrite } from "../state/ports.ts";
import type { CutBlock, PlacedTransaction } from "./block-builder.ts";
import { BlockReader } from "./block-reader.ts";
import type { ChannelStart } from "./channel.ts";
import type { ChannelStores } from "./channel-stores.ts";
import { Committer } from "./committer.ts";
import { Deriver } from "./deriver.ts";
import { type BlockEffects, VALID } from "./effects.ts";
import { Executor } from "./executor.ts";
import { Sequencer } from "./sequencer.ts";
import { toTransactionTime } from "./transaction-clock.ts";
import { WorldState } from "./world-state.ts";

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
  readonly #sequencer: Sequencer;
  readonly #committer: Committer;
  readonly #deriver: Deriver;
  readonly #durableView: StateView;
  /** Ordered transactions that the index does not have yet. */
  readonly #recent = new Map<string, PlacedTransaction>();
  readonly #channelId: string;
  #tip: DurableTip;
  #followers: { readonly height: number; readonly resolve: () => void; readonly reject: (reason: unknown) => void }[] =
    [];
  #lastTimestampMs: number;
  #failure: { readonly cause: unknown } | undefined;
  #closed = false;

  constructor(start: ChannelStart, stores: ChannelStores, dependencies: PipelineDependencies) {
    this.#stores = stores;
    this.#dependencies = dependencies;
    this.#channelId = start.config.channelId;
    this.#lastTimestampMs = start.lastTimestampMs;
    this.#tip = {
      height: stores.blocks.height,
      treeSize: start.last.proof.size,
      checkpoint: start.last.note,
    };
    this.#world = new WorldState(stores.state);
    const history = (namespace: string, key: string) => this.#history(namespace, key);
    this.#durableView = this.#world.durableView(history, () => this.applied());
    this.#executor = new Executor({
      ...dependencies,
      view: this.#world.executionView(history, () => this.#sequencer.settle()),
      isPending: (namespace, key) => this.#world.isPending(namespace, key),
      isOrdered: (txId) => this.#recent.has(txId) || stores.index.transaction(txId)?.validationCode === VALID,
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

  configure(config: ChannelConfig, sequence: number, signers: readonly CheckpointSigner[]): Promise<void> {
    const refusal = this.#refusal();
    return refusal === undefined ? this.#sequencer.configure(config, sequence, signers) : Promise.reject(refusal);
  }

  evaluate(request: EvaluateRequest, config: ChannelConfig): Promise<Uint8Array> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    const time = toTransactionTime(Math.max(this.#lastTimestampMs, this.#dependencies.clock.nowMs()));
    return this.#executor.evaluate(request, config, time, this.#durableView);
  }

  /** Where a durable transaction stands. */
  locate(txId: string): TransactionPosition | undefined {
    const recent = this.#recent.get(txId);
    return recent?.isDurable === true ? recent : this.#stores.index.transaction(txId);
  }

  /** Settles when the channel has that many durable blocks. @throws LedgerError CLOSED or CHANNEL_FAILED when it never will */
  waitForHeight(height: number): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    if (this.#tip.height >= height) return Promise.resolve();
    return new Promise((resolve, reject) => this.#followers.push({ height, resolve, reject }));
  }

  #wakeFollowers(): void {
    const refusal = this.#refusal();
    const ready = this.#followers.filter(({ height }) => refusal !== undefined || this.#tip.height >= height);
    this.#followers = this.#followers.filter((follower) => !ready.includes(follower));
    for (const { height, resolve, reject } of ready) {
      if (this.#tip.height >= height) resolve();
      else reject(refusal);
    }
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
    this.#wakeFollowers();
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
        ordered: (transaction) => this.#recent.set(transaction.txId, transaction),
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
      this.#lastTimestampMs = block.transactions.at(-1)?.timestampMs ?? this.#lastTimestampMs;
      effects.push(entry);
    }
    this.#deriver.enqueue(effects);
    for (const block of blocks) {
      for (const transaction of block.transactions) transaction.settle();
      this.#sequencer.blockSettled(block);
    }
    if (this.#followers.length > 0) this.#wakeFollowers();
  }

  #applied(blocks: readonly BlockEffects[]): void {
    for (const block of blocks) {
      for (const write of block.writes) this.#world.inDatabase(write);
      for (const transaction of block.transactions) {
        if (this.#recent.get(transaction.txId) === transaction) this.#recent.delete(transaction.txId);
      }
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
    this.#wakeFollowers();
  }

  async *#history(namespace: string, key: string): AsyncGenerator<KeyModification> {
    const reader = new BlockReader(this.#stores.blocks);
    for await (const { block, index, isDelete } of this.#stores.index.history(namespace, key)) {
      const read = await reader.block(block);
      const { txId, timestampMs } = read.transaction(index);
      const value = isDelete ? undefined : read.write(index, key);
      yield {
        txId,
        timestamp: toTransactionTime(timestampMs),
        isDelete,
        value: value ?? new Uint8Array(0),
      };
    }
  }
}

/** Without the envelopes, whose memory must not wait for the derived stores. */
function effectsOfCut(block: CutBlock): BlockEffects {
  const writes: StateWrite[] = [];
  for (const transaction of block.transactions) writes.push(...transaction.writes);
  return { number: block.number, transactions: block.transactions.map(({ placed }) => placed), writes };
}
