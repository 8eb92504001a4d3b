import type { Handlers } from "@concordat/api-kit";
import { bytesToBase64 } from "@concordat/base";
import type { Network, NetworkChannel, NetworkNode } from "@concordat/platform";
import type { networkChannelRoutes } from "../routes/network-channels.ts";
import type { nodeRoutes } from "../routes/network-nodes.ts";
import type { networkRoutes } from "../routes/networks.ts";
import type { NativeContext } from "./context.ts";
import { networkIdOf, nodeIdOf } from "./network-lookup.ts";

export const networkHandlers = {
  async createNetwork(input, { platform, caller }) {
    const { network, job } = await platform.networks.create(caller, input);
    return { network: networkToWire(network), jobId: job.jobId };
  },
  async listNetworks(_input, { platform, caller }) {
    return { networks: (await platform.networks.list(caller)).map(networkToWire) };
  },
  async getNetwork({ network }, context) {
    const { platform, caller } = context;
    return networkToWire(await platform.networks.get(caller, await networkIdOf(network, context)));
  },
  async deleteNetwork({ network }, context) {
    const { platform, caller } = context;
    await platform.networks.delete(caller, await networkIdOf(network, context));
    return {};
  },
  async createNetworkConnection({ network, organization, commonName }, context) {
    const { platform, caller } = context;
    const { fileName, bytes } = await platform.networks.createConnection(caller, {
      networkId: await networkIdOf(network, context),
      mspId: organization,
      ...(commonName === undefined ? {} : { commonName }),
    });
    return { fileName, file: bytesToBase64(bytes) };
  },
} satisfies Handlers<typeof networkRoutes, NativeContext>;

export const nodeHandlers = {
  async listNodes({ network }, context) {
    const { platform, caller } = context;
    const nodes = await platform.networks.listNodes(caller, await networkIdOf(network, context));
    return { nodes: nodes.map(nodeToWire) };
  },
  async startNode({ network, node }, context) {
    const { platform, caller } = context;
    const networkId = await networkIdOf(network, context);
    return nodeToWire(await platform.networks.startNode(caller, networkId, await nodeIdOf(networkId, node, context)));
  },
  async stopNode({ network, node }, context) {
    const { platform, caller } = context;
    const networkId = await networkIdOf(network, context);
    return nodeToWire(await platform.networks.stopNode(caller, networkId, await nodeIdOf(networkId, node, context)));
  },
} satisfies Handlers<typeof nodeRoutes, NativeContext>;

export const networkChannelHandlers = {
  async createChannel({ network, channel, ...input }, context) {
    const { platform, caller } = context;
    const networkId = await networkIdOf(network, context);
    return channelToWire(await platform.networks.createChannel(caller, { ...input, networkId, channelId: channel }));
  },
  async listChannels({ network }, context) {
    const { platform, caller } = context;
    const channels = await platform.networks.listChannels(caller, await networkIdOf(network, context));
    return { channels: channels.map(channelToWire) };
  },
  async joinChannel({ channel, nodes }, { platform, caller }) {
    return { nodes: (await platform.networks.joinChannel(caller, channel, nodes)).map(nodeToWire) };
  },
} satisfies Handlers<typeof networkChannelRoutes, NativeContext>;

function networkToWire(network: Network) {
  return { ...network, organizations: [...network.organizations], channelIds: [...network.channelIds] };
}

function nodeToWire(node: NetworkNode) {
  return { ...node, channels: [...node.channels] };
}

function channelToWire(channel: NetworkChannel) {
  return { ...channel, organizations: [...channel.organizations], blockCutting: { ...channel.blockCutting } };
}
