import type { Clock, Logger } from "@concordat/base";
import type { Ledger } from "@concordat/ledger/client";
import type { Endorser } from "../endorser/endorser.ts";
import { fabricErrors } from "../errors.ts";
import { Gateway } from "../gateway/gateway.ts";
import type { NodeConfig, NodeStatus } from "../ports.ts";
import { ChannelHeads } from "./channel-heads.ts";
import type { Network } from "./network.ts";
import { type NodeServer, startNodeServer } from "./node-server.ts";
import { PeerChannel } from "./peer-channel.ts";
import { RunningNode } from "./running-node.ts";
import { ordererServices, peerServices } from "./services.ts";

export interface NodesDependencies {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
  readonly network: Network;
  readonly endorser: Endorser;
}

interface Entry {
  readonly node: RunningNode;
  readonly gateway: Gateway;
  readonly server: NodeServer;
  readonly stopping: AbortController;
}

/** Starts and stops nodes, and takes them on and off channels. */
export class Nodes {
  readonly #dependencies: NodesDependencies;
  readonly #heads: ChannelHeads;
  readonly #entries = new Map<string, Entry>();
  readonly #starting = new Set<string>();

  constructor(dependencies: NodesDependencies) {
    this.#dependencies = dependencies;
    this.#heads = new ChannelHeads(dependencies);
  }

  /** @throws ConcordatError NODE_PORT_TAKEN; CHANNEL_UNKNOWN */
  async start(config: NodeConfig): Promise<NodeStatus> {
    const { nodeId } = config;
    const running = this.#entries.get(nodeId);
    if (running !== undefined) return statusOf(running.node);
    if (this.#starting.has(nodeId)) throw fabricErrors.nodePortTaken(nodeId, config.listen.port, undefined);
    this.#starting.add(nodeId);
    try {
      return await this.#start(config);
    } finally {
      this.#starting.delete(nodeId);
    }
  }

  /** Out of sight of the others at once; calls in flight end, 5 s at most. @throws ConcordatError NODE_UNKNOWN */
  async stop(nodeId: string): Promise<NodeStatus> {
    const { node, server, stopping } = this.#entry(nodeId);
    this.#entries.delete(nodeId);
    this.#dependencies.network.remove(nodeId);
    stopping.abort();
    await server.stop();
    const status = statusOf(node);
    for (const channelId of [...node.channels.keys()]) this.#leave(node, channelId);
    return status;
  }

  /** @throws ConcordatError NODE_UNKNOWN; CHANNEL_UNKNOWN */
  async join(nodeId: string, channelId: string): Promise<void> {
    await this.#join(this.#entry(nodeId).node, channelId);
  }

  /** @throws ConcordatError NODE_UNKNOWN, NODE_NOT_ON_CHANNEL */
  leave(nodeId: string, channelId: string): void {
    const { node } = this.#entry(nodeId);
    if (!node.channels.has(channelId)) throw fabricErrors.nodeNotOnChannel(nodeId, channelId);
    this.#leave(node, channelId);
  }

  statuses(): readonly NodeStatus[] {
    return [...this.#entries.values()].map(({ node }) => statusOf(node));
  }

  has(nodeId: string): boolean {
    return this.#entries.has(nodeId);
  }

  /** The gateway of a peer on the channel, one of this organization if there is one. */
  gatewayFor(channelId: string, mspId: string): Gateway | undefined {
    const peers = this.#dependencies.network.peersOf(channelId);
    const peer = peers.find((candidate) => candidate.mspId === mspId) ?? peers[0];
    return peer && this.#entries.get(peer.nodeId)?.gateway;
  }

  refresh(channelId: string): Promise<void> {
    return this.#heads.refresh(channelId);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((nodeId) => this.stop(nodeId)));
    this.#heads.close();
  }

  async #start(config: NodeConfig): Promise<NodeStatus> {
    const { network } = this.#dependencies;
    const node = new RunningNode(config);
    const stopping = new AbortController();
    const gateway = new Gateway({ node }, this.#dependencies);
    const dependencies = { ...this.#dependencies, stopping: stopping.signal };
    try {
      for (const { channelId } of config.channels) await this.#join(node, channelId);
      const isPeer = config.kind === "peer";
      const services = isPeer ? peerServices(node, gateway, dependencies) : ordererServices(node, dependencies);
      const server = await startNodeServer(config, services, dependencies);
      node.listensOn(server.port);
      this.#entries.set(node.nodeId, { node, gateway, server, stopping });
      network.add(node);
      return statusOf(node);
    } catch (error) {
      for (const channelId of [...node.channels.keys()]) this.#leave(node, channelId);
      throw error;
    }
  }

  async #join(node: RunningNode, channelId: string): Promise<void> {
    if (node.channels.has(channelId)) return;
    const head = await this.#heads.acquire(channelId);
    if (node.channels.has(channelId)) this.#heads.release(channelId);
    else node.channels.set(channelId, new PeerChannel(head, this.#dependencies.ledger));
  }

  #leave(node: RunningNode, channelId: string): void {
    node.channels.get(channelId)?.leave();
    if (node.channels.delete(channelId)) this.#heads.release(channelId);
  }

  #entry(nodeId: string): Entry {
    const entry = this.#entries.get(nodeId);
    if (entry === undefined) throw fabricErrors.nodeUnknown(nodeId);
    return entry;
  }
}

function statusOf(node: RunningNode): NodeStatus {
  const channels = [...node.channels.values()].map(({ channelId, height }) => ({ channelId, height }));
  return { nodeId: node.nodeId, port: node.port, channels };
}
