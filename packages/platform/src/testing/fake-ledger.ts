import type { Clock } from "@concordat/base";
import { auditContract, collaborationContract, evidenceContract, tokenContract } from "@concordat/contracts";
import { MemoryChannel } from "@concordat/contracts/testing";
import { parseClientCertificate } from "@concordat/identity";
import type {
  BlockInfo,
  ChannelConfig,
  ChannelStatus,
  CheckpointSignerKey,
  CommittedBlock,
  ConsistencyProof,
  Contract,
  ContractEvent,
  Creator,
  EvaluateRequest,
  Ledger,
  OrderResult,
  Receipt,
  Simulation,
  SimulationAnswer,
  SimulationRequest,
  SimulationResults,
  SimulationStep,
  SubmitRequest,
  SubmitResult,
  TransactionInfo,
  TrustBundleChannel,
} from "@concordat/ledger";
import { ContractRefusal } from "@concordat/ledger/contract-api";
import { transactionIdOf } from "../ledger/transaction-id.ts";
import { FakeState } from "./fake-state.ts";
import { keysInFlight } from "./keys-in-flight.ts";
import { ledgerError } from "./ledger-error.ts";

export { ledgerError } from "./ledger-error.ts";

interface FakeTransaction {
  readonly block: number;
  readonly timestampMs: number;
}

interface FakeChannel {
  config: ChannelConfig;
  configSequence: number;
  /** The block that brought each organization; none leaves. */
  readonly joinedAt: Map<string, number>;
  signers: readonly string[];
  readonly memory: MemoryChannel;
  readonly transactions: Map<string, FakeTransaction>;
  readonly inFlight: Set<string>;
}

/**
 * A ledger in memory for the platform's tests: the built-in contracts run for real, each transaction is its own block, and there are
 * no bytes, proofs or files. Writes can be held, calls made to fail, and the process "restarted".
 */
export class FakeLedger implements Ledger {
  readonly #clock: Clock;
  readonly #channels = new Map<string, FakeChannel>();
  /** Beside the state of the built-in contracts. */
  readonly state = new FakeState();
  /** Settles before each write is applied: a pending promise holds writes in flight. */
  hold: Promise<void> = Promise.resolve();
  /** Thrown by the next call of the named method, once. */
  readonly failures = new Map<keyof Ledger, Error>();
  readonly calls: string[] = [];

  constructor(dependencies: { readonly clock: Clock }) {
    this.#clock = dependencies.clock;
  }

  /** The channels as a new process finds them: locked. */
  restart(): void {
    for (const channel of this.#channels.values()) channel.signers = [];
  }

  async createChannel(config: ChannelConfig, signers: readonly CheckpointSignerKey[]): Promise<ChannelStatus> {
    this.#enter("createChannel", config.channelId);
    if (this.#channels.has(config.channelId)) throw ledgerError("CHANNEL_EXISTS");
    this.#channels.set(config.channelId, {
      config,
      configSequence: 0,
      joinedAt: new Map(config.organizations.map(({ mspId }) => [mspId, 0])),
      signers: requireSigners(config, signers),
      memory: new MemoryChannel(contractOf(config), config.channelId),
      transactions: new Map(),
      inFlight: new Set(),
    });
    return this.status(config.channelId);
  }

  async unlockChannel(channelId: string, signers: readonly CheckpointSignerKey[]): Promise<void> {
    this.#enter("unlockChannel", channelId);
    const channel = this.#channel(channelId);
    channel.signers = requireSigners(channel.config, signers);
  }

  async updateChannel(config: ChannelConfig, signers: readonly CheckpointSignerKey[]): Promise<ChannelStatus> {
    this.#enter("updateChannel", config.channelId);
    const channel = this.#channel(config.channelId);
    channel.signers = requireSigners(config, signers);
    const block = 1 + channel.configSequence + channel.transactions.size;
    for (const { mspId } of config.organizations) {
      if (!channel.joinedAt.has(mspId)) channel.joinedAt.set(mspId, block);
    }
    channel.config = config;
    channel.configSequence++;
    return this.status(config.channelId);
  }

  async channels(): Promise<readonly ChannelStatus[]> {
    return Promise.all([...this.#channels.keys()].map((channelId) => this.status(channelId)));
  }

  async status(channelId: string): Promise<ChannelStatus> {
    const { config, configSequence, transactions } = this.#channel(channelId);
    const height = 1 + configSequence + transactions.size;
    const { origin, displayName, organizations } = config;
    return {
      channelId,
      origin,
      displayName,
      height,
      transactionCount: height,
      configSequence,
      failed: false,
      organizations: organizations.map(({ mspId, displayName }) => ({ mspId, displayName })),
      checkpoint: `${origin}\n${height}\n`,
    };
  }

  async config(channelId: string): Promise<ChannelConfig> {
    return this.#channel(channelId).config;
  }

  async submit(request: SubmitRequest): Promise<SubmitResult> {
    this.#enter("submit", request.fn);
    const channel = this.#channel(request.channelId);
    if (channel.signers.length === 0) throw ledgerError("CHANNEL_READ_ONLY");
    if (request.nonce?.length !== 24) throw ledgerError("CONFIG_INVALID");
    const txId = transactionIdOf(request.creator, request.nonce);
    if (channel.transactions.has(txId)) throw ledgerError("DUPLICATE_TRANSACTION", { txId });
    requireSettled(channel, request.settledKeys);
    const keys = keysInFlight(request);
    for (const key of keys) channel.inFlight.add(key);
    try {
      await this.hold;
      const timestampMs = this.#clock.nowMs();
      const call = { txId, timeMs: timestampMs, ...callerOf(request.creator) };
      const result = await refusing(request.contract, channel.memory.submit(request.fn, request.args, call));
      const block = 1 + channel.configSequence + channel.transactions.size;
      channel.transactions.set(txId, { block, timestampMs });
      return { txId, block, index: 0, timestampMs, result: Buffer.from(result) };
    } finally {
      for (const key of keys) channel.inFlight.delete(key);
    }
  }

  async evaluate(request: EvaluateRequest): Promise<Uint8Array> {
    this.#enter("evaluate", request.fn);
    const channel = this.#channel(request.channelId);
    requireSettled(channel, request.settledKeys);
    const call = { txId: "", timeMs: this.#clock.nowMs(), ...callerOf(request.creator) };
    return Buffer.from(await refusing(request.contract, channel.memory.evaluate(request.fn, request.args, call)));
  }

  /** Nothing from outside comes here: networks are tested over a fake Fabric. */
  order(): Promise<OrderResult> {
    return Promise.reject(ledgerError("ENVELOPE_REFUSED", { status: "NOT_IMPLEMENTED" }));
  }

  async openSimulation({ channelId, txId }: SimulationRequest): Promise<Simulation> {
    const isTransactionKnown = this.#channel(channelId).transactions.has(txId);
    return {
      simulationId: this.state.open(channelId),
      height: this.heightOf(channelId),
      isTransactionKnown,
      values: [],
    };
  }

  async simulate(simulationId: number, step: SimulationStep): Promise<SimulationAnswer> {
    return this.state.step(simulationId, step);
  }

  finishSimulation(): Promise<SimulationResults> {
    return Promise.reject(ledgerError("SIMULATION_UNKNOWN"));
  }

  async dropSimulation(simulationId: number): Promise<void> {
    this.state.drop(simulationId);
  }

  heightOf(channelId: string): number {
    const { configSequence, transactions } = this.#channel(channelId);
    return 1 + configSequence + transactions.size;
  }

  async committedBlocks(channelId: string, fromBlock: number, limit = 100): Promise<readonly CommittedBlock[]> {
    const { transactions } = this.#channel(channelId);
    const { height } = await this.status(channelId);
    const numbers = Array.from({ length: Math.max(0, Math.min(limit, height - fromBlock)) }, (_, at) => fromBlock + at);
    return numbers.map((number) => ({
      number,
      transactions: [...transactions]
        .filter(([, { block }]) => block === number)
        .map(([txId]) => ({ txId, validationCode: 0 })),
    }));
  }

  blockNumberByHash(): Promise<number> {
    return Promise.reject(ledgerError("BLOCK_UNKNOWN"));
  }

  envelope(): ReturnType<Ledger["envelope"]> {
    return Promise.reject(ledgerError("TRANSACTION_UNKNOWN"));
  }

  async configBlock(channelId: string): Promise<number> {
    return this.#channel(channelId).configSequence;
  }

  async hasTransaction(channelId: string, txId: string): Promise<boolean> {
    this.#enter("hasTransaction", channelId);
    return this.#channel(channelId).transactions.has(txId);
  }

  async transaction(channelId: string, txId: string): Promise<TransactionInfo> {
    this.#enter("transaction", txId);
    const { block, timestampMs } = this.#transaction(channelId, txId);
    return { txId, block: await this.block(channelId, block), index: 0, validationCode: 0, timestampMs };
  }

  async block(channelId: string, number: number): Promise<BlockInfo> {
    if (number >= (await this.status(channelId)).height) throw ledgerError("BLOCK_UNKNOWN");
    const hash = (name: string) => `${name} ${channelId} ${number}`;
    return {
      number,
      headerHash: hash("header"),
      previousHash: hash("previous"),
      dataHash: hash("data"),
      transactionCount: 1,
    };
  }

  async blockBytes(channelId: string, number: number): Promise<Uint8Array> {
    return Buffer.from(JSON.stringify(await this.block(channelId, number)));
  }

  async receipt(channelId: string, txId: string, options?: { readonly withEnvelope?: boolean }): Promise<Receipt> {
    const { block } = this.#transaction(channelId, txId);
    const { origin } = this.#channel(channelId).config;
    return {
      format: "concordat-receipt/1",
      origin,
      leaf: { kind: 1, validationCode: 0, block, index: 0, envelopeSha256: "", txId },
      leafIndex: block,
      inclusionPath: [],
      checkpoint: await this.checkpoint(channelId, block),
      ...(options?.withEnvelope === true ? { envelope: "" } : {}),
    };
  }

  async checkpoint(channelId: string, block?: number): Promise<string> {
    const status = await this.status(channelId);
    return `${status.origin}\n${(block ?? status.height - 1) + 1}\n`;
  }

  async consistencyProof(channelId: string, fromBlock: number, toBlock: number): Promise<ConsistencyProof> {
    return {
      fromSize: fromBlock + 1,
      toSize: toBlock + 1,
      path: [],
      fromCheckpoint: await this.checkpoint(channelId, fromBlock),
      toCheckpoint: await this.checkpoint(channelId, toBlock),
    };
  }

  async trust(channelId: string): Promise<TrustBundleChannel> {
    this.#enter("trust", channelId);
    const { config, joinedAt } = this.#channel(channelId);
    const organizations = config.organizations.map(({ mspId, displayName }) => ({
      mspId,
      displayName,
      caCertificates: [],
      checkpointKeys: [
        {
          algorithm: "Ed25519" as const,
          publicKey: "",
          certificate: "",
          fromBlock: joinedAt.get(mspId) ?? 0,
          toBlock: null,
        },
      ],
    }));
    return { origin: config.origin, displayName: config.displayName, organizations };
  }

  async events(): Promise<{ readonly events: readonly ContractEvent[]; readonly nextBlock: number }> {
    return { events: [], nextBlock: 0 };
  }

  async waitForBlock(): Promise<void> {}

  async meters(channelId: string, _contract: string, prefix: string): Promise<Readonly<Record<string, number>>> {
    this.#enter("meters", channelId);
    const all = Object.entries(this.#channel(channelId).memory.meters());
    return Object.fromEntries(all.filter(([name]) => name.startsWith(prefix)));
  }

  async stateHash(channelId: string): Promise<string> {
    return JSON.stringify(this.#channel(channelId).memory.dump());
  }

  exportSnapshot(): Promise<void> {
    return Promise.reject(ledgerError("SNAPSHOT_INVALID"));
  }

  importSnapshot(): Promise<ChannelStatus> {
    return Promise.reject(ledgerError("SNAPSHOT_INVALID"));
  }

  async close(): Promise<void> {}

  #enter(method: keyof Ledger, subject: string): void {
    this.calls.push(`${method} ${subject}`);
    const failure = this.failures.get(method);
    this.failures.delete(method);
    if (failure !== undefined) throw failure;
  }

  #channel(channelId: string): FakeChannel {
    const channel = this.#channels.get(channelId);
    if (channel === undefined) throw ledgerError("CHANNEL_UNKNOWN", { channelId });
    return channel;
  }

  #transaction(channelId: string, txId: string): FakeTransaction {
    const transaction = this.#channel(channelId).transactions.get(txId);
    if (transaction === undefined) throw ledgerError("TRANSACTION_UNKNOWN", { txId });
    return transaction;
  }
}

function contractOf({ contracts: [name] }: ChannelConfig): Contract {
  const contract = [evidenceContract, collaborationContract, auditContract, tokenContract].find(
    (each) => each.name === name,
  );
  if (contract === undefined) throw ledgerError("CONTRACT_UNKNOWN");
  return contract;
}

function requireSigners(config: ChannelConfig, signers: readonly CheckpointSignerKey[]): readonly string[] {
  const signing = signers.map(({ mspId }) => mspId);
  const missing = config.organizations.filter(({ mspId }) => !signing.includes(mspId));
  if (missing.length > 0) throw ledgerError("CONFIG_INVALID");
  return signing;
}

function requireSettled(channel: FakeChannel, keys: readonly string[] = []): void {
  if (keys.some((key) => channel.inFlight.has(key))) throw ledgerError("WRITE_IN_FLIGHT");
}

/** As the engine does it: from the certificate's Fabric attributes. */
function callerOf({ mspId, certificatePem }: Creator) {
  return { mspId, attributes: parseClientCertificate(certificatePem).attributes };
}

async function refusing<Result>(contract: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ContractRefusal) {
      throw ledgerError("CONTRACT_REFUSED", { contract, refusal: error.code }, error.message);
    }
    throw error;
  }
}
