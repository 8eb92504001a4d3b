import { createHash } from "node:crypto";
import { ConcordatError, type ErrorFacts } from "@concordat/base";
import type {
  ContractLogLine,
  ContractStatus,
  Fabric,
  FabricErrorCode,
  InstalledContract,
  InvokeRequest,
  InvokeResult,
  NodeConfig,
  NodeStatus,
} from "@concordat/fabric/client";
import { approvalKey, approvalToText, definitionKey, definitionToText } from "@concordat/ledger/endorsement";
import type { FakeLedger } from "./fake-ledger.ts";
import { lifecycleRequestOf } from "./fake-lifecycle.ts";

interface FakeNode {
  readonly config: NodeConfig;
  readonly port: number;
  readonly channels: Set<string>;
}

/**
 * Nodes that listen nowhere, for the platform's tests: they keep what they were started with, are as far as their channels while they run,
 * and take part in the lifecycle as `_lifecycle`'s state in the fake ledger. Calls of other contracts are answered with what was called.
 */
export class FakeFabric implements Fabric {
  readonly #ledger: FakeLedger;
  readonly #nodes = new Map<string, FakeNode>();
  readonly #packages = new Map<string, Map<string, InstalledContract>>();
  readonly #statuses = new Map<string, ContractStatus>();
  #nextPort = 40_000;
  #txCount = 0;
  /** Every call, in order: `startNode peer0.org1msp.net`. */
  readonly calls: string[] = [];
  readonly requests: InvokeRequest[] = [];
  /** Thrown by the next call of the named method, once. */
  readonly failures = new Map<keyof Fabric, Error>();
  /** Of the next transactions. */
  validationCode = 0;
  isClosed = false;

  constructor(dependencies: { readonly ledger: FakeLedger }) {
    this.#ledger = dependencies.ledger;
  }

  /** What a node was started with. */
  configOf(nodeId: string): NodeConfig | undefined {
    return this.#nodes.get(nodeId)?.config;
  }

  /** The process is gone: nothing listens, and nobody was told. What is on disk stays. */
  restart(): void {
    this.#nodes.clear();
    this.#statuses.clear();
    this.isClosed = false;
  }

  async startNode(config: NodeConfig): Promise<NodeStatus> {
    this.#enter("startNode", config.name);
    const { nodeId, listen } = config;
    if ([...this.#nodes.values()].some(({ port }) => port === listen.port)) throw fabricError("NODE_PORT_TAKEN");
    const port = listen.port === 0 ? this.#nextPort++ : listen.port;
    this.#nodes.set(nodeId, { config, port, channels: new Set(config.channels.map(({ channelId }) => channelId)) });
    return this.#statusOf(nodeId);
  }

  async refreshChannel(channelId: string): Promise<void> {
    this.#enter("refreshChannel", channelId);
  }

  async stopNode(nodeId: string): Promise<NodeStatus> {
    this.#enter("stopNode", this.#nodes.get(nodeId)?.config.name ?? nodeId);
    const status = this.#statusOf(nodeId);
    this.#nodes.delete(nodeId);
    return status;
  }

  nodes(): readonly NodeStatus[] {
    return [...this.#nodes.keys()].map((nodeId) => this.#statusOf(nodeId));
  }

  async joinChannel(nodeId: string, channelId: string): Promise<void> {
    this.#enter("joinChannel", channelId);
    this.#node(nodeId).channels.add(channelId);
  }

  async leaveChannel(nodeId: string, channelId: string): Promise<void> {
    this.#node(nodeId).channels.delete(channelId);
  }

  async installContract(nodeId: string, packageBytes: Uint8Array): Promise<InstalledContract> {
    this.#enter("installContract", this.#node(nodeId).config.name);
    const packageId = `label:${createHash("sha256").update(packageBytes).digest("hex")}`;
    const installed: InstalledContract = {
      packageId,
      label: "label",
      runtime: "node",
      sizeBytes: packageBytes.length,
      installedMs: 0,
    };
    const packages = this.#packages.get(nodeId) ?? new Map<string, InstalledContract>();
    this.#packages.set(nodeId, packages.set(packageId, installed));
    return installed;
  }

  async installedContracts(nodeId: string): Promise<readonly InstalledContract[]> {
    return [...(this.#packages.get(this.#node(nodeId).config.nodeId)?.values() ?? [])];
  }

  contractPackage(): Promise<Uint8Array> {
    return Promise.reject(fabricError("PACKAGE_UNKNOWN"));
  }

  async startContract(mspId: string, packageId: string): Promise<ContractStatus> {
    this.#enter("startContract", `${mspId} ${packageId}`);
    const isInstalled = [...this.#nodes].some(
      ([nodeId, { config }]) => config.mspId === mspId && this.#packages.get(nodeId)?.has(packageId),
    );
    if (!isInstalled) throw fabricError("PACKAGE_UNKNOWN");
    return this.#setStatus(mspId, packageId, "running");
  }

  async stopContract(mspId: string, packageId: string): Promise<ContractStatus> {
    this.#enter("stopContract", `${mspId} ${packageId}`);
    return this.#setStatus(mspId, packageId, "stopped");
  }

  contractStatuses(): readonly ContractStatus[] {
    return [...this.#statuses.values()];
  }

  async contractLogs(mspId: string, packageId: string, lines: number): Promise<readonly ContractLogLine[]> {
    const log = [1, 2, 3].map(
      (timeMs) => ({ timeMs, stream: "stdout", text: `${mspId} ${packageId} ${timeMs}` }) as const,
    );
    return log.slice(-lines);
  }

  async invoke(request: InvokeRequest): Promise<InvokeResult> {
    this.#enter("invoke", `${request.contract} ${request.fn}`);
    this.requests.push(request);
    if (request.contract === "_lifecycle") await this.#lifecycle(request);
    const txId = (++this.#txCount).toString(16).padStart(64, "0");
    return { txId, block: this.#txCount, validationCode: this.validationCode, result: resultOf(request) };
  }

  async query(request: InvokeRequest): Promise<Uint8Array> {
    this.#enter("query", `${request.contract} ${request.fn}`);
    this.requests.push(request);
    return resultOf(request);
  }

  async close(): Promise<void> {
    this.#nodes.clear();
    this.isClosed = true;
  }

  async #lifecycle({ channelId, fn, args, signer }: InvokeRequest): Promise<void> {
    const { packageId, ...definition } = lifecycleRequestOf(args[0]);
    const { name, sequence } = definition;
    const state = this.#ledger.state.of(channelId, "_lifecycle");
    if (fn === "ApproveChaincodeDefinitionForMyOrg") {
      state.set(approvalKey(signer.mspId, name, sequence), Buffer.from(approvalToText({ ...definition, packageId })));
    } else if (fn === "CommitChaincodeDefinition") {
      state.set(definitionKey(name), Buffer.from(definitionToText(definition)));
    } else {
      throw fabricError("INVOKE_REFUSED", { grpcCode: 2, details: [] });
    }
  }

  #setStatus(mspId: string, packageId: string, state: ContractStatus["state"]): ContractStatus {
    const base = { mspId, packageId, state, reason: null, sinceMs: 0, restarts: 0 } as const;
    const status: ContractStatus = { ...base, processId: state === "running" ? 4711 : null, sandbox: null };
    this.#statuses.set(`${mspId}/${packageId}`, status);
    return status;
  }

  #statusOf(nodeId: string): NodeStatus {
    const { port, channels } = this.#node(nodeId);
    return {
      nodeId,
      port,
      channels: [...channels].map((channelId) => ({ channelId, height: this.#ledger.heightOf(channelId) })),
    };
  }

  #node(nodeId: string): FakeNode {
    const node = this.#nodes.get(nodeId);
    if (node === undefined) throw fabricError("NODE_UNKNOWN", { nodeId });
    return node;
  }

  #enter(method: keyof Fabric, subject: string): void {
    this.calls.push(`${method} ${subject}`);
    const failure = this.failures.get(method);
    this.failures.delete(method);
    if (failure !== undefined) throw failure;
  }
}

export function fabricError(code: FabricErrorCode, facts: ErrorFacts = {}): ConcordatError<FabricErrorCode> {
  return new ConcordatError({ code, summary: `Fake: ${code}`, facts });
}

function resultOf({ contract, fn, args }: InvokeRequest): Uint8Array {
  return Buffer.from(contract === "_lifecycle" ? "" : `${contract}.${fn}(${args.map(String).join(", ")})`);
}
