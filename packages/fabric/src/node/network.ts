import type { RunningNode } from "./running-node.ts";

/**
 * The nodes that run in this process. What a real peer would ask its neighbours by gossip and the orderers' addresses from the channel's
 * configuration, a node here asks of this list.
 */
export class Network {
  readonly #nodes = new Map<string, RunningNode>();

  add(node: RunningNode): void {
    this.#nodes.set(node.nodeId, node);
  }

  remove(nodeId: string): void {
    this.#nodes.delete(nodeId);
  }

  node(nodeId: string): RunningNode | undefined {
    return this.#nodes.get(nodeId);
  }

  nodes(): readonly RunningNode[] {
    return [...this.#nodes.values()];
  }

  /** Peers that are on the channel, the one that has come farthest first; `preferred` leads among equals. */
  peersOf(channelId: string, preferred?: RunningNode): readonly RunningNode[] {
    const height = (node: RunningNode) => node.channels.get(channelId)?.height ?? 0;
    return this.nodes()
      .filter((node) => node.config.kind === "peer" && node.channels.has(channelId))
      .sort((a, b) => height(b) - height(a) || Number(b === preferred) - Number(a === preferred));
  }

  orderersOf(channelId: string): readonly RunningNode[] {
    return this.nodes().filter((node) => node.config.kind === "orderer" && node.channels.has(channelId));
  }
}
