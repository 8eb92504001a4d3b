import { PlatformError } from "@concordat/platform";
import type { NativeContext } from "./context.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The id of a network that a caller names by its id or its name. Names are unique only within a project.
 * @throws PlatformError NETWORK_UNKNOWN
 */
export async function networkIdOf(network: string, { platform, caller }: NativeContext): Promise<string> {
  if (UUID.test(network)) return network;
  const named = (await platform.networks.list(caller)).filter(({ name }) => name === network);
  const [found, another] = named;
  if (found === undefined) throw new PlatformError("NETWORK_UNKNOWN");
  if (another !== undefined) {
    throw new PlatformError("NETWORK_UNKNOWN", "Several networks have this name.", {
      remedy: `Give the id of one: ${named.map(({ networkId }) => networkId).join(", ")}.`,
    });
  }
  return found.networkId;
}

/** As {@link networkIdOf}, for a node of a network. @throws PlatformError NODE_UNKNOWN */
export async function nodeIdOf(networkId: string, node: string, { platform, caller }: NativeContext): Promise<string> {
  if (UUID.test(node)) return node;
  const nodes = await platform.networks.listNodes(caller, networkId);
  const found = nodes.find(({ nodeId, name }) => nodeId === node || name === node);
  if (found === undefined) throw new PlatformError("NODE_UNKNOWN");
  return found.nodeId;
}
