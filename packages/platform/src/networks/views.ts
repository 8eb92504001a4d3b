import type { NetworkChannelRow, NetworkRow, NodeRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import type { NodeRunner } from "./node-runner.ts";
import type { Network, NetworkChannel, NetworkNode } from "./ports.ts";

/** The rows of networks as callers see them. */
export class NetworkViews {
  readonly #directory: Directory;
  readonly #runner: Pick<NodeRunner, "statusOf">;

  constructor(dependencies: { readonly directory: Directory; readonly runner: Pick<NodeRunner, "statusOf"> }) {
    this.#directory = dependencies.directory;
    this.#runner = dependencies.runner;
  }

  network({ accountUid: _, ...row }: NetworkRow): Network {
    return { ...row, channelIds: this.channelsOf(row.networkId).map(({ channelId }) => channelId) };
  }

  /** Of a running node the heights are those of this moment, else those of its last stop. */
  node({ host, port, ...row }: NodeRow): NetworkNode {
    const { nodeId, networkId, kind, mspId, name, mutualTls, state, createdMs } = row;
    const status = this.#runner.statusOf(nodeId);
    const recorded = this.#directory.table("nodeChannels").all();
    const channels =
      status?.channels ??
      recorded.filter((each) => each.nodeId === nodeId).map(({ channelId, height }) => ({ channelId, height }));
    return {
      nodeId,
      networkId,
      kind,
      mspId,
      name,
      endpoint: endpointOf(host, status?.port ?? port),
      mutualTls,
      state,
      listening: status !== undefined,
      channels: [...channels].sort((a, b) => (a.channelId < b.channelId ? -1 : 1)),
      createdMs,
    };
  }

  channel(row: NetworkChannelRow, height: number): NetworkChannel {
    return { ...row, height };
  }

  /** By ascending id. */
  channelsOf(networkId: string): NetworkChannelRow[] {
    const rows = this.#directory.table("networkChannels").all();
    return rows.filter((row) => row.networkId === networkId).sort((a, b) => (a.channelId < b.channelId ? -1 : 1));
  }

  /** Orderers first, then peers, by name. */
  nodesOf(networkId: string): NodeRow[] {
    const rows = this.#directory.table("nodes").all();
    return rows.filter((row) => row.networkId === networkId).sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

export function endpointOf(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

export interface NodeEndpoint {
  readonly network: string;
  readonly node: string;
  readonly endpoint: string;
}

/** Of the nodes that shall run and have a port, by network and name. */
export function nodeEndpoints(directory: Directory): NodeEndpoint[] {
  return directory
    .table("nodes")
    .all()
    .filter(({ state, port }) => state === "started" && port !== 0)
    .map(({ networkId, name, host, port }) => ({
      network: directory.row("networks", networkId)?.name ?? "",
      node: name,
      endpoint: endpointOf(host, port),
    }))
    .sort((a, b) => (`${a.network}/${a.node}` < `${b.network}/${b.node}` ? -1 : 1));
}
