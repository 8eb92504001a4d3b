import { printDeleted } from "./account-policies.ts";
import { amountToCommonScale, limitToText } from "./amounts.ts";
import type { ApprovalPolicyJson, ApproverJson, DeletedAssetJson } from "./answers.ts";
import { readChangedPolicy, readNewPolicy } from "./approval-policy-asset.ts";
import type { Arguments } from "./arguments.ts";
import { isInBand, readApprovalPolicies } from "./bands.ts";
import { authorize, type Call, tokenAdmin, tokenOfficers } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import { parseApprovalPolicyId, toApprovalPolicyId } from "./ids.ts";
import { tokenLimits } from "./limits.ts";
import { refuse, refuseMember } from "./refusals.ts";
import { readApprovalPolicy, rowKeys, type StoredApprovalPolicy, type User } from "./rows.ts";

/** The contract makes the id: one that is given is not used. */
export const createApprovalPolicyCheck = tokenFunction(
  "createApprovalPolicyCheck",
  readNewPolicy,
  async (call, given): Promise<ApprovalPolicyJson> => {
    await authorize(call, tokenAdmin);
    const policy = requireBand(given);
    if ((await readApprovalPolicy(call.unit, policy.lower, policy.upper)) !== undefined) refuse("POLICY_EXISTS");
    const others = await readApprovalPolicies(call);
    if (others.some((other) => isOverlap(policy, other))) refuse("POLICY_OVERLAPS");
    if (others.length >= tokenLimits.approvalPoliciesMax) refuse("POLICIES_TOO_MANY");
    return write(call, policy);
  },
);

/**
 * Changes the approvers of a policy; other limits are another policy. Holds that there are keep theirs.
 * @throws ContractRefusal ARGUMENT_INVALID when an id is given that is not of these limits
 */
export const updateApprovalPolicyCheck = tokenFunction(
  "updateApprovalPolicyCheck",
  readChangedPolicy,
  async (call, given): Promise<ApprovalPolicyJson> => {
    await authorize(call, tokenAdmin);
    const policy = requireBand(given);
    await requirePolicy(call, policy);
    return write(call, policy);
  },
);

export const deleteApprovalPolicyCheck = tokenFunction(
  "deleteApprovalPolicyCheck",
  readId,
  async (call, limits): Promise<DeletedAssetJson> => {
    await authorize(call, tokenAdmin);
    const { lower, upper } = await requirePolicy(call, limits);
    call.unit.remove(rowKeys.approvalPolicy(call.unit, lower, upper));
    return printDeleted(toApprovalPolicyId(lower, upper));
  },
);

export const getApprovalPolicyCheckById = tokenFunction(
  "getApprovalPolicyCheckById",
  readId,
  async (call, limits): Promise<ApprovalPolicyJson> => {
    await authorize(call, ...tokenOfficers);
    return toJson(await requirePolicy(call, limits));
  },
);

/** Of the amount's band; none when it lies in none. The amount is of any token. */
export const getApproverDetailsByTransferAmount = tokenFunction(
  "getApproverDetailsByTransferAmount",
  (members) => members.quantity(members.has("Amount") ? "Amount" : "amount"),
  async (call, quantity) => {
    await authorize(call, ...tokenOfficers);
    if (quantity.startsWith("-") || !/[1-9]/.test(quantity)) refuse("QUANTITY_NOT_POSITIVE");
    const amount = amountToCommonScale(limitToText(quantity));
    const policy = (await readApprovalPolicies(call)).find((each) => isInBand(each, amount));
    return { approverDetails: toApproverDetails(policy?.approvers ?? []) };
  },
);

interface Limits {
  readonly lower: string;
  readonly upper: string;
}

function readId(members: Arguments): Limits {
  return parseApprovalPolicyId(members.reference("id")) ?? refuseMember("id", "is no id of an approval policy");
}

/** The policy with its limits as the contract writes them. @throws ContractRefusal TOO_MANY_DECIMALS, AMOUNT_TOO_LARGE */
function requireBand(given: StoredApprovalPolicy): StoredApprovalPolicy {
  return { ...given, lower: limitToText(given.lower), upper: limitToText(given.upper) };
}

function isOverlap(a: Limits, b: Limits): boolean {
  const isBelow = (x: string, y: string) => amountToCommonScale(x) < amountToCommonScale(y);
  return isBelow(a.lower, b.upper) && isBelow(b.lower, a.upper);
}

/** @throws ContractRefusal POLICY_UNKNOWN */
async function requirePolicy({ unit }: Call, { lower, upper }: Limits): Promise<StoredApprovalPolicy> {
  return (await readApprovalPolicy(unit, lower, upper)) ?? refuse("POLICY_UNKNOWN");
}

function write({ unit }: Call, policy: StoredApprovalPolicy): ApprovalPolicyJson {
  unit.write(rowKeys.approvalPolicy(unit, policy.lower, policy.upper), policy);
  return { status: "active", ...toJson(policy) };
}

function toJson({ lower, upper, approvers }: StoredApprovalPolicy): ApprovalPolicyJson {
  return {
    assetType: "ApprovalPolicyCheck",
    approvalPolicyId: toApprovalPolicyId(lower, upper),
    transactionLowerLimit: lower,
    transactionUpperLimit: upper,
    numberOfApprovalsRequired: approvers.length,
    approverDetails: toApproverDetails(approvers),
  };
}

function toApproverDetails(approvers: readonly User[]): readonly ApproverJson[] {
  return approvers.map(({ org, user }, index) => ({
    approverOrgId: org,
    approverUserId: user,
    approvalSequence: index + 1,
  }));
}
