import { bytesToBase64, bytesToHex, isConcordatError } from "@concordat/base";
import { type Checkpoint, parseCheckpoint } from "../checkpoint/note.ts";
import { encodeConfigEnvelope } from "../encoding/config.ts";
import { ledgerErrors } from "../errors.ts";
import { MerkleLogDamagedError } from "../merkle/errors.ts";
import type {
  ChannelConfig,
  ChannelStatus,
  CheckpointSigner,
  CheckpointSignerKey,
  ConsistencyProof,
  EvaluateRequest,
  OrderResult,
  Receipt,
  SimulationRequest,
  SubmitRequest,
  SubmitResult,
  TrustBundleChannel,
} from "../ports.ts";
import type { SnapshotBase } from "../snapshot/manifest.ts";
import { ChannelLog } from "./channel-log.ts";
import { type ChannelStores, treesOf } from "./channel-stores.ts";
import { CONFIG_KEY, CONFIG_NAMESPACE } from "./effects.ts";
import { type ConfigInForce, checkConfig, signersFor, trustOf } from "./organizations.ts";
import { Pipeline, type PipelineDependencies } from "./pipeline.ts";
import { buildReceipt, consistencyPaths, type Trees } from "./receipt.ts";
import { rebuildTree } from "./replay.ts";
import { ChannelSimulation } from "./simulation.ts";
import { hashState } from "./state-hash.ts";

const LIFELONG_SETTINGS = ["channelId", "origin", "stateDatabase", "cryptography"] as const;

export interface ChannelStart {
  readonly config: ChannelConfig;
  readonly configSequence: number;
  /** The block that put the configuration in force. */
  readonly configBlock: number;
  /** The latest time that the channel itself gave a transaction. */
  readonly lastTimestampMs: number;
  /** The last block's checkpoint, parsed and as it stands. */
  readonly last: { readonly proof: Checkpoint; readonly note: string };
}

/** One channel of the ledger: its log, its world state, and the proofs over both. */
export class Channel {
  readonly #stores: ChannelStores;
  readonly #pipeline: Pipeline;
  /** Its durable blocks. */
  readonly log: ChannelLog;
  #config: ChannelConfig;
  #configSequence: number;
  #configBlock: number;
  #updates: Promise<void> = Promise.resolve();

  constructor(start: ChannelStart, stores: ChannelStores, dependencies: PipelineDependencies) {
    this.#stores = stores;
    this.#config = start.config;
    this.#configSequence = start.configSequence;
    this.#configBlock = start.configBlock;
    this.#pipeline = new Pipeline(start, stores, dependencies);
    this.log = new ChannelLog({ channelId: start.config.channelId }, { stores, pipeline: this.#pipeline });
    // Closed segments are not read at the start; damage in one is found in the background and stops the channel.
    stores.blocks.scrub().catch((cause: unknown) => {
      if (!isConcordatError(cause, "CLOSED")) this.#pipeline.fail(cause);
    });
  }

  get config(): ChannelConfig {
    return this.#config;
  }

  get configBlock(): number {
    return this.#configBlock;
  }

  unlock(signers: readonly CheckpointSignerKey[]): void {
    this.#pipeline.setSigners(signersFor(this.#config, signers));
  }

  async update(config: ChannelConfig, signers: readonly CheckpointSignerKey[]): Promise<void> {
    checkConfig(config);
    const { channelId } = this.#config;
    if (LIFELONG_SETTINGS.some((name) => config[name] !== this.#config[name])) {
      throw ledgerErrors.configInvalid("A channel keeps its id, origin, state database and cryptography for life.");
    }
    if (!this.#pipeline.hasSigners) throw ledgerErrors.channelReadOnly(channelId);
    // One after the other: each takes the next sequence, and one that is refused leaves configuration and sequence as they were.
    const updated = this.#updates.then(async () => {
      const sequence = this.#configSequence + 1;
      this.#configBlock = await this.#pipeline.configure(config, sequence, signersFor(config, signers));
      this.#configSequence = sequence;
      this.#config = config;
    });
    this.#updates = updated.catch(() => undefined);
    await updated;
  }

  status(): ChannelStatus {
    const { tip } = this.#pipeline;
    return {
      channelId: this.#config.channelId,
      origin: this.#config.origin,
      displayName: this.#config.displayName,
      height: tip.height,
      transactionCount: tip.treeSize,
      configSequence: this.#configSequence,
      organizations: this.#config.organizations.map(({ mspId, displayName }) => ({ mspId, displayName })),
      checkpoint: tip.checkpoint,
      failed: this.#pipeline.failure !== undefined,
    };
  }

  submit(request: SubmitRequest): Promise<SubmitResult> {
    return this.#pipeline.submit(request);
  }

  evaluate(request: EvaluateRequest): Promise<Uint8Array> {
    return this.#pipeline.evaluate(request, this.#config);
  }

  order(envelope: Uint8Array): Promise<OrderResult> {
    // A piece of something larger would keep all of it in memory while it waits.
    const own = envelope.length === envelope.buffer.byteLength ? envelope : new Uint8Array(envelope);
    return this.#pipeline.order(own, this.#config);
  }

  /** Begins a simulation on the durable state, or on the one that another simulation of this channel sees. */
  simulate({ txId, timestamp }: SimulationRequest, same?: ChannelSimulation): ChannelSimulation {
    const config = this.#config;
    return new ChannelSimulation({
      ...this.#pipeline.openPicture(same?.picture),
      run: (step, state) => this.#pipeline.run(step, state, { config, txId, timestamp }),
    });
  }

  async receipt(txId: string, withEnvelope: boolean): Promise<Receipt> {
    const { block, index } = this.log.locate(txId);
    const read = await this.log.read(block);
    return this.#withTrees((trees) => buildReceipt(read, index, withEnvelope, trees));
  }

  async checkpoint(number?: number): Promise<string> {
    if (number === undefined) return this.#pipeline.tip.checkpoint;
    return (await this.log.read(number)).stored.checkpoint;
  }

  async consistencyProof(fromBlock: number, toBlock: number): Promise<ConsistencyProof> {
    const [from, to] = [await this.log.read(fromBlock), await this.log.read(toBlock)];
    if (fromBlock > toBlock) throw ledgerErrors.blockUnknown(fromBlock, toBlock + 1);
    const [fromSize, toSize] = [from.stored.proof.size, to.stored.proof.size];
    const proofs = { m: from.stored.proof, n: to.stored.proof };
    const paths = await this.#withTrees((trees) => consistencyPaths(proofs, trees));
    return {
      fromSize,
      toSize,
      ...paths,
      fromCheckpoint: from.stored.checkpoint,
      toCheckpoint: to.stored.checkpoint,
    };
  }

  async trust(): Promise<TrustBundleChannel> {
    return trustOf(await this.configHistory());
  }

  /** Every configuration of the channel that is stored here, oldest first. */
  async configHistory(): Promise<readonly ConfigInForce[]> {
    await this.#pipeline.applied();
    const history: ConfigInForce[] = [];
    for await (const { block } of this.#stores.index.history(CONFIG_NAMESPACE, CONFIG_KEY)) {
      if (block >= this.#stores.blocks.firstBlock) {
        history.unshift({ block, ...(await this.log.read(block)).config() });
      }
    }
    return [...this.#stores.baseConfigs, ...history];
  }

  waitForBlock(block: number): Promise<void> {
    return this.#pipeline.waitForHeight(block + 1);
  }

  /** The signers of the configuration in force. @throws LedgerError CHANNEL_READ_ONLY */
  get signers(): readonly CheckpointSigner[] {
    if (!this.#pipeline.hasSigners) throw ledgerErrors.channelReadOnly(this.#config.channelId);
    return this.#pipeline.signers;
  }

  /** Where a log that goes on from here starts. */
  async base(): Promise<SnapshotBase> {
    const { height, checkpoint } = this.#pipeline.tip;
    return {
      format: "concordat-base/1",
      origin: this.#config.origin,
      height,
      headerHash: bytesToHex(parseCheckpoint(checkpoint).headerHash),
      lastTimestampMs: this.#pipeline.lastTimestampMs,
      frontier: this.#stores.merkle.frontier(),
      ...(this.#stores.sm3 === undefined ? {} : { sm3Frontier: this.#stores.sm3.frontier() }),
      checkpoint,
    };
  }

  async *configEnvelopes(): AsyncGenerator<{ readonly block: number; readonly configEnvelope: string }> {
    for (const { block, config, sequence } of await this.configHistory()) {
      yield { block, configEnvelope: bytesToBase64(encodeConfigEnvelope(config, sequence)) };
    }
  }

  async allMeters(): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> {
    await this.#pipeline.applied();
    return Object.fromEntries(
      this.#config.contracts.map((contract) => [contract, this.#stores.index.meters(contract, "")]),
    );
  }

  async meters(contract: string, prefix: string): Promise<Readonly<Record<string, number>>> {
    await this.#pipeline.applied();
    return this.#stores.index.meters(contract, prefix);
  }

  async stateHash(): Promise<string> {
    await this.#pipeline.applied();
    return bytesToHex(await hashState(this.#stores.state.dump()));
  }

  /** Everything durable is in the derived stores afterwards, and nothing is appended while `work` runs. */
  quiet<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#pipeline.quiet(work);
  }

  get stores(): ChannelStores {
    return this.#stores;
  }

  async close(): Promise<void> {
    await this.#pipeline.close();
    await this.#stores.close();
  }

  /** The trees' files are derived: when a proof from one does not hold, they are computed again and asked once more. */
  async #withTrees<Result>(prove: (trees: Trees) => Result): Promise<Result> {
    const { blocks, baseSize } = this.#stores;
    try {
      return prove(this.#stores);
    } catch (error) {
      if (!(error instanceof MerkleLogDamagedError)) throw error;
      await this.quiet(async () => {
        for (const tree of treesOf(this.#stores)) await rebuildTree(blocks, tree, baseSize);
      });
      return prove(this.#stores);
    }
  }
}
