import { status } from "@grpc/grpc-js";
import type { Endorser, ProposalResponse } from "../endorser/endorser.ts";
import { type Proposal, readProposal } from "../endorser/proposal.ts";
import type { Network } from "../node/network.ts";
import { type ErrorDetail, RpcError } from "../node/rpc-error.ts";
import type { RunningNode } from "../node/running-node.ts";
import { WireError } from "../wire/read.ts";
import { attemptQuery, begin } from "./attempt.ts";
import { detailOf } from "./outcome.ts";
import type { ProposalRequest } from "./requests.ts";

export interface GatewayDependencies {
  readonly network: Network;
  readonly endorser: Endorser;
}

/** Runs a proposal on one peer and answers what the contract says; nothing is endorsed or ordered. @throws RpcError */
export async function evaluate(
  gateway: RunningNode,
  request: ProposalRequest,
  signal: AbortSignal,
  { network, endorser }: GatewayDependencies,
): Promise<ProposalResponse["response"]> {
  const proposal = readEvaluated(request.signedProposal);
  if (!gateway.channels.has(proposal.channelId)) throw noConfig(status.UNAVAILABLE, proposal.channelId);
  const details: ErrorDetail[] = [];
  let absent = 0;
  const peers = candidates(gateway, proposal, request, network);
  for (const node of peers) {
    const { response, outcome, isAbsent } = await tryPeer(node, proposal, signal, endorser);
    if (outcome.kind === "success" && response !== undefined) return response.response;
    if (outcome.kind === "success") continue;
    if (isAbsent) absent++;
    details.push(detailOf(node, outcome.message));
    if (outcome.retry) continue;
    throw new RpcError(outcome.code, `evaluate call to endorser returned error: ${outcome.message}`, details);
  }
  if (absent === peers.length) throw noEvaluator(proposal, request);
  throw new RpcError(status.ABORTED, "failed to evaluate transaction, see attached details for more info", details);
}

async function tryPeer(node: RunningNode, proposal: Proposal, signal: AbortSignal, endorser: Endorser) {
  const begun = await begin(endorser, node, proposal);
  return "refusal" in begun ? begun.refusal : attemptQuery(endorser, begun.execution, signal);
}

function readEvaluated(signedProposal: Uint8Array): Proposal {
  const refuse = (text: string) =>
    new RpcError(status.INVALID_ARGUMENT, `failed to unpack transaction proposal: ${text}`);
  if (signedProposal.length === 0) throw refuse("a signed proposal is required");
  try {
    const proposal = readProposal(signedProposal);
    if (proposal.channelId === "") throw refuse("no channel id provided");
    return proposal;
  } catch (error) {
    if (error instanceof WireError) throw refuse(error.message);
    throw error;
  }
}

/** One peer of each organization: all peers of one share the contract's process. The gateway's own comes first; transient data stays with it. */
function candidates(
  gateway: RunningNode,
  { channelId, hasTransient }: Proposal,
  { organizations }: ProposalRequest,
  network: Network,
): readonly RunningNode[] {
  const ownOnly = hasTransient && organizations.length === 0;
  const wanted = ownOnly ? [gateway.mspId] : organizations;
  const peers = firstOfEach(network.peersOf(channelId, gateway)).filter(
    (peer) => wanted.length === 0 || wanted.includes(peer.mspId),
  );
  return peers.sort((a, b) => Number(b.mspId === gateway.mspId) - Number(a.mspId === gateway.mspId));
}

export function firstOfEach(peers: readonly RunningNode[]): RunningNode[] {
  const byOrganization = new Map<string, RunningNode>();
  for (const peer of peers) if (!byOrganization.has(peer.mspId)) byOrganization.set(peer.mspId, peer);
  return [...byOrganization.values()];
}

function noEvaluator(proposal: Proposal, { organizations }: ProposalRequest): RpcError {
  const text = `no peers available to evaluate chaincode ${proposal.contract} in channel ${proposal.channelId}`;
  if (!proposal.hasTransient || organizations.length > 0) return new RpcError(status.FAILED_PRECONDITION, text);
  const hint =
    "no endorsers found in the gateway's organization; retry specifying target organization(s) to protect transient data";
  return new RpcError(status.FAILED_PRECONDITION, `${hint}: ${text}`);
}

/** A channel that the gateway's peer is not on. */
export function noConfig(code: status, channelId: string): RpcError {
  const inner = `could not get last config block for channel ${channelId}`;
  return new RpcError(code, `failed to get config for channel [${channelId}]: ${inner}`);
}
