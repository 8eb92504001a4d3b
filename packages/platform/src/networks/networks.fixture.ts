import type { Caller } from "../ports.ts";
import type { Harness } from "../testing/harness.ts";
import type { Network, NetworkNode, NewNetwork } from "./ports.ts";

export const organizations = ["AlphaMSP", "BetaMSP"] as const;

/** An account with a network of two organizations, whose nodes run. */
export interface NetworkCast {
  readonly administrator: Caller;
  readonly owner: Caller;
  readonly network: Network;
}

export async function createNetworkCast(harness: Harness): Promise<NetworkCast> {
  const { accessKey } = await harness.bootstrap();
  const administrator = harness.callerOf(accessKey.principal);
  const { principal } = await harness.platform.accounts.createAccount(administrator, { name: "owner" });
  const owner = harness.callerOf(principal);
  return { administrator, owner, network: await createNetwork(harness, owner) };
}

/** Waits for the network's job, which has to succeed. */
export async function createNetwork(
  harness: Harness,
  caller: Caller,
  input: Partial<NewNetwork> = {},
): Promise<Network> {
  const { networks, jobs } = harness.platform;
  const { network, job } = await networks.create(caller, { name: "net", organizations, ...input });
  const ended = await jobs.ended(job.jobId);
  if (ended.status !== "succeeded") throw new Error(`The network's job ended: ${JSON.stringify(ended.error)}`);
  return networks.get(caller, network.networkId);
}

export async function nodeNamed(
  harness: Harness,
  caller: Caller,
  networkId: string,
  name: string,
): Promise<NetworkNode> {
  const node = (await harness.platform.networks.listNodes(caller, networkId)).find((each) => each.name === name);
  if (node === undefined) throw new Error(`There is no ${name}.`);
  return node;
}

/** Nodes are started in the background of a start. */
export async function untilListening(
  harness: Harness,
  caller: Caller,
  networkId: string,
): Promise<readonly NetworkNode[]> {
  for (let turn = 0; turn < 1_000; turn++) {
    const nodes = await harness.platform.networks.listNodes(caller, networkId);
    if (nodes.every(({ listening, state }) => listening === (state === "started"))) return nodes;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("The nodes do not listen.");
}
