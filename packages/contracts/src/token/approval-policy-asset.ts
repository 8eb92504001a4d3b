import { trimDecimals } from "./amounts.ts";
import type { Arguments } from "./arguments.ts";
import { isSameUser } from "./callers.ts";
import { toApprovalPolicyId } from "./ids.ts";
import { tokenLimits } from "./limits.ts";
import { refuseMember } from "./refusals.ts";
import type { StoredApprovalPolicy, User } from "./rows.ts";

/** The policy of the argument. The contract makes its id: one that is given is not used. */
export function readNewPolicy(members: Arguments): StoredApprovalPolicy {
  return readAsset(members).policy;
}

/** The same where an id that is given must be the one of the limits. */
export function readChangedPolicy(members: Arguments): StoredApprovalPolicy {
  const { policy, id } = readAsset(members);
  const ownId = toApprovalPolicyId(trimDecimals(policy.lower), trimDecimals(policy.upper));
  if (id !== "" && id !== ownId)
    refuseMember("asset.approvalPolicyId", "is not the id of the policy with these limits");
  return policy;
}

/** All approvers are required: there are as many as approvals, and each has its place in the order, from 1. */
function readAsset(members: Arguments): { readonly policy: StoredApprovalPolicy; readonly id: string } {
  const asset = members.object("asset");
  const id = asset.has("approvalPolicyId") ? asset.text("approvalPolicyId") : "";
  const lower = asset.limit("transactionLowerLimit");
  const upper = asset.limit("transactionUpperLimit");
  if (!isLess(lower, upper)) refuseMember("asset.transactionUpperLimit", "is not more than the lower limit");
  const required = asset.whole("numberOfApprovalsRequired", 0, tokenLimits.approversMax);
  const approvers = readApprovers(asset);
  if (approvers.length !== required) {
    refuseMember("asset.numberOfApprovalsRequired", "is not the number of approvers");
  }
  return { policy: { lower, upper, approvers }, id };
}

function readApprovers(asset: Arguments): readonly User[] {
  const listed = asset.objects("approverDetails", 0, tokenLimits.approversMax).map((approver) => ({
    ...approver.user("approverOrgId", "approverUserId"),
    sequence: approver.whole("approvalSequence", 1, tokenLimits.approversMax),
  }));
  const ordered = listed.sort((a, b) => a.sequence - b.sequence);
  if (ordered.some(({ sequence }, index) => sequence !== index + 1)) {
    refuseMember("asset.approverDetails", "does not have each place of the order once, from 1");
  }
  if (ordered.some((approver, index) => ordered.slice(0, index).some((other) => isSameUser(approver, other)))) {
    refuseMember("asset.approverDetails", "names an approver twice");
  }
  return ordered.map(({ org, user }) => ({ org, user }));
}

/** Of decimal numbers, with however many decimals. */
function isLess(a: string, b: string): boolean {
  const decimals = Math.max(...[a, b].map((text) => text.split(".")[1]?.length ?? 0));
  const [scaledA = 0n, scaledB = 0n] = [a, b].map((text) => {
    const [whole = "", fraction = ""] = text.split(".");
    return BigInt(whole + fraction.padEnd(decimals, "0"));
  });
  return scaledA < scaledB;
}
