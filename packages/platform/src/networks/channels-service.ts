import type { Clock, RandomSource } from "@concordat/base";
import { isConcordatError } from "@concordat/base";
import type { Ledger } from "@concordat/ledger";
import { auditEntry } from "../audit/audit-entry.ts";
import { requireBlockCutting } from "../chains/block-cutting.ts";
import type { ChannelSteps } from "../chains/channel-steps.ts";
import type { ControlChange, NetworkChannelRow, NetworkRow, NodeRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import { platformLimits } from "../limits.ts";
import type { Caller } from "../ports.ts";
import type { NetworkAccess } from "./access.ts";
import { networkBlockCutting, requireChannelId } from "./names.ts";
import { requireRoom } from "./network-plan.ts";
import type { NodeRunner } from "./node-runner.ts";
import type { NetworkChannel, NetworkNode, NewChannel } from "./ports.ts";
import type { NetworkViews } from "./views.ts";

export interface NetworkChannelsDependencies {
  readonly directory: Directory;
  readonly access: NetworkAccess;
  readonly ledger: Ledger;
  readonly steps: Pick<ChannelSteps, "createNetworkChannel" | "requireLedger">;
  readonly runner: NodeRunner;
  readonly views: NetworkViews;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** The channels of networks, and which nodes are on them. */
export class NetworkChannelsService {
  readonly #dependencies: NetworkChannelsDependencies;

  constructor(dependencies: NetworkChannelsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Where it fails half-way, the next start finishes it. */
  async create(caller: Caller, input: NewChannel): Promise<NetworkChannel> {
    const { directory, access, steps, runner } = this.#dependencies;
    requireChannelId(input.channelId);
    requireBlockCutting(input.blockCutting ?? {});
    const network = access.network(caller, "network:channel:create", input.networkId);
    await onLedger(() => steps.requireLedger());
    await this.#requireNoOther(input.channelId);
    const { row, nodes } = await directory.change(async () => {
      const planned = this.#plan(network.networkId, input);
      const { channelId, organizations } = planned.row;
      const joining = planned.nodes.map(({ nodeId }) => ({ nodeId, channelId, joinedHeight: 1, height: 1 }));
      const changes: ControlChange[] = [
        { table: "networkChannels", row: planned.row },
        ...joining.map((place) => ({ table: "nodeChannels", row: place }) as const),
      ];
      const audit = [
        this.#audit(caller, "network:channel:create", channelId, { networkId: network.networkId, organizations }),
      ];
      return { changes, audit, result: planned };
    });
    await this.#make(caller, row, nodes);
    await Promise.all(nodes.map(({ nodeId }) => runner.join(nodeId, row.channelId)));
    return this.#show({ ...row, status: "active" });
  }

  async list(caller: Caller, networkId: string): Promise<readonly NetworkChannel[]> {
    const { access, views } = this.#dependencies;
    access.network(caller, "network:channel:list", networkId);
    return Promise.all(views.channelsOf(networkId).map((row) => this.#show(row)));
  }

  async join(caller: Caller, channelId: string, nodeIds?: readonly string[]): Promise<readonly NetworkNode[]> {
    const { directory, access, ledger, runner, views } = this.#dependencies;
    const { network, channel } = access.channel(caller, "network:channel:join", channelId);
    const { height } = await onLedger(() => ledger.status(channelId));
    const nodes = this.#joining(network, channel, nodeIds);
    const isNew = ({ nodeId }: NodeRow) => directory.row("nodeChannels", nodeId, channelId) === undefined;
    await directory.change(async () => {
      const joining = nodes.filter(isNew);
      const changes = joining.map(
        ({ nodeId }) => ({ table: "nodeChannels", row: { nodeId, channelId, joinedHeight: height, height } }) as const,
      );
      const detail = { nodes: joining.map(({ name }) => name) };
      const audit = joining.length === 0 ? [] : [this.#audit(caller, "network:channel:join", channelId, detail)];
      return { changes, audit, result: undefined };
    });
    // Also those whose row a crash left without the node itself: joining again changes nothing.
    await Promise.all(nodes.map(({ nodeId }) => runner.join(nodeId, channelId)));
    return nodes.map((node) => views.node(node));
  }

  #plan(networkId: string, input: NewChannel): { readonly row: NetworkChannelRow; readonly nodes: readonly NodeRow[] } {
    const { directory, clock, views } = this.#dependencies;
    const network = directory.row("networks", networkId);
    if (network === undefined) throw new PlatformError("NETWORK_UNKNOWN");
    if (network.status !== "active") throw new PlatformError("NETWORK_NOT_READY", `The network is ${network.status}.`);
    if (directory.row("networkChannels", input.channelId) !== undefined) throw new PlatformError("NAME_EXISTS");
    requireRoom(
      views.channelsOf(networkId).length + 1,
      platformLimits.networks.channelsPerNetwork,
      "channels in a network",
    );
    const organizations = [...new Set(input.organizations ?? network.organizations)];
    const foreign = organizations.find((mspId) => !network.organizations.includes(mspId));
    if (foreign !== undefined || organizations.length === 0) {
      throw new PlatformError("ORGANIZATION_UNKNOWN", "A channel has one or more organizations of its network.");
    }
    const row: NetworkChannelRow = {
      channelId: input.channelId,
      networkId,
      organizations,
      blockCutting: { ...networkBlockCutting, ...input.blockCutting },
      stateDatabase: input.stateDatabase ?? "couchdb",
      status: "creating",
      createdMs: clock.nowMs(),
    };
    const isJoining = ({ kind, mspId }: NodeRow) =>
      kind === "orderer" || (input.join !== false && organizations.includes(mspId));
    return { row, nodes: views.nodesOf(networkId).filter(isJoining) };
  }

  /** A channel that the ledger refused is forgotten again; one that it may have is finished at the next start. */
  async #make(caller: Caller, row: NetworkChannelRow, nodes: readonly NodeRow[]): Promise<void> {
    const { directory, steps } = this.#dependencies;
    try {
      await onLedger(() => steps.createNetworkChannel(row));
    } catch (error) {
      if (isConcordatError(error, "OUTCOME_UNKNOWN") || isConcordatError(error, "STORE_UNAVAILABLE")) throw error;
      const { channelId } = row;
      await directory.change(async () => {
        const places = nodes.flatMap(({ nodeId }) => directory.row("nodeChannels", nodeId, channelId) ?? []);
        const changes: ControlChange[] = [
          ...places.map((place) => ({ table: "nodeChannels", row: place, remove: true }) as const),
          { table: "networkChannels", row, remove: true },
        ];
        const audit = [this.#audit(caller, "network:channel:create", channelId, {}, "failed")];
        return { changes, audit, result: undefined };
      });
      throw error;
    }
  }

  /** Business chains and the audit trail are channels of the same ledger. */
  async #requireNoOther(channelId: string): Promise<void> {
    const { ledger } = this.#dependencies;
    const channels = await onLedger(() => ledger.channels());
    if (channels.some((channel) => channel.channelId === channelId)) throw new PlatformError("NAME_EXISTS");
  }

  #joining(
    { networkId }: NetworkRow,
    { organizations }: NetworkChannelRow,
    nodeIds: readonly string[] | undefined,
  ): NodeRow[] {
    const peers = this.#dependencies.views
      .nodesOf(networkId)
      .filter(({ kind, mspId }) => kind === "peer" && organizations.includes(mspId));
    if (nodeIds === undefined) return peers;
    return [...new Set(nodeIds)].map((nodeId) => {
      const peer = peers.find((each) => each.nodeId === nodeId);
      if (peer === undefined) throw new PlatformError("NODE_UNKNOWN", "The channel's organizations have no such peer.");
      return peer;
    });
  }

  async #show(row: NetworkChannelRow): Promise<NetworkChannel> {
    const { ledger, views } = this.#dependencies;
    const height = row.status === "active" ? (await onLedger(() => ledger.status(row.channelId))).height : 0;
    return views.channel(row, height);
  }

  #audit(
    caller: Caller,
    action: string,
    id: string,
    detail: Readonly<Record<string, unknown>>,
    outcome: "done" | "failed" = "done",
  ) {
    return auditEntry(caller, { action, resource: { kind: "channel", id }, detail, outcome }, this.#dependencies);
  }
}
