import type { SimulationAnswer, SimulationStep } from "@concordat/ledger/client";
import type { ContractLogLine, ContractRuntime, ContractStatus, InstalledContract } from "../ports.ts";

/** Where a contract's calls go while one proposal is simulated. */
export interface CallSimulation {
  /** One step at a time. */
  step(step: SimulationStep): Promise<SimulationAnswer>;
}

export interface ContractResponse {
  /** 200 to 399: success; 400 and above: a failure that the contract reports. */
  readonly status: number;
  readonly message: string;
  readonly payload: Uint8Array;
  readonly event: { readonly name: string; readonly payload: Uint8Array } | undefined;
}

/** One call of a contract, as an endorser makes it. */
export interface ContractCallRequest {
  readonly channelId: string;
  readonly txId: string;
  /** The chaincode's name: the namespace of its keys. */
  readonly contract: string;
  readonly isInit: boolean;
  readonly args: readonly Uint8Array[];
  /** The client's signed proposal, which the shim reads creator, transient map and time from. Chaincode-to-chaincode calls carry the same. */
  readonly signedProposal: { readonly proposalBytes: Uint8Array; readonly signature: Uint8Array };
  readonly simulation: CallSimulation;
  /**
   * Chaincode-to-chaincode. `target` as the shim names it: `name`, `name:version` or `name/channel`. The calling contract is told the text of a
   * ConcordatError that it rejects with, and of other errors nothing.
   */
  readonly invoke: (target: string, args: readonly Uint8Array[]) => Promise<ContractResponse>;
  readonly timeoutMs: number;
}

/** A contract process that has registered, whichever side dialled. Calls of several transactions run at once. */
export interface ContractConnection {
  /**
   * @throws ConcordatError CONTRACT_TIMEOUT; CONTRACT_NOT_RUNNING when the stream ends before the answer
   */
  call(request: ContractCallRequest): Promise<ContractResponse>;
  /** Settles with the reason when the stream has ended. */
  readonly closed: Promise<string>;
  close(): void;
}

/** Waits for the one chaincode that may dial in at a Unix socket. */
export interface ContractListener {
  /** The first stream that registers with the expected package id; others are refused. Rejects when the listener is closed. */
  readonly connection: Promise<ContractConnection>;
  close(): Promise<void>;
}

/** `connection.json` of a package of type ccaas. */
export interface ServiceAddress {
  /** `host:port`. */
  readonly address: string;
  readonly dialTimeoutMs: number;
  readonly tls:
    | {
        readonly rootCertificate: string;
        /** For mutual TLS. */
        readonly client?: { readonly certificate: string; readonly key: string };
      }
    | undefined;
}

/** The streams to chaincodes: folder shim/. */
export interface ContractStreams {
  /** The peer's side where chaincode dials in. @param socketPath at most 100 characters; made here, mode 0600 unless the caller changes it */
  listen(options: { readonly socketPath: string; readonly packageId: string }): Promise<ContractListener>;
  /** Where the peer dials. @throws ConcordatError CONTRACT_NOT_RUNNING */
  dial(options: { readonly service: ServiceAddress; readonly packageId: string }): Promise<ContractConnection>;
}

/** Packages, builds and processes: folders packages/, builds/, sandbox/, supervisor/. */
export interface ContractHost {
  install(nodeId: string, packageBytes: Uint8Array): Promise<InstalledContract>;
  installed(nodeId: string): Promise<readonly InstalledContract[]>;
  packageBytes(nodeId: string, packageId: string): Promise<Uint8Array>;
  runtimeOf(packageId: string): Promise<ContractRuntime | undefined>;
  /**
   * The running process of this organization; builds and starts it when it is stopped. Fails at once while it backs off or has failed.
   * @throws ConcordatError CONTRACT_NOT_RUNNING with the reason, PACKAGE_UNKNOWN
   */
  connection(mspId: string, packageId: string): Promise<ContractConnection>;
  start(mspId: string, packageId: string): Promise<ContractStatus>;
  stop(mspId: string, packageId: string): Promise<ContractStatus>;
  /** Kills a process that does not answer; it is started anew, with back-off when that happens again and again. */
  reset(mspId: string, packageId: string, reason: string): void;
  statuses(): readonly ContractStatus[];
  logs(mspId: string, packageId: string, lines: number): Promise<readonly ContractLogLine[]>;
  close(): Promise<void>;
}
