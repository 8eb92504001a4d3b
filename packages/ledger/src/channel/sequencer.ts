import { encodeConfigTransaction } from "../encoding/config.ts";
import type { EnvelopeHeaders } from "../endorsement/ports.ts";
import { ledgerErrors } from "../errors.ts";
import type { ChannelConfig, CheckpointSigner, OrderResult, SubmitRequest, SubmitResult } from "../ports.ts";
import type { StateWrite } from "../state/ports.ts";
import {
  type ChainTip,
  type CutBlock,
  cutBlock,
  type OrderedTransaction,
  type PlacedTransaction,
} from "./block-builder.ts";
import { CONFIG_KEY, CONFIG_NAMESPACE, VALID } from "./effects.ts";
import type { ExecutionOutcome } from "./executor.ts";
import {
  type OrderCall,
  type SequencerDependencies,
  type SubmitCall,
  type Unplaced,
  versioned,
  type Work,
} from "./sequencer-work.ts";
import { SettledRefusals } from "./settled-refusals.ts";
import { TransactionClock } from "./transaction-clock.ts";
import { WorkQueue } from "./work-queue.ts";

/** Calls that may wait for execution; beyond it a call is refused at once instead of growing the queue. */
const QUEUE_MAX = 20_000;
/** Bytes of envelopes from outside that may wait, for the same reason. */
const QUEUE_BYTES_MAX = 256 * 2 ** 20;
const ENVELOPE_OVERHEAD_BYTES = 16;
/** Transactions executed in a row before input and output get a turn: each step of a commit waits for one. */
const EXECUTE_RUN_MAX = 25;

/**
 * Puts one channel's transactions in order, executes the serial ones, judges those from outside, and cuts blocks by count, bytes, timeout, or, where the
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
  readonly #queue = new WorkQueue<Work>();
  #queueBytes = 0;
  #running: Promise<void> | undefined;
  #open: OrderedTransaction[] = [];
  #openBytes = 0;
  #cancelTimeout: (() => void) | undefined;
  readonly #refusals = new SettledRefusals();

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
    if (this.#queue.length >= QUEUE_MAX) return Promise.reject(ledgerErrors.overloaded(QUEUE_MAX));
    return new Promise((resolve, reject) => this.#enqueue({ request, resolve, reject }));
  }

  /** Gives a transaction from outside its place and its verdict. The envelope passed `checkEnvelope`, which read the headers. @throws LedgerError OVERLOADED at once */
  order(envelope: Uint8Array, headers: EnvelopeHeaders): Promise<OrderResult> {
    const waiting = this.#queue.length;
    if (waiting >= QUEUE_MAX || this.#queueBytes + envelope.length > QUEUE_BYTES_MAX) {
      throw ledgerErrors.overloaded(waiting);
    }
    this.#queueBytes += envelope.length;
    return new Promise((resolve, reject) => this.#enqueue({ envelope, headers, resolve, reject }));
  }

  /** Orders a configuration transaction in a block of its own; answers its number. `signers` hold every checkpoint key of the new configuration. */
  configure(config: ChannelConfig, sequence: number, signers: readonly CheckpointSigner[]): Promise<number> {
    return new Promise((resolve, reject) =>
      // A configuration that cannot be encoded is refused; it must not end the loop that all calls wait for.
      this.#enqueue(() => this.#configure(config, sequence, signers, resolve, reject).catch(reject)),
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
    this.#refusals.settled(block.transactions.length);
  }

  #enqueue(work: Work): void {
    this.#queue.push(work);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // Calls that arrive in one tick go into one block.
    await Promise.resolve();
    let run = 0;
    for (let work = this.#queue.next(); work !== undefined; work = this.#queue.next()) {
      if (typeof work === "function") await work();
      else {
        try {
          if ("envelope" in work) await this.#judge(work);
          else await this.#execute(work);
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

  async #execute(call: SubmitCall): Promise<void> {
    this.#requireSigners();
    const time = this.#times.next();
    this.#take(call, await this.#dependencies.executor.execute(call.request, this.#config, time));
  }

  #requireSigners(): void {
    if (this.#signers.length === 0) throw ledgerErrors.channelReadOnly(this.#config.channelId);
  }

  async #judge({ envelope, headers, resolve, reject }: OrderCall): Promise<void> {
    this.#queueBytes -= envelope.length;
    this.#requireSigners();
    const { validationCode, writes } = await this.#dependencies.validator.judge(headers, this.#config);
    const { txId, timestampMs } = headers;
    const transaction = { txId, kind: 2, validationCode, envelope, timestampMs } as const;
    this.#makeRoom(envelope.length);
    const placed = this.#place(transaction);
    const { block, index } = placed;
    const ordered = writes.map(({ namespace, key, value }) => ({ namespace, key, value, version: placed }));
    this.#append(transaction, placed, ordered, (failure) => {
      if (failure === undefined) resolve({ txId, block, index, validationCode });
      else reject(ledgerErrors.outcomeUnknown(failure.cause));
    });
    this.#cutWhenFull();
  }

  /** Orders what a call has done, or refuses the call. */
  #take({ resolve, reject }: SubmitCall, outcome: ExecutionOutcome): void {
    if ("refusal" in outcome) {
      if (outcome.immediate) reject(outcome.refusal);
      else this.#refusals.answer(() => reject(outcome.refusal));
      return;
    }
    this.#makeRoom(outcome.envelope.length);
    const { txId, timestampMs, result, recordedRefusal } = outcome;
    const placed = this.#place(outcome);
    this.#append(outcome, placed, versioned(outcome, placed), (failure) => {
      if (failure !== undefined) reject(ledgerErrors.outcomeUnknown(failure.cause));
      else if (recordedRefusal !== undefined) reject(recordedRefusal);
      else resolve({ txId, timestampMs, result, block: placed.block, index: placed.index });
    });
    this.#cutWhenFull();
  }

  #cutWhenFull(): void {
    if (this.#open.length >= this.#config.blockCutting.messageCountMax) this.#cut();
  }

  async #configure(
    config: ChannelConfig,
    sequence: number,
    signers: readonly CheckpointSigner[],
    resolve: (block: number) => void,
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
    const placed = this.#place(transaction);
    this.#append(transaction, placed, versioned(transaction, placed), (failure) =>
      failure === undefined ? resolve(placed.block) : reject(ledgerErrors.outcomeUnknown(failure.cause)),
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
  #place({ txId, validationCode }: Unplaced): PlacedTransaction {
    return { txId, block: this.#tip.height, index: this.#open.length, validationCode, isDurable: false };
  }

  #append(
    { kind, envelope, timestampMs }: Unplaced,
    placed: PlacedTransaction,
    writes: readonly StateWrite[],
    settle: OrderedTransaction["settle"],
  ): void {
    this.#open.push({ placed, kind, envelope, timestampMs, writes, settle });
    this.#refusals.ordered();
    this.#dependencies.world.executed(writes);
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

  /** Lets input and output happen, and waits while the stages behind are full. */
  async #breathe(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await this.#dependencies.room();
  }
}

function signerName(signer: CheckpointSigner): string {
  return `${signer.mspId} ${Buffer.from(signer.publicKey).toString("hex")}`;
}
