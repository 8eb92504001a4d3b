import type { Clock, FileSystem, Logger, RandomSource } from "@concordat/base";
import type { Ledger } from "@concordat/ledger/client";

/** A certificate and its private key. */
export interface KeyPair {
  readonly certificatePem: string;
  /** PKCS#8 DER. */
  readonly privateKeyDer: Uint8Array;
}

/** Who signs proposals and envelopes. */
export interface Signer extends KeyPair {
  readonly mspId: string;
}

/** A peer or an orderer of an embedded network, as it is to be started. */
export interface NodeConfig {
  readonly nodeId: string;
  readonly kind: "peer" | "orderer";
  /** Unique in the installation; a DNS name that its TLS certificate carries: `peer0.org1.example`. */
  readonly name: string;
  readonly mspId: string;
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Of role peer or orderer; a peer endorses with it. */
  readonly identity: KeyPair;
  readonly tls: KeyPair & {
    /** PEM. Authorities that clients check the node by. */
    readonly authorities: readonly string[];
    /** PEM. When there, a client must show a certificate that one of them issued (mutual TLS). */
    readonly clientAuthorities?: readonly string[];
  };
  /** Channels that it is on, and how far it had come when it was stopped. */
  readonly channels: readonly NodeChannel[];
}

export interface NodeChannel {
  readonly channelId: string;
  /** Number of blocks that the node has committed; a peer that was stopped catches up from here. */
  readonly height: number;
}

export interface NodeStatus {
  readonly nodeId: string;
  readonly port: number;
  readonly channels: readonly NodeChannel[];
}

/** A contract package on a peer. */
export interface InstalledContract {
  /** `<label>:<hex SHA-256 of the package file>`, Fabric's. */
  readonly packageId: string;
  readonly label: string;
  readonly runtime: ContractRuntime;
  readonly sizeBytes: number;
  readonly installedMs: number;
}

/** `node` and `ccaas` run here; packages of type `golang` and `java` can be kept and are refused at their start. */
export type ContractRuntime = "node" | "ccaas" | "golang" | "java";

export type ContractState = "stopped" | "building" | "starting" | "running" | "backing-off" | "failed";

/** One contract in one organization: one process. */
export interface ContractStatus {
  readonly mspId: string;
  readonly packageId: string;
  readonly state: ContractState;
  /** Why it is failed or backing off, in a sentence; null otherwise. */
  readonly reason: string | null;
  readonly sinceMs: number;
  /** Of the running process; null for ccaas and when it does not run. */
  readonly processId: number | null;
  readonly restarts: number;
  /** How it is kept away from everything else: "bubblewrap", "separate-user" or "none" (`--unsafe-contracts`); null when it does not run here. */
  readonly sandbox: "bubblewrap" | "separate-user" | "none" | null;
}

export interface ContractLogLine {
  readonly timeMs: number;
  readonly stream: "stdout" | "stderr" | "supervisor";
  readonly text: string;
}

export interface InvokeRequest {
  readonly channelId: string;
  readonly contract: string;
  readonly fn: string;
  /** Texts, or bytes as they are: `_lifecycle` takes Fabric's messages, as on the wire. */
  readonly args: readonly (string | Uint8Array)[];
  readonly transient?: Readonly<Record<string, Uint8Array>>;
  /** Peers of these organizations endorse; by default those that the contract's policy needs. */
  readonly endorsingOrganizations?: readonly string[];
  readonly signer: Signer;
}

export interface InvokeResult {
  readonly txId: string;
  readonly block: number;
  readonly validationCode: number;
  readonly result: Uint8Array;
}

export type FabricErrorCode =
  | "NODE_UNKNOWN"
  | "NODE_PORT_TAKEN"
  | "NODE_NOT_ON_CHANNEL"
  | "PACKAGE_INVALID"
  | "PACKAGE_UNKNOWN"
  | "PACKAGE_TOO_LARGE"
  | "CONTRACT_NOT_RUNNING" // facts.reason
  | "CONTRACT_TIMEOUT"
  | "CONTRACT_ADDRESS_REFUSED" // a ccaas address that the operator has not listed
  | "SANDBOX_UNAVAILABLE"
  | "INVOKE_REFUSED"; // facts.grpcCode and facts.details: what a Gateway client would have been told

/**
 * Everything of a running installation that speaks Fabric's protocols. Made when the first network exists; holds what it is told, the packages
 * and their processes, and writes nothing but below its folder.
 */
export interface Fabric {
  /** Listens when it settles. @throws ConcordatError NODE_PORT_TAKEN */
  startNode(config: NodeConfig): Promise<NodeStatus>;
  /** Lets calls in flight end (5 s at most), then closes the port. Answers how far it had come. */
  stopNode(nodeId: string): Promise<NodeStatus>;
  /** Of running nodes. */
  nodes(): readonly NodeStatus[];
  joinChannel(nodeId: string, channelId: string): Promise<void>;
  leaveChannel(nodeId: string, channelId: string): Promise<void>;
  /** Settles when every node here goes by the channel's present configuration: its members and whom it has shut out. */
  refreshChannel(channelId: string): Promise<void>;

  /** Installs on a peer. The same package again changes nothing. @throws ConcordatError PACKAGE_INVALID, PACKAGE_TOO_LARGE, NODE_UNKNOWN */
  installContract(nodeId: string, packageBytes: Uint8Array): Promise<InstalledContract>;
  installedContracts(nodeId: string): Promise<readonly InstalledContract[]>;
  /** @throws ConcordatError PACKAGE_UNKNOWN */
  contractPackage(nodeId: string, packageId: string): Promise<Uint8Array>;
  /** Builds and starts the process of an organization, unless it runs; settles when it runs or has failed. */
  startContract(mspId: string, packageId: string): Promise<ContractStatus>;
  stopContract(mspId: string, packageId: string): Promise<ContractStatus>;
  contractStatuses(): readonly ContractStatus[];
  /** The last lines, oldest first; at most 10,000. */
  contractLogs(mspId: string, packageId: string, lines: number): Promise<readonly ContractLogLine[]>;

  /** Endorses, signs, submits and waits until it is committed. A refusal by verdict is a result, not an error. @throws ConcordatError INVOKE_REFUSED */
  invoke(request: InvokeRequest): Promise<InvokeResult>;
  /** @throws ConcordatError INVOKE_REFUSED */
  query(request: InvokeRequest): Promise<Uint8Array>;
  /** Stops nodes, then processes. */
  close(): Promise<void>;
}

export interface FabricOptions {
  /** Its own folder: packages, builds, logs, sockets. */
  readonly directory: string;
  /** `host:port` of external chaincode services that may be dialled. */
  readonly allowedContractAddresses: readonly string[];
  /** Runs contracts without a sandbox where there is none. */
  readonly unsafeContracts: boolean;
  /** An npm registry that builds may fetch dependencies from; without it a package brings them along (node_modules). */
  readonly contractRegistry?: string;
  /** How long one call of a contract may take; 30 s when left out. */
  readonly contractTimeoutMs?: number;
}

export interface FabricDependencies {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly fileSystem: FileSystem;
  readonly log: Logger;
  /** Folders that no contract may see, whatever the sandbox: data folder, master key's folder. */
  readonly hiddenPaths: readonly string[];
}
