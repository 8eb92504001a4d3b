import { equalBytes } from "@concordat/base";
import type { ChannelConfig } from "../ports.ts";
import { CHANNEL_POLICIES } from "./channel-policies.ts";
import type { EndorsementPolicy, Member, Principal, SignatureRule } from "./ports.ts";

/**
 * Whether these members satisfy the policy. One certificate counts once, however often and in whatever encoding it is listed. In a
 * signature policy each member is used at most once, by the first rule that it fits; what a rule used stays used only when that rule is satisfied.
 * @source fabric common/cauthdsl/cauthdsl.go, for the order in which rules use members up
 */
export function isPolicySatisfied(
  policy: EndorsementPolicy,
  members: readonly Member[],
  config: Pick<ChannelConfig, "organizations">,
): boolean {
  const distinct = distinctMembers(members);
  if (policy.kind === "signature") {
    const { rule, principals } = policy.policy;
    const used = new Array<boolean>(distinct.length).fill(false);
    return isRuleSatisfied(rule, principals, distinct, used);
  }
  const { organizations, role } = CHANNEL_POLICIES[policy.name];
  const mspIds = config.organizations.map((organization) => organization.mspId);
  const agreeing = mspIds.filter((mspId) => distinct.some((member) => fits(member, { kind: "role", mspId, role })));
  return agreeing.length > (organizations === "majority" ? Math.floor(mspIds.length / 2) : 0);
}

/** An authority gives a serial number once, so it tells certificates apart where their bytes could be dressed up differently. */
function distinctMembers(members: readonly Member[]): readonly Member[] {
  if (members.length < 2) return members;
  const byCertificate = new Map<string, Member>();
  for (const member of members) {
    const name = `${member.mspId}/${member.serialNumber}`;
    if (!byCertificate.has(name)) byCertificate.set(name, member);
  }
  return [...byCertificate.values()];
}

function isRuleSatisfied(
  rule: SignatureRule,
  principals: readonly Principal[],
  members: readonly Member[],
  used: boolean[],
): boolean {
  if (rule.kind === "signed-by") {
    const principal = principals[rule.principal];
    const index =
      principal === undefined ? -1 : members.findIndex((member, at) => !used[at] && fits(member, principal));
    if (index < 0) return false;
    used[index] = true;
    return true;
  }
  let satisfied = 0;
  for (const part of rule.rules) {
    const tried = [...used];
    if (!isRuleSatisfied(part, principals, members, tried)) continue;
    satisfied++;
    for (const [index, isUsed] of tried.entries()) used[index] = isUsed;
  }
  return satisfied >= rule.n;
}

function fits(member: Member, principal: Principal): boolean {
  if (principal.kind === "identity") return equalBytes(member.serialized, principal.serialized);
  if (member.mspId !== principal.mspId) return false;
  if (principal.kind === "unit") return member.units.includes(principal.unit);
  return principal.role === "member" || principal.role === member.role;
}
