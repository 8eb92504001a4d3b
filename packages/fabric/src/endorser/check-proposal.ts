import { bytesToHex, type Clock } from "@concordat/base";
import { CLIENT_CLOCK_SKEW_MAX_MS, LIFECYCLE_NAMESPACE, type Member } from "@concordat/ledger/endorsement";
import type { RunningNode } from "../node/running-node.ts";
import { policyFailure, satisfiesRule } from "./access.ts";
import { type Proposal, transactionIdOf } from "./proposal.ts";

/** A proposal that the endorser answers with an error of the call itself, before anything is run. */
export class ProposalRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ProposalRefused";
  }
}

const HEADER_TYPE_CONFIG = 1n;
const HEADER_TYPE_ENDORSER_TRANSACTION = 3n;
export const SYSTEM_CONTRACTS: ReadonlySet<string> = new Set(["qscc", "cscc", LIFECYCLE_NAMESPACE]);

/**
 * What every proposal must be before a contract sees it: whole, from a member whose certificate holds now, signed by it, and of this minute.
 * The node must be on the proposal's channel; without one the creator must belong to the node's own organization.
 * @throws ProposalRefused
 */
export function checkProposal(node: RunningNode, proposal: Proposal, clock: Clock): Member {
  const fault = formFault(proposal) ?? timeFault(proposal, clock.nowMs());
  if (fault !== undefined) throw new ProposalRefused(`error validating proposal: ${fault}`);
  const member = authenticate(node, proposal, clock.nowMs());
  const channel = node.channels.get(proposal.channelId);
  if (channel === undefined) return member;
  if (!SYSTEM_CONTRACTS.has(proposal.contract) && !satisfiesRule(member, "Writers", channel.head.config)) {
    throw new ProposalRefused(policyFailure(proposal.channelId, "Writers"));
  }
  return member;
}

/** @throws ProposalRefused when the channel has a transaction of this id, valid or not */
export async function checkIsNew(node: RunningNode, proposal: Proposal): Promise<void> {
  const { channelId, txId, creator } = proposal;
  const known = await node.channels.get(channelId)?.findTransaction(txId);
  if (known === undefined) return;
  throw new ProposalRefused(`duplicate transaction found [${txId}]. Creator [${bytesToHex(creator)}]`);
}

function formFault(proposal: Proposal): string | undefined {
  if (proposal.type !== HEADER_TYPE_ENDORSER_TRANSACTION && proposal.type !== HEADER_TYPE_CONFIG) {
    return `invalid header type ${proposal.type}`;
  }
  if (proposal.epoch !== 0n) return "epoch is non-zero";
  if (proposal.nonce.length === 0) return "nonce is empty";
  if (proposal.creator.length === 0) return "creator is empty";
  const expected = transactionIdOf(proposal.nonce, proposal.creator);
  if (proposal.txId !== expected) return `incorrectly computed txid '${proposal.txId}' -- expected '${expected}'`;
  if (proposal.signature.length === 0) return "empty signature bytes";
  return undefined;
}

/** Contracts see the client's time as the transaction's, and the orderer refuses one that is off: better now than then. */
function timeFault({ timestamp }: Proposal, nowMs: number): string | undefined {
  if (timestamp === undefined) return "channel header must contain timestamp";
  const ms = timestamp.seconds * 1_000 + timestamp.nanos / 1_000_000;
  if (Math.abs(ms - nowMs) <= CLIENT_CLOCK_SKEW_MAX_MS) return undefined;
  if (ms > 8.64e15) return "channel header timestamp is out of range";
  const [theirs, ours] = [new Date(ms).toISOString(), new Date(nowMs).toISOString()];
  return `proposal timestamp ${theirs} is more than 1m0s apart from current server time ${ours}`;
}

/** Fabric tells a stranger nothing of why. */
function authenticate(node: RunningNode, proposal: Proposal, nowMs: number): Member {
  const denied = `error validating proposal: access denied: channel [${proposal.channelId}] creator org`;
  const unknown = `${denied} unknown, creator is malformed`;
  const msps = mspsFor(node, proposal.channelId);
  if (msps === undefined) throw new ProposalRefused(unknown);
  const verdict = msps.identify(proposal.creator, nowMs);
  if (verdict.fault === "malformed" || verdict.fault === "unknown-msp") throw new ProposalRefused(unknown);
  const mspId = (verdict.member ?? verdict).mspId ?? "";
  if (proposal.channelId === "" && mspId !== node.mspId) throw new ProposalRefused(unknown);
  if (verdict.member?.verify(proposal.proposalBytes, proposal.signature) === true) return verdict.member;
  throw new ProposalRefused(`${denied} [${mspId}]`);
}

/** A node knows its own organization through the channels that it is on. */
function mspsFor(node: RunningNode, channelId: string) {
  const channel = channelId === "" ? node.channels.values().next().value : node.channels.get(channelId);
  return channel?.head.msps;
}
