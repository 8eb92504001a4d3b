import type { BlockCutting } from "@concordat/ledger";

/** An embedded Fabric network. */
export interface NetworkRow {
  /** UUID. */
  readonly networkId: string;
  readonly tenantId: string;
  readonly projectId: string;
  /** Unique in the project; part of its nodes' names. */
  readonly name: string;
  /** `creating` until its job has ended. */
  readonly status: "creating" | "active" | "failed";
  /** MSP ids; the first one runs the orderers. */
  readonly organizations: readonly string[];
  /** Who asked for it: the account that owns organizations which are yet to be made. */
  readonly accountUid: string;
  readonly createdMs: number;
}

/** A peer or an orderer of a network. Its certificates are those of its name. */
export interface NodeRow {
  /** UUID. */
  readonly nodeId: string;
  readonly networkId: string;
  readonly mspId: string;
  readonly kind: "peer" | "orderer";
  /** A DNS name, unique in the installation. */
  readonly name: string;
  /** Where clients find it. */
  readonly host: string;
  /** 0 until it was started for the first time; from then on it stays. */
  readonly port: number;
  readonly mutualTls: boolean;
  /** What it shall be: a started node is started with the server. */
  readonly state: "started" | "stopped";
  readonly createdMs: number;
}

/** A channel of a network. Never removed. */
export interface NetworkChannelRow {
  readonly channelId: string;
  readonly networkId: string;
  readonly organizations: readonly string[];
  readonly blockCutting: BlockCutting;
  readonly stateDatabase: "goleveldb" | "couchdb";
  /** `creating` until the ledger has it. */
  readonly status: "creating" | "active";
  readonly createdMs: number;
}

/** A node's place on a channel. */
export interface NodeChannelRow {
  readonly nodeId: string;
  readonly channelId: string;
  /** Number of the channel's blocks when it joined. */
  readonly joinedHeight: number;
  /** Number of blocks that it had committed when it was last stopped, or joined. */
  readonly height: number;
}
