import type { ChannelConfig } from "@concordat/ledger/client";
import { type ChannelMsps, isPolicySatisfied, type Member } from "@concordat/ledger/endorsement";

/** Something that somebody signed. */
export interface SignedData {
  /** A serialized identity. */
  readonly identity: Uint8Array;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

export type ChannelRule = "Readers" | "Writers";

/** Why somebody may not do something, in Fabric's words. */
export class AccessError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AccessError";
  }
}

/**
 * Checks signed data against a channel's policy, as Fabric's default access rules do.
 * @throws AccessError
 */
export function checkChannelAccess(
  msps: ChannelMsps | undefined,
  channelId: string,
  rule: ChannelRule,
  signed: SignedData,
  atMs: number,
): Member {
  if (channelId === "") {
    throw new AccessError(
      "Invalid channel ID name during check policy on signed data. Name must be different from nil.",
    );
  }
  if (msps === undefined) throw new AccessError(`Failed to get policy manager for channel [${channelId}]`);
  const { member } = msps.identify(signed.identity, atMs);
  if (member?.verify(signed.data, signed.signature) === true && satisfiesRule(member, rule, msps.config)) return member;
  throw new AccessError(policyFailure(channelId, rule));
}

export function satisfiesRule(member: Member, rule: ChannelRule, config: ChannelConfig): boolean {
  return isPolicySatisfied({ kind: "channel", name: rule }, [member], config);
}

export function policyFailure(channelId: string, rule: ChannelRule): string {
  const inner = `implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the '${rule}' sub-policies to be satisfied`;
  return `Failed evaluating policy on signed data during check policy on channel [${channelId}] with policy [/Channel/Application/${rule}]: [${inner}]`;
}

/** Rules of a peer itself, outside of channels. */
export type LocalRule = "Admins" | "Members";

/** @throws AccessError unless a member of the peer's own organization, an administrator for `Admins`, signed */
export function checkLocalAccess(member: Member, mspId: string, rule: LocalRule): void {
  const prefix = `channelless check policy with policy [${rule}]`;
  if (member.mspId !== mspId) {
    const inner = `expected MSP ID ${mspId}, received ${member.mspId}`;
    throw new AccessError(`Failed deserializing proposal creator during ${prefix}: [${inner}]`);
  }
  if (rule === "Admins" && member.role !== "admin") {
    const inner = `The identity is not an admin under this MSP [${mspId}]: The identity does not contain OU [ADMIN], MSP: [${mspId}]`;
    throw new AccessError(
      `Failed verifying that proposal's creator satisfies local MSP principal during ${prefix}: [${inner}]`,
    );
  }
}
