import type { ConcordatError } from "@concordat/base";
import type {
  BroadcastStatus,
  CommittedBlock,
  OrderRequest,
  OrderResult,
  Simulation,
  SimulationAnswer,
  SimulationRequest,
  SimulationResults,
  SimulationStep,
} from "./outside-ports.ts";

export type * from "./outside-ports.ts";

/** Who creates a transaction: the serialized identity that Fabric puts in a signature header. */
export interface Creator {
  readonly mspId: string;
  /** The X.509 client certificate, PEM. */
  readonly certificatePem: string;
}

export type TransactionKind = 0 | 1 | 2;

export interface OrganizationConfig {
  readonly mspId: string;
  readonly displayName: string;
  /** PEM. */
  readonly caCertificates: readonly string[];
  readonly checkpointKeys: readonly CheckpointKeyConfig[];
  /**
   * PEM. Revocation lists of the organization's authorities, on channels that take envelopes from outside: a certificate on one of them is no
   * member any more. As on Fabric, a list counts until a newer one takes its place, whatever its nextUpdate says.
   */
  readonly revocationLists?: readonly string[];
}

/** Every checkpoint is signed with Ed25519; those of SM channels with SM2 too. */
export type CheckpointAlgorithm = "Ed25519" | "SM2";

export interface CheckpointKeyConfig {
  readonly algorithm: CheckpointAlgorithm;
  /** Ed25519: 32 raw bytes. SM2: 65 bytes, uncompressed. */
  readonly publicKey: Uint8Array;
  /** DER. */
  readonly certificate: Uint8Array;
}

export interface BlockCutting {
  readonly messageCountMax: number;
  readonly bytesMax: number;
  readonly timeoutMs: number;
  /** Cut as soon as the committer is idle, so that a lone writer never waits for the timeout. */
  readonly cutWhenIdle: boolean;
}

export interface ChannelConfig {
  readonly channelId: string;
  readonly origin: string;
  readonly displayName: string;
  readonly organizations: readonly OrganizationConfig[];
  readonly blockCutting: BlockCutting;
  readonly stateDatabase: "goleveldb" | "couchdb";
  /** "sm": checkpoints carry an SM3 root and SM2 signatures besides SHA-256 and Ed25519. For the channel's life. */
  readonly cryptography: "international" | "sm";
  /** Refused serial transactions are ordered with their verdict instead of leaving no trace. */
  readonly recordRefusals: boolean;
  readonly contracts: readonly string[];
}

/** Signs checkpoints for one organization. `publicKey` says with which of its configured keys. */
export interface CheckpointSigner {
  readonly mspId: string;
  readonly algorithm: CheckpointAlgorithm;
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface SubmitRequest {
  readonly channelId: string;
  readonly creator: Creator;
  readonly contract: string;
  readonly fn: string;
  readonly args: readonly string[];
  /** 24 bytes; the transaction id is SHA-256 of it and the creator, so a nonce that repeats is refused as a duplicate. Random when left out. */
  readonly nonce?: Uint8Array;
  /** Keys of the contract that must have no write in flight; else the call is refused with WRITE_IN_FLIGHT. */
  readonly settledKeys?: readonly string[];
}

export interface SubmitResult {
  readonly txId: string;
  readonly block: number;
  readonly index: number;
  /** Milliseconds since the epoch, the transaction's time on chain. */
  readonly timestampMs: number;
  readonly result: Uint8Array;
}

export interface EvaluateRequest {
  readonly channelId: string;
  readonly creator: Creator;
  readonly contract: string;
  readonly fn: string;
  readonly args: readonly string[];
  readonly settledKeys?: readonly string[];
}

export interface BlockInfo {
  readonly number: number;
  /** Hex. */
  readonly headerHash: string;
  readonly previousHash: string;
  readonly dataHash: string;
  readonly transactionCount: number;
}

export interface TransactionInfo {
  readonly txId: string;
  readonly block: BlockInfo;
  readonly index: number;
  readonly validationCode: number;
  readonly timestampMs: number;
}

export interface ChannelStatus {
  readonly channelId: string;
  readonly origin: string;
  readonly displayName: string;
  /** Number of blocks. */
  readonly height: number;
  /** Number of leaves. */
  readonly transactionCount: number;
  readonly configSequence: number;
  readonly organizations: readonly { readonly mspId: string; readonly displayName: string }[];
  /** The signed note of the last block. */
  readonly checkpoint: string;
  /** A storage failure stopped the channel: it answers nothing until a restart has looked at its files. */
  readonly failed: boolean;
}

/** See docs/reference/ledger-format.md section 7. */
export interface Receipt {
  readonly format: "concordat-receipt/1";
  readonly origin: string;
  readonly leaf: {
    readonly kind: TransactionKind;
    readonly validationCode: number;
    readonly block: number;
    readonly index: number;
    readonly envelopeSha256: string;
    readonly txId: string;
  };
  readonly leafIndex: number;
  readonly inclusionPath: readonly string[];
  /** SM channels only: the path in the tree under SM3. */
  readonly sm3InclusionPath?: readonly string[];
  readonly checkpoint: string;
  readonly envelope?: string;
}

export interface TrustBundleChannel {
  readonly origin: string;
  readonly displayName: string;
  readonly organizations: readonly {
    readonly mspId: string;
    readonly displayName: string;
    readonly caCertificates: readonly string[];
    readonly checkpointKeys: readonly {
      readonly algorithm: CheckpointAlgorithm;
      readonly publicKey: string;
      readonly certificate: string;
      readonly fromBlock: number;
      readonly toBlock: number | null;
    }[];
  }[];
}

export interface ConsistencyProof {
  readonly fromSize: number;
  readonly toSize: number;
  readonly path: readonly string[];
  /** SM channels only: the path between the roots under SM3. */
  readonly sm3Path?: readonly string[];
  readonly fromCheckpoint: string;
  readonly toCheckpoint: string;
}

export interface ContractEvent {
  readonly channelId: string;
  readonly block: number;
  readonly index: number;
  readonly txId: string;
  readonly contract: string;
  readonly name: string;
  readonly payload: Uint8Array;
}

/**
 * The engine as its users see it: the same in one thread ({@link openLedger}) and behind a worker thread ({@link startLedgerWorker}).
 * `submit` answers after the transaction's block and the anchor are on disk (fdatasync). When it rejects with
 * OUTCOME_UNKNOWN the write may or may not survive; every other rejection means it had no effect.
 */
export interface Ledger {
  createChannel(config: ChannelConfig, signers: readonly CheckpointSignerKey[]): Promise<ChannelStatus>;
  /** Hands the engine the signing keys of a channel that it found on disk; without them the channel is read-only. */
  unlockChannel(channelId: string, signers: readonly CheckpointSignerKey[]): Promise<void>;
  /** Orders a configuration transaction; the new configuration is in force after its block. */
  updateChannel(config: ChannelConfig, signers: readonly CheckpointSignerKey[]): Promise<ChannelStatus>;
  channels(): Promise<readonly ChannelStatus[]>;
  status(channelId: string): Promise<ChannelStatus>;
  config(channelId: string): Promise<ChannelConfig>;
  submit(request: SubmitRequest): Promise<SubmitResult>;
  /** Runs a function over the durable state; its writes are dropped. */
  evaluate(request: EvaluateRequest): Promise<Uint8Array>;
  /**
   * Orders a transaction from outside (kind 2) and answers when its block is on disk, also when its verdict is a refusal.
   * Creator, signature, size and client time (60 s at most from the channel's clock) are checked before: an envelope that fails there leaves
   * no trace. Rejects with ENVELOPE_REFUSED (facts.status is a {@link BroadcastStatus}), CHANNEL_UNKNOWN, CHANNEL_READ_ONLY, OVERLOADED,
   * OUTCOME_UNKNOWN.
   */
  order(request: OrderRequest): Promise<OrderResult>;
  /**
   * Begins to simulate a proposal on the durable state of this moment. It must be ended by `finishSimulation` or `dropSimulation`; at most
   * 1,024 are open at once (SIMULATION_REFUSED), and one that was not used for five minutes is dropped.
   */
  openSimulation(request: SimulationRequest): Promise<Simulation>;
  /** One step at a time for each simulation. Rejects with SIMULATION_UNKNOWN, and as the contract stub does. */
  simulate(simulationId: number, step: SimulationStep): Promise<SimulationAnswer>;
  /** @param steps taken before the end, whose answers nobody needs. When one fails, the simulation ends without results and with that error. */
  finishSimulation(simulationId: number, steps?: readonly SimulationStep[]): Promise<SimulationResults>;
  /** Does nothing when it is not open any more. */
  dropSimulation(simulationId: number): Promise<void>;
  /** Up to `limit` durable blocks from `fromBlock` on, without their contents; empty when there is none yet. */
  committedBlocks(channelId: string, fromBlock: number, limit?: number): Promise<readonly CommittedBlock[]>;
  /** The block with this header hash (hex). Rejects with BLOCK_UNKNOWN. */
  blockNumberByHash(channelId: string, headerHash: string): Promise<number>;
  /** The envelope of a transaction, as it is stored, and its verdict. */
  envelope(
    channelId: string,
    txId: string,
  ): Promise<{ readonly envelope: Uint8Array; readonly block: number; readonly validationCode: number }>;
  /** The block that put the configuration in force. */
  configBlock(channelId: string): Promise<number>;
  /** True when a valid transaction of the channel has this id. */
  hasTransaction(channelId: string, txId: string): Promise<boolean>;
  transaction(channelId: string, txId: string): Promise<TransactionInfo>;
  block(channelId: string, number: number): Promise<BlockInfo>;
  /** The stored bytes: a serialized Fabric block. */
  blockBytes(channelId: string, number: number): Promise<Uint8Array>;
  receipt(channelId: string, txId: string, options?: { readonly withEnvelope?: boolean }): Promise<Receipt>;
  /** The signed note of block `number`, by default the last. */
  checkpoint(channelId: string, block?: number): Promise<string>;
  consistencyProof(channelId: string, fromBlock: number, toBlock: number): Promise<ConsistencyProof>;
  trust(channelId: string): Promise<TrustBundleChannel>;
  /** Contract events of valid transactions in up to `blockLimit` blocks from `fromBlock` on, oldest first, and where to go on. */
  events(
    channelId: string,
    fromBlock: number,
    blockLimit?: number,
  ): Promise<{ readonly events: readonly ContractEvent[]; readonly nextBlock: number }>;
  /** Settles when the block is durable: with {@link Ledger.events}, a way to follow a channel. */
  waitForBlock(channelId: string, block: number): Promise<void>;
  /** Sums of a contract's meters (see Contract.meter), whole names or those with the given prefix. */
  meters(channelId: string, contract: string, prefix: string): Promise<Readonly<Record<string, number>>>;
  /** SHA-256 over the sorted dump of namespace, key, value and version of the durable state; reads everything. */
  stateHash(channelId: string): Promise<string>;
  exportSnapshot(channelId: string, directory: string): Promise<void>;
  importSnapshot(
    directory: string,
    signers: readonly CheckpointSignerKey[],
    trust: TrustBundleChannel,
  ): Promise<ChannelStatus>;
  /** Finishes what was accepted, syncs, closes. */
  close(): Promise<void>;
}

/** A checkpoint signing key as it crosses the thread border: PKCS#8 DER. */
export interface CheckpointSignerKey {
  readonly mspId: string;
  readonly privateKeyDer: Uint8Array;
}

export type LedgerErrorCode =
  | "CHANNEL_UNKNOWN"
  | "CHANNEL_EXISTS"
  | "CHANNEL_READ_ONLY"
  | "CHANNEL_FAILED"
  | "NAME_INVALID"
  | "ARGUMENT_INVALID"
  | "CONTRACT_UNKNOWN"
  | "FUNCTION_UNKNOWN"
  | "CONTRACT_REFUSED"
  | "CONTRACT_FAILED"
  | "DUPLICATE_TRANSACTION"
  | "WRITE_IN_FLIGHT"
  | "TRANSACTION_UNKNOWN"
  | "BLOCK_UNKNOWN"
  | "TRANSACTION_TOO_LARGE"
  | "CONFIG_INVALID"
  | "QUERY_UNSUPPORTED"
  | "QUERY_INVALID"
  | "ENVELOPE_REFUSED" // facts.status
  | "SIMULATION_UNKNOWN"
  | "SIMULATION_REFUSED"
  | "OUTCOME_UNKNOWN"
  | "OVERLOADED"
  | "STORE_DAMAGED"
  | "CHECKPOINT_TOO_LARGE"
  | "SNAPSHOT_INVALID"
  | "CLOSED";

export type LedgerFault = ConcordatError<LedgerErrorCode>;
