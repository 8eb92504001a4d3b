import type { ContractLogLine, ContractStatus, InstalledContract } from "@concordat/fabric/client";
import type { BlockCutting } from "@concordat/ledger/client";
import type { Job } from "../jobs/ports.ts";
import type { Caller } from "../ports.ts";

export type NetworkStatus = "creating" | "active" | "failed";
export type NodeState = "started" | "stopped";

/** An embedded Fabric network: organizations with their nodes, and the channels between them. */
export interface Network {
  /** UUID. */
  readonly networkId: string;
  /** 1 to 48 of `a-z0-9-`, unique in the project; part of its nodes' names, which have at most 64 characters. */
  readonly name: string;
  readonly tenantId: string;
  readonly projectId: string;
  readonly status: NetworkStatus;
  readonly organizations: readonly string[];
  readonly channelIds: readonly string[];
  readonly createdMs: number;
}

export interface NewNetwork {
  readonly name: string;
  /** By default the caller's tenant's first project. */
  readonly projectId?: string;
  /**
   * MSP ids, 1 to 16. One that exists must belong to the caller's tenant; another one is made, with the caller's account as its owner. The
   * first one runs the orderers.
   */
  readonly organizations: readonly string[];
  /** For each organization, 1 to 5; 1 when left out. */
  readonly peersPerOrganization?: number;
  /** 1 to 5; 1 when left out. All of them front the one sequencer of a channel. */
  readonly orderers?: number;
  /** Clients must show a certificate of one of the network's TLS authorities. */
  readonly mutualTls?: boolean;
}

export interface NetworkNode {
  readonly nodeId: string;
  readonly networkId: string;
  readonly kind: "peer" | "orderer";
  readonly mspId: string;
  /** `peer0.<mspid in lower case>.<network>`. */
  readonly name: string;
  /** Where it listens: `host:port`; the port stays the same for good. */
  readonly endpoint: string;
  readonly mutualTls: boolean;
  readonly state: NodeState;
  /** Whether it answers at this moment. */
  readonly listening: boolean;
  readonly channels: readonly { readonly channelId: string; readonly height: number }[];
  readonly createdMs: number;
}

export interface NetworkChannel {
  /** Fabric's channel name, unique in the installation. */
  readonly channelId: string;
  readonly networkId: string;
  readonly status: "creating" | "active";
  readonly organizations: readonly string[];
  readonly height: number;
  readonly blockCutting: BlockCutting;
  readonly stateDatabase: "goleveldb" | "couchdb";
  readonly createdMs: number;
}

export interface NewChannel {
  readonly networkId: string;
  /** Fabric's rule: `[a-z][a-z0-9.-]*`, at most 64. */
  readonly channelId: string;
  /** Of the network; all when left out. */
  readonly organizations?: readonly string[];
  /** Left out: 500 messages, 2 MB, 2 s, not cut when idle (the documented defaults). */
  readonly blockCutting?: Partial<BlockCutting>;
  /** couchdb when left out: with rich queries. */
  readonly stateDatabase?: "goleveldb" | "couchdb";
  /** Peers of the organizations join at once unless false. */
  readonly join?: boolean;
}

export interface ContractDefinition {
  readonly channelId: string;
  readonly name: string;
  readonly version: string;
  /** From 1; each commit takes the next. */
  readonly sequence: number;
  /** As Fabric's tools write it: `OR('Org1MSP.peer','Org2MSP.peer')`, or a channel policy's path. `/Channel/Application/Endorsement` when left out. */
  readonly endorsementPolicy?: string;
  readonly initRequired?: boolean;
}

export interface CommitReadiness {
  readonly approvals: Readonly<Record<string, boolean>>;
  readonly ready: boolean;
}

/** A contract that a channel has, as each organization runs it. */
export interface ChannelContract {
  readonly channelId: string;
  readonly name: string;
  readonly version: string;
  /** 0 for a contract that is built in. */
  readonly sequence: number;
  readonly endorsementPolicy: string;
  readonly initRequired: boolean;
  readonly isBuiltIn: boolean;
  readonly organizations: readonly {
    readonly mspId: string;
    readonly packageId: string | null;
    readonly status: ContractStatus | null;
  }[];
}

export interface ContractCall {
  readonly channelId: string;
  readonly contract: string;
  readonly fn: string;
  readonly args: readonly string[];
  /** Base64 by name: handed to the contract and not recorded. */
  readonly transient?: Readonly<Record<string, string>>;
  /** The organization whose member the caller acts as: by default its own if it is on the channel, else the first that its tenant owns there. */
  readonly mspId?: string;
  readonly endorsingOrganizations?: readonly string[];
}

export interface ContractOutcome {
  readonly txId: string;
  readonly block: number;
  /** Fabric's name of the code: VALID, MVCC_READ_CONFLICT, ... */
  readonly validationCode: string;
  /** UTF-8 where the result is text, else base64. */
  readonly result: string;
  readonly resultIsBase64: boolean;
}

export interface ConnectionFile {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/**
 * Embedded Fabric networks. Actions: `network:network:{create,list,get,delete}`, `network:node:{list,start,stop}`,
 * `network:channel:{create,list,get,join}`, `network:contract:{install,list,approve,commit,invoke,query,logs,start,stop}`,
 * `network:connection:create`. Every change leaves an audit entry, but for calls of contracts: those are on record on their channel.
 * Where another server keeps the ledger, only `list`, `get` and `createConnection` answer; the rest is refused (HOME_ELSEWHERE).
 */
export interface Networks {
  /** A job (`createNetwork`): organizations, certificates, nodes. @throws PlatformError NAME_EXISTS, ORGANIZATION_UNKNOWN, NAME_INVALID */
  create(caller: Caller, input: NewNetwork): Promise<{ readonly network: Network; readonly job: Job }>;
  list(caller: Caller): Promise<readonly Network[]>;
  get(caller: Caller, networkId: string): Promise<Network>;
  /** Stops and forgets its nodes; its organizations stay. Refused (RESOURCE_IN_USE) while it has channels: what they hold stays. */
  delete(caller: Caller, networkId: string): Promise<void>;

  listNodes(caller: Caller, networkId: string): Promise<readonly NetworkNode[]>;
  startNode(caller: Caller, networkId: string, nodeId: string): Promise<NetworkNode>;
  stopNode(caller: Caller, networkId: string, nodeId: string): Promise<NetworkNode>;

  createChannel(caller: Caller, input: NewChannel): Promise<NetworkChannel>;
  listChannels(caller: Caller, networkId: string): Promise<readonly NetworkChannel[]>;
  /** Peers join; those that are on it already stay. @param nodeIds all peers of the channel's organizations when left out */
  joinChannel(caller: Caller, channelId: string, nodeIds?: readonly string[]): Promise<readonly NetworkNode[]>;

  /** Installs on all peers of these organizations (all that the caller's tenant owns in the network when left out). */
  installContract(
    caller: Caller,
    input: {
      readonly networkId: string;
      readonly organizations?: readonly string[];
      readonly packageBytes: Uint8Array;
    },
  ): Promise<InstalledContract>;
  listInstalledContracts(
    caller: Caller,
    networkId: string,
  ): Promise<readonly (InstalledContract & { readonly nodeId: string; readonly mspId: string })[]>;
  approveContract(
    caller: Caller,
    input: ContractDefinition & { readonly mspId?: string; readonly packageId?: string },
  ): Promise<ContractOutcome>;
  checkCommitReadiness(caller: Caller, input: ContractDefinition): Promise<CommitReadiness>;
  /** Also starts the contract where it is installed, and says how each start went. */
  commitContract(caller: Caller, input: ContractDefinition & { readonly mspId?: string }): Promise<ChannelContract>;
  listContracts(caller: Caller, channelId: string): Promise<readonly ChannelContract[]>;
  startContract(
    caller: Caller,
    channelId: string,
    contract: string,
    mspId?: string,
  ): Promise<readonly ContractStatus[]>;
  stopContract(caller: Caller, channelId: string, contract: string, mspId?: string): Promise<readonly ContractStatus[]>;
  invokeContract(caller: Caller, call: ContractCall): Promise<ContractOutcome>;
  queryContract(caller: Caller, call: ContractCall): Promise<Pick<ContractOutcome, "result" | "resultIsBase64">>;
  contractLogs(
    caller: Caller,
    input: { readonly channelId: string; readonly contract: string; readonly mspId?: string; readonly lines: number },
  ): Promise<readonly (ContractLogLine & { readonly mspId: string })[]>;

  /**
   * A zip for a Gateway client: `msp/` with a new identity of role client and its key, `tls/ca.crt`, and `connection.json` (mspId, peers and orderers with
   * endpoint, TLS host name and TLS root, channels). The key is answered here and kept nowhere.
   */
  createConnection(
    caller: Caller,
    input: { readonly networkId: string; readonly mspId: string; readonly commonName?: string },
  ): Promise<ConnectionFile>;
}
