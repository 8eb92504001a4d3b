import type { ChannelPolicyName, MemberRole } from "./ports.ts";

/** What a channel policy asks of the organizations: how many of them, and whom each of them by. */
export interface ChannelPolicyRule {
  readonly organizations: "any" | "majority";
  readonly role: MemberRole | "member";
}

/** The policies that every channel has, docs/reference/ledger-format.md section 10. */
export const CHANNEL_POLICIES: Readonly<Record<ChannelPolicyName, ChannelPolicyRule>> = {
  Readers: { organizations: "any", role: "member" },
  Writers: { organizations: "any", role: "member" },
  Admins: { organizations: "majority", role: "admin" },
  Endorsement: { organizations: "majority", role: "peer" },
  LifecycleEndorsement: { organizations: "majority", role: "peer" },
};

export function isChannelPolicyName(name: string): name is ChannelPolicyName {
  return Object.hasOwn(CHANNEL_POLICIES, name);
}
