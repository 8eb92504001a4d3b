import { join } from "node:path";
import {
  type Clock,
  type FileSystem,
  type Logger,
  nodeFileSystem,
  type RandomSource,
  silentLogger,
  systemClock,
  systemRandom,
} from "@concordat/base";
import { listChannelFolders } from "../block-store/channel-folder.ts";
import { Channel } from "../channel/channel.ts";
import { openChannelStores } from "../channel/channel-stores.ts";
import { createGenesis } from "../channel/genesis.ts";
import { checkConfig, signersFor } from "../channel/organizations.ts";
import type { Contract } from "../contract-api/index.ts";
import { assertChannelId } from "../encoding/names.ts";
import { ledgerErrors } from "../errors.ts";
import { originOf } from "../origin.ts";
import type { ChannelConfig, ChannelStatus, CheckpointSignerKey, Ledger } from "../ports.ts";
import { CreatorCache } from "../runtime/creators.ts";
import { OrderStreams } from "./order-streams.ts";
import { Simulations } from "./simulations.ts";

export interface LedgerOptions {
  /** The folder that holds `channels/`. Created when missing. One process at a time. */
  readonly directory: string;
  /** Where derived data goes, one folder a channel; by default `derived` in each channel's folder. */
  readonly derivedDirectory?: string;
  /** 16 hex characters; part of every channel's origin. */
  readonly installationId: string;
  readonly contracts: readonly Contract[];
  /** Size at which a new segment begins; 256 MiB by default. */
  readonly segmentBytesMax?: number;
}

export interface LedgerDependencies {
  readonly clock?: Clock;
  readonly random?: RandomSource;
  readonly fileSystem?: FileSystem;
  readonly log?: Logger;
}

/**
 * Opens the ledger in a folder, in this thread: recovers every channel from its segments and anchor, and brings the derived stores up to
 * date. Channels stay read-only until `unlockChannel` brings their signing keys.
 * @throws LedgerError STORE_DAMAGED when acknowledged data is missing or damaged, with the block number
 */
export async function openLedger(options: LedgerOptions, dependencies: LedgerDependencies = {}): Promise<Ledger> {
  const engine = new Engine(options, {
    clock: dependencies.clock ?? systemClock,
    random: dependencies.random ?? systemRandom,
    fileSystem: dependencies.fileSystem ?? nodeFileSystem,
    log: dependencies.log ?? silentLogger,
  });
  await engine.openAll();
  return engine;
}

class Engine implements Ledger {
  readonly #options: LedgerOptions;
  readonly #dependencies: Required<LedgerDependencies>;
  readonly #contracts: ReadonlyMap<string, Contract>;
  readonly #creators = new CreatorCache();
  readonly #channels = new Map<string, Channel>();
  readonly #creating = new Set<string>();
  readonly #simulations: Simulations;
  readonly #orderStreams = new OrderStreams();
  #closed = false;

  constructor(options: LedgerOptions, dependencies: Required<LedgerDependencies>) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#simulations = new Simulations(dependencies);
    this.#contracts = new Map(options.contracts.map((contract) => [contract.name, contract]));
  }

  async openAll(): Promise<void> {
    const names = await listChannelFolders({ channelsDirectory: this.#channelsDirectory }, this.#dependencies);
    for (const channelId of names) this.#channels.set(channelId, await this.#openChannel(channelId));
  }

  async createChannel(config: ChannelConfig, signers: readonly CheckpointSignerKey[]): Promise<ChannelStatus> {
    this.#checkOpen();
    assertChannelId(config.channelId);
    checkConfig(config);
    if (config.origin !== originOf(this.#options.installationId, config.channelId)) {
      throw ledgerErrors.configInvalid("The origin is not the one of this installation and channel.");
    }
    for (const contract of config.contracts) {
      if (!this.#contracts.has(contract)) throw ledgerErrors.contractUnknown(contract);
    }
    return this.#admit(config.channelId, async () => {
      await createGenesis(
        { channelsDirectory: this.#channelsDirectory, config },
        { ...this.#dependencies, signers: signersFor(config, signers) },
      );
      const channel = await this.#openChannel(config.channelId);
      channel.unlock(signers);
      return channel;
    });
  }

  async unlockChannel(channelId: string, signers: readonly CheckpointSignerKey[]): Promise<void> {
    this.#channel(channelId).unlock(signers);
  }

  async updateChannel(config: ChannelConfig, signers: readonly CheckpointSignerKey[]): Promise<ChannelStatus> {
    const channel = this.#channel(config.channelId);
    await channel.update(config, signers);
    return channel.status();
  }

  async channels(): Promise<readonly ChannelStatus[]> {
    this.#checkOpen();
    return [...this.#channels.values()]
      .map((channel) => channel.status())
      .sort((a, b) => (a.channelId < b.channelId ? -1 : 1));
  }

  status: Ledger["status"] = async (channelId) => this.#channel(channelId).status();
  config: Ledger["config"] = async (channelId) => this.#channel(channelId).config;
  submit: Ledger["submit"] = async (request) => this.#channel(request.channelId).submit(request);
  evaluate: Ledger["evaluate"] = async (request) => this.#channel(request.channelId).evaluate(request);
  order: Ledger["order"] = async ({ channelId, envelope, stream }) =>
    this.#orderStreams.order(stream, () => this.#channel(channelId).order(envelope));
  openSimulation: Ledger["openSimulation"] = async (request) => {
    const channel = this.#channel(request.channelId);
    const opened = await this.#simulations.open(request, (same) => channel.simulate(request, same));
    return { ...opened, isTransactionKnown: channel.log.isKnown(request.txId) };
  };
  simulate: Ledger["simulate"] = async (simulationId, step) => this.#simulations.step(simulationId, step);
  finishSimulation: Ledger["finishSimulation"] = async (simulationId, steps) =>
    this.#simulations.finish(simulationId, steps);
  dropSimulation: Ledger["dropSimulation"] = async (simulationId) => this.#simulations.drop(simulationId);
  committedBlocks: Ledger["committedBlocks"] = async (channelId, fromBlock, limit) =>
    this.#channel(channelId).log.committed(fromBlock, limit);
  blockNumberByHash: Ledger["blockNumberByHash"] = async (channelId, headerHash) =>
    this.#channel(channelId).log.numberByHash(headerHash);
  envelope: Ledger["envelope"] = async (channelId, txId) => this.#channel(channelId).log.envelope(txId);
  configBlock: Ledger["configBlock"] = async (channelId) => this.#channel(channelId).configBlock;
  hasTransaction: Ledger["hasTransaction"] = async (channelId, txId) =>
    this.#channel(channelId).log.hasTransaction(txId);
  transaction: Ledger["transaction"] = async (channelId, txId) => this.#channel(channelId).log.transaction(txId);
  block: Ledger["block"] = async (channelId, number) => this.#channel(channelId).log.block(number);
  blockBytes: Ledger["blockBytes"] = async (channelId, number) => this.#channel(channelId).log.bytes(number);
  receipt: Ledger["receipt"] = async (channelId, txId, options = {}) =>
    this.#channel(channelId).receipt(txId, options.withEnvelope === true);
  checkpoint: Ledger["checkpoint"] = async (channelId, block) => this.#channel(channelId).checkpoint(block);
  consistencyProof: Ledger["consistencyProof"] = async (channelId, fromBlock, toBlock) =>
    this.#channel(channelId).consistencyProof(fromBlock, toBlock);
  trust: Ledger["trust"] = async (channelId) => this.#channel(channelId).trust();
  events: Ledger["events"] = async (channelId, fromBlock, blockLimit) =>
    this.#channel(channelId).log.events(fromBlock, blockLimit);
  waitForBlock: Ledger["waitForBlock"] = async (channelId, block) => this.#channel(channelId).waitForBlock(block);
  meters: Ledger["meters"] = async (channelId, contract, prefix) => this.#channel(channelId).meters(contract, prefix);
  stateHash: Ledger["stateHash"] = async (channelId) => this.#channel(channelId).stateHash();

  async exportSnapshot(channelId: string, directory: string): Promise<void> {
    const { exportSnapshot } = await import("../snapshot/export.ts");
    await exportSnapshot(this.#channel(channelId), directory, this.#dependencies);
  }

  async importSnapshot(
    directory: string,
    signers: readonly CheckpointSignerKey[],
    trust: Parameters<Ledger["importSnapshot"]>[2],
  ): Promise<ChannelStatus> {
    this.#checkOpen();
    const channelId = trust.origin.slice(trust.origin.lastIndexOf("/") + 1);
    assertChannelId(channelId);
    const { importSnapshot } = await import("../snapshot/import.ts");
    return this.#admit(channelId, async () => {
      await importSnapshot(
        { from: directory, channelsDirectory: this.#channelsDirectory, channelId, trust },
        this.#dependencies,
      );
      const channel = await this.#openChannel(channelId);
      if (signers.length > 0) channel.unlock(signers);
      return channel;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#simulations.dropAll();
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    const closed = await Promise.allSettled(channels.map((channel) => channel.close()));
    const failed = closed.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  async #openChannel(channelId: string): Promise<Channel> {
    const { derivedDirectory, segmentBytesMax } = this.#options;
    const directory = join(this.#channelsDirectory, channelId);
    const { start, stores } = await openChannelStores(
      {
        directory,
        derivedDirectory:
          derivedDirectory === undefined ? join(directory, "derived") : join(derivedDirectory, channelId),
        contracts: this.#contracts,
        ...(segmentBytesMax === undefined ? {} : { segmentBytesMax }),
      },
      this.#dependencies,
    );
    return new Channel(start, stores, {
      ...this.#dependencies,
      contracts: this.#contracts,
      creators: this.#creators,
    });
  }

  /** Makes a channel under its name, once at a time. */
  async #admit(channelId: string, make: () => Promise<Channel>): Promise<ChannelStatus> {
    if (this.#channels.has(channelId) || this.#creating.has(channelId)) throw ledgerErrors.channelExists(channelId);
    this.#creating.add(channelId);
    try {
      const channel = await make();
      this.#channels.set(channelId, channel);
      return channel.status();
    } finally {
      this.#creating.delete(channelId);
    }
  }

  #channel(channelId: string): Channel {
    this.#checkOpen();
    const channel = this.#channels.get(channelId);
    if (channel === undefined) throw ledgerErrors.channelUnknown(channelId);
    return channel;
  }

  #checkOpen(): void {
    if (this.#closed) throw ledgerErrors.closed();
  }

  get #channelsDirectory(): string {
    return join(this.#options.directory, "channels");
  }
}
