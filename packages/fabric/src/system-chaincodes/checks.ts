import {
  AccessError,
  type ChannelRule,
  checkLocalAccess,
  type LocalRule,
  policyFailure,
  satisfiesRule,
} from "../endorser/access.ts";
import type { Execution } from "../endorser/contract-call.ts";
import type { PeerChannel } from "../node/peer-channel.ts";

/**
 * Whether the proposal's creator, whose signature was checked, may do this on a channel, which need not be the proposal's own.
 * Undefined when it may; else why not, in Fabric's words.
 */
export function channelRefusal(execution: Execution, channel: PeerChannel, rule: ChannelRule): string | undefined {
  const { creator, proposal } = execution;
  const { msps, config } = channel.head;
  const sameChannel = channel.channelId === proposal.channelId;
  const time = proposal.timestamp ?? { seconds: 0, nanos: 0 };
  const member = sameChannel ? creator : msps.identify(creator.serialized, time.seconds * 1_000).member;
  if (member !== undefined && satisfiesRule(member, rule, config)) return undefined;
  return policyFailure(channel.channelId, rule);
}

/** As {@link channelRefusal}, for what concerns the peer as a whole. */
export function localRefusal({ creator, node }: Execution, rule: LocalRule): string | undefined {
  try {
    checkLocalAccess(creator, node.mspId, rule);
    return undefined;
  } catch (error) {
    if (error instanceof AccessError) return error.message;
    throw error;
  }
}

/** Arguments as text, for names and numbers; malformed UTF-8 becomes replacement characters, which name nothing. */
export function textArgument(args: readonly Uint8Array[], index: number): string {
  return Buffer.from(args[index] ?? []).toString("utf8");
}
