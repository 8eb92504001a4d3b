import type { Clock, RandomSource } from "@concordat/base";
import { encodeConfigTransaction } from "../encoding/config.ts";
import { ledgerErrors } from "../errors.ts";
import type { MerkleLog } from "../merkle/log.ts";
import type { ChannelConfig, CheckpointSigner, SubmitRequest, SubmitResult } from "../ports.ts";
import type { StateWrite } from "../state/ports.ts";
import {
  type ChainTip,
  type CutBlock,
  cutBlock,
  type OrderedTransaction,
  type PlacedTransaction,
} from "./block-builder.ts";
import { CONFIG_KEY, CONFIG_NAMESPACE, VALID } from "./effects.ts";
import type { ExecutedTransaction, ExecutionOutcome, Executor } from "./executor.ts";
import { TransactionClock } from "./transaction-clock.ts";
import type { WorldState } from "./world-state.ts";

/** Calls that may wait for execution; beyond it a call is refused at once instead of growing the queue. */
const QUEUE_MAX = 20_000;
const ENVELOPE_OVERHEAD_BYTES = 16;
/** Transactions executed in a row before input and output get a turn: each step of a commit waits for one. */
const EXECUTE_RUN_MAX = 25;

export interface SequencerDependencies {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly merkle: MerkleLog;
  /** SM channels only. */
  readonly sm3: MerkleLog | undefined;
  readonly world: WorldState;
  readonly executor: Executor;
  /** Told of each transaction that has got its place. */
  readonly ordered: (transaction: PlacedTransaction) => void;
  /** Takes a cut block on its way to the disk. */
  readonly commit: (block: CutBlock) => void;
  /** Whether the disk has nothing to do. */
  readonly committerIdle: () => boolean;
  /** Settles when the stages behind have room again. */
  readonly room: () => Promise<void>;
  /** Settles when everything cut so far is durable and applied to the derived stores. */
  readonly settled: () => Promise<void>;
}

interface SubmitCall {
  readonly request: SubmitRequest;
  readonly resolve: (result: SubmitResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** A call to execute, or something else to do between two calls. */
type Work = SubmitCall | (() => Promise<void>);

/**
 * Puts one channel's transactions in order, executes the serial ones, and cuts blocks by count, bytes, timeout, or, where the
 * channel says so, as soon as the committer is idle.
 *
 * Invariants: one transaction executes at a time and sees the writes of all before it; transaction times never decrease; a
 * refusal that may rest on writes not yet durable is answered only after those are durable.
 */
export class Sequencer {
  readonly #dependencies: SequencerDependencies;
  readonly #times: TransactionClock;
  #config: ChannelConfig;
  #signers: readonly CheckpointSigner[];
  #tip: ChainTip;
  #queue: Work[] = [];
  #queueHead = 0;
  #running: Promise<void> | undefined;
  #open: OrderedTransaction[] = [];
  #openBytes = 0;
  #cancelTimeout: (() => void) | undefined;
  /** Transactions that got their place, and those of them whose fate is known, since the start. */
  #orderedCount = 0;
  #settledCount = 0;
  /** Refusals that wait, in order, for the transactions ordered before them. */
  #refusals: { readonly after: number; readonly answer: () => void }[] = [];

  constructor(
    options: {
      readonly config: ChannelConfig;
      readonly signers: readonly CheckpointSigner[];
      readonly tip: ChainTip;
      readonly lastTimestampMs: number;
    },
    dependencies: SequencerDependencies,
  ) {
    this.#config = options.config;
    this.#signers = options.signers;
    this.#tip = options.tip;
    this.#times = new TransactionClock(options.lastTimestampMs, dependencies.clock);
    this.#dependencies = dependencies;
  }

  setSigners(signers: readonly CheckpointSigner[]): void {
    this.#signers = signers;
  }

  get signers(): readonly CheckpointSigner[] {
    return this.#signers;
  }

  get hasSigners(): boolean {
    return this.#signers.length > 0;
  }

  submit(request: SubmitRequest): Promise<SubmitResult> {
    if (this.#queue.length - this.#queueHead >= QUEUE_MAX) return Promise.reject(ledgerErrors.overloaded(QUEUE_MAX));
    return new Promise((resolve, reject) => this.#enqueue({ request, resolve, reject }));
  }

  /** Orders a configuration transaction in a block of its own. `signers` hold every checkpoint key of the new configuration. */
  configure(config: ChannelConfig, sequence: number, signers: readonly CheckpointSigner[]): Promise<void> {
    return new Promise((resolve, reject) =>
      // A configuration that cannot be encoded is refused; it must not end the loop that all calls wait for.
      this.#enqueue(() => this.#order(config, sequence, signers, resolve, reject).catch(reject)),
    );
  }

  /** Cuts what is open and settles when all of it is durable and in the derived stores. */
  async settle(): Promise<void> {
    this.#cut();
    await this.#dependencies.settled();
  }

  /** Runs `work` between two transactions. */
  exclusive<Result>(work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => this.#enqueue(() => work().then(resolve, reject)));
  }

  /** Executes what waits, cuts it, and settles when it is durable. */
  async drain(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    await this.settle();
  }

  /** The committer has nothing to do: a channel that cuts when idle gives it what is open. */
  committerIdle(): void {
    if (this.#config.blockCutting.cutWhenIdle && this.#running === undefined) this.#cut();
  }

  /** Told of each block whose fate is known, durable or failed. */
  blockSettled(block: CutBlock): void {
    this.#settledCount += block.transactions.length;
    let ready = 0;
    for (const { after, answer } of this.#refusals) {
      if (after > this.#settledCount) break;
      answer();
      ready += 1;
    }
    if (ready > 0) this.#refusals = this.#refusals.slice(ready);
  }

  #enqueue(work: Work): void {
    this.#queue.push(work);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // Calls that arrive in one tick go into one block.
    await Promise.resolve();
    let run = 0;
    for (let work = this.#next(); work !== undefined; work = this.#next()) {
      if (typeof work === "function") await work();
      else if (this.#signers.length === 0) work.reject(ledgerErrors.channelReadOnly(this.#config.channelId));
      else {
        try {
          const time = this.#times.next();
          this.#take(work, await this.#dependencies.executor.execute(work.request, this.#config, time));
        } catch (cause) {
          work.reject(cause);
        }
      }
      run += 1;
      if (run % EXECUTE_RUN_MAX === 0) await this.#breathe();
    }
    this.#running = undefined;
    if (this.#open.length === 0) return;
    if (this.#config.blockCutting.cutWhenIdle && this.#dependencies.committerIdle()) this.#cut();
    else this.#armTimeout();
  }

  #next(): Work | undefined {
    const work = this.#queue[this.#queueHead];
    this.#queueHead += 1;
    if (work === undefined) {
      this.#queue = [];
      this.#queueHead = 0;
    }
    return work;
  }

  /** Orders what a call has done, or refuses the call. */
  #take({ resolve, reject }: SubmitCall, outcome: ExecutionOutcome): void {
    if ("refusal" in outcome) {
      if (outcome.immediate) reject(outcome.refusal);
      else this.#answerWhenSettled(() => reject(outcome.refusal));
      return;
    }
    this.#makeRoom(outcome.envelope.length);
    const { txId, timestampMs, result, recordedRefusal } = outcome;
    const placed = this.#place(outcome);
    this.#append(outcome, placed, (failure) => {
      if (failure !== undefined) reject(ledgerErrors.outcomeUnknown(failure.cause));
      else if (recordedRefusal !== undefined) reject(recordedRefusal);
      else resolve({ txId, timestampMs, result, block: placed.block, index: placed.index });
    });
    if (this.#open.length >= this.#config.blockCutting.messageCountMax) this.#cut();
  }

  async #order(
    config: ChannelConfig,
    sequence: number,
    signers: readonly CheckpointSigner[],
    resolve: () => void,
    reject: (reason: unknown) => void,
  ): Promise<void> {
    this.#cut();
    const time = this.#times.next();
    const { envelope, configEnvelope, txId } = encodeConfigTransaction({
      config,
      sequence,
      timestamp: time,
      nonce: this.#dependencies.random.bytes(24),
    });
    // Both the keys before and the keys after sign the block, so that each side vouches for the change.
    const both = new Map([...this.#signers, ...signers].map((signer) => [signerName(signer), signer]));
    this.#signers = [...both.values()];
    const transaction = {
      txId,
      kind: 0,
      validationCode: VALID,
      envelope,
      timestampMs: time.ms,
      namespace: CONFIG_NAMESPACE,
      writes: [{ key: CONFIG_KEY, value: configEnvelope }],
    } as const;
    this.#append(transaction, this.#place(transaction), (failure) =>
      failure === undefined ? resolve() : reject(ledgerErrors.outcomeUnknown(failure.cause)),
    );
    this.#config = config;
    this.#cut();
    this.#signers = signers;
  }

  /** Cuts first when the transaction would make the open block larger than the channel wants. */
  #makeRoom(envelopeBytes: number): void {
    const bytes = envelopeBytes + ENVELOPE_OVERHEAD_BYTES;
    if (this.#open.length > 0 && this.#openBytes + bytes > this.#config.blockCutting.bytesMax) this.#cut();
    this.#openBytes += bytes;
  }

  /** The next free place. */
  #place({ txId, validationCode }: ExecutedTransaction): PlacedTransaction {
    return { txId, block: this.#tip.height, index: this.#open.length, validationCode, isDurable: false };
  }

  #append(
    { kind, envelope, timestampMs, namespace, writes }: ExecutedTransaction,
    placed: PlacedTransaction,
    settle: OrderedTransaction["settle"],
  ): void {
    const ordered: StateWrite[] = [];
    // A place is the version of all that is written there.
    for (const { key, value } of writes) ordered.push({ namespace, key, value, version: placed });
    this.#open.push({ placed, kind, envelope, timestampMs, writes: ordered, settle });
    this.#orderedCount += 1;
    this.#dependencies.world.executed(ordered);
    this.#dependencies.ordered(placed);
  }

  #cut(): void {
    this.#cancelTimeout?.();
    this.#cancelTimeout = undefined;
    if (this.#open.length === 0) return;
    const block = cutBlock(
      { origin: this.#config.origin, tip: this.#tip, transactions: this.#open },
      { merkle: this.#dependencies.merkle, sm3: this.#dependencies.sm3, signers: this.#signers },
    );
    this.#tip = { height: block.number + 1, headerHash: block.headerHash };
    this.#open = [];
    this.#openBytes = 0;
    this.#dependencies.commit(block);
  }

  #armTimeout(): void {
    this.#cancelTimeout ??= this.#dependencies.clock.after(this.#config.blockCutting.timeoutMs, () => {
      this.#cancelTimeout = undefined;
      this.#cut();
    });
  }

  #answerWhenSettled(answer: () => void): void {
    if (this.#settledCount === this.#orderedCount) answer();
    else this.#refusals.push({ after: this.#orderedCount, answer });
  }

  /** Lets input and output happen, and waits while the stages behind are full. */
  async #breathe(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await this.#dependencies.room();
  }
}

function signerName(signer: CheckpointSigner): string {
  return `${signer.mspId} ${Buffer.from(signer.publicKey).toString("hex")}`;
}
