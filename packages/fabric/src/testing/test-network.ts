import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, type Logger, nodeFileSystem, silentLogger, systemClock, systemRandom } from "@concordat/base";
import { openLedger } from "@concordat/ledger";
import { type ChannelConfig, type Ledger, originOf } from "@concordat/ledger/client";
import type { Contract } from "@concordat/ledger/contract-api";
import type { ContractHost } from "../contracts/ports.ts";
import { createFabric } from "../fabric.ts";
import type { Fabric, NodeConfig, NodeStatus } from "../ports.ts";
import { keyValueContract } from "./key-value-contract.ts";
import { noContracts } from "./no-contracts.ts";
import { createTestOrganization, type TestOrganization, testNode } from "./test-organization.ts";

const INSTALLATION = "0123456789abcdef";

export interface TestNetworkOptions {
  /** MSP ids; `Org1MSP` when left out. The first one runs the orderer. */
  readonly organizations?: readonly string[];
  /** `ch1` when left out. All nodes are on all of them. */
  readonly channelIds?: readonly string[];
  /** Built-in contracts; {@link keyValueContract} when left out. */
  readonly contracts?: readonly Contract[];
  readonly contractHost?: ContractHost;
  readonly mutualTls?: boolean;
  readonly blockCutting?: Partial<ChannelConfig["blockCutting"]>;
  readonly stateDatabase?: ChannelConfig["stateDatabase"];
  readonly contractTimeoutMs?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** In place of an engine in this thread; closed by the caller. */
  readonly ledger?: Ledger;
  /** Stands between the peers and the engine, to look or to disturb. */
  readonly wrapLedger?: (ledger: Ledger) => Ledger;
}

/** A network that runs: one peer for each organization and one orderer, over the real engine in this thread and a temporary folder. */
export interface TestNetwork {
  readonly fabric: Fabric;
  readonly ledger: Ledger;
  readonly organizations: readonly TestOrganization[];
  readonly channelIds: readonly string[];
  /** Configurations of the nodes, as they were started. */
  readonly nodes: readonly NodeConfig[];
  organization(mspId?: string): TestOrganization;
  /** The peer of an organization. @throws Error when it is not running */
  peer(mspId?: string): RunningTestNode;
  orderer(): RunningTestNode;
  /** Changes a channel's configuration, as the platform does. */
  updateChannel(channelId: string, change: (config: ChannelConfig) => ChannelConfig): Promise<void>;
  close(): Promise<void>;
}

export interface RunningTestNode {
  readonly config: NodeConfig;
  readonly status: NodeStatus;
  /** `127.0.0.1:port`. */
  readonly endpoint: string;
}

export async function startTestNetwork(options: TestNetworkOptions = {}): Promise<TestNetwork> {
  const directory = await mkdtemp(join(tmpdir(), "concordat-fabric-"));
  const organizations = await Promise.all((options.organizations ?? ["Org1MSP"]).map(createTestOrganization));
  const contracts = options.contracts ?? [keyValueContract];
  const channelIds = options.channelIds ?? ["ch1"];
  const clock = options.clock ?? systemClock;
  const log = options.log ?? silentLogger;
  const engine = { directory: join(directory, "ledger"), installationId: INSTALLATION, contracts };
  const ledger = options.ledger ?? (await openLedger(engine, { clock, log }));
  const signers = organizations.map(({ checkpointSigner }) => checkpointSigner);
  for (const channelId of channelIds) {
    await ledger.createChannel(channelConfig(channelId, organizations, contracts, options), signers);
  }
  const fabric = createFabric(
    {
      directory: join(directory, "fabric"),
      allowedContractAddresses: [],
      unsafeContracts: false,
      ...(options.contractTimeoutMs === undefined ? {} : { contractTimeoutMs: options.contractTimeoutMs }),
    },
    {
      ledger: options.wrapLedger?.(ledger) ?? ledger,
      clock,
      random: systemRandom,
      fileSystem: nodeFileSystem,
      log,
      hiddenPaths: [],
      contracts: options.contractHost ?? noContracts(),
    },
  );
  const nodes = await nodeConfigs(organizations, channelIds, options.mutualTls === true);
  for (const node of nodes) await fabric.startNode(node);
  const running = (kind: NodeConfig["kind"], mspId: string): RunningTestNode => {
    const config = nodes.find((node) => node.kind === kind && node.mspId === mspId);
    const status = fabric.nodes().find(({ nodeId }) => nodeId === config?.nodeId);
    if (config === undefined || status === undefined) throw new Error(`No ${kind} of ${mspId} is running.`);
    return { config, status, endpoint: `127.0.0.1:${status.port}` };
  };
  const organization = (mspId = "Org1MSP") => {
    const found = organizations.find((one) => one.mspId === mspId);
    if (found === undefined) throw new Error(`There is no organization ${mspId}.`);
    return found;
  };
  return {
    fabric,
    ledger,
    organizations,
    channelIds,
    nodes,
    organization,
    peer: (mspId = "Org1MSP") => running("peer", mspId),
    orderer: () => running("orderer", organizations[0]?.mspId ?? ""),
    async updateChannel(channelId, change) {
      await ledger.updateChannel(change(await ledger.config(channelId)), signers);
    },
    async close() {
      await fabric.close();
      if (options.ledger === undefined) await ledger.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function channelConfig(
  channelId: string,
  organizations: readonly TestOrganization[],
  contracts: readonly Contract[],
  { blockCutting, stateDatabase = "goleveldb" }: TestNetworkOptions,
): ChannelConfig {
  return {
    channelId,
    origin: originOf(INSTALLATION, channelId),
    displayName: channelId,
    organizations: organizations.map(({ config }) => config),
    blockCutting: {
      messageCountMax: 500,
      bytesMax: 2 * 1024 * 1024,
      timeoutMs: 2_000,
      cutWhenIdle: true,
      ...blockCutting,
    },
    stateDatabase,
    cryptography: "international",
    recordRefusals: false,
    contracts: contracts.map(({ name }) => name),
  };
}

async function nodeConfigs(
  organizations: readonly TestOrganization[],
  channelIds: readonly string[],
  mutualTls: boolean,
): Promise<readonly NodeConfig[]> {
  const clientAuthorities = organizations.map(({ tlsCertificatePem }) => tlsCertificatePem);
  const parts = mutualTls ? { clientAuthorities } : {};
  const [first] = organizations;
  const orderers = first === undefined ? [] : [await testNode(first, "orderer", channelIds, parts)];
  const peers = await Promise.all(organizations.map((one) => testNode(one, "peer", channelIds, parts)));
  return [...orderers, ...peers];
}
