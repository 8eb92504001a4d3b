import type { AccountPolicyJson, DeletedAssetJson } from "./answers.ts";
import type { Arguments } from "./arguments.ts";
import { adminsOf, authorize, type Call, officersOf } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import { parseAccountPolicyId, toAccountPolicyId } from "./ids.ts";
import { tokenLimits } from "./limits.ts";
import { refuse, refuseMember } from "./refusals.ts";
import { readAccountPolicy, rowKeys, type StoredAccountPolicy, type User } from "./rows.ts";

/** Of a user, for all of its accounts. The contract makes the id: one that is given is not used. */
export const createAccountPolicyCheck = tokenFunction(
  "createAccountPolicyCheck",
  (members) => readAsset(members).policy,
  async (call, policy): Promise<AccountPolicyJson> => {
    await authorize(call, ...adminsOf(policy.org));
    if ((await readAccountPolicy(call.unit, policy)) !== undefined) refuse("POLICY_EXISTS");
    return write(call, policy);
  },
);

/** @throws ContractRefusal ARGUMENT_INVALID when an id is given that is not the user's */
export const updateAccountPolicyCheck = tokenFunction(
  "updateAccountPolicyCheck",
  (members) => {
    const { policy, id } = readAsset(members);
    const isOfUser = id === "" || id === toAccountPolicyId(policy);
    return isOfUser ? policy : refuseMember("asset.accountPolicyId", "is not the id of this user's policy");
  },
  async (call, policy): Promise<AccountPolicyJson> => {
    await authorize(call, ...adminsOf(policy.org));
    await requirePolicy(call, policy);
    return write(call, policy);
  },
);

export const deleteAccountPolicyCheck = tokenFunction(
  "deleteAccountPolicyCheck",
  readId,
  async (call, user): Promise<DeletedAssetJson> => {
    await authorize(call, ...adminsOf(user.org));
    await requirePolicy(call, user);
    call.unit.remove(rowKeys.accountPolicy(call.unit, user));
    return printDeleted(toAccountPolicyId(user));
  },
);

export const getAccountPolicyCheckById = tokenFunction(
  "getAccountPolicyCheckById",
  readId,
  async (call, user): Promise<AccountPolicyJson> => {
    await authorize(call, ...officersOf(user.org));
    return toJson(await requirePolicy(call, user));
  },
);

export function printDeleted(id: string): DeletedAssetJson {
  return { isValid: true, message: `Successfully deleted asset with ID [${id}] from ledger` };
}

function readAsset(members: Arguments): { readonly policy: StoredAccountPolicy; readonly id: string } {
  const asset = members.object("asset");
  const id = asset.has("accountPolicyId") ? asset.text("accountPolicyId") : "";
  const policy = {
    ...asset.user(),
    kyc: asset.flag("kycCompliance"),
    aml: asset.flag("amlCompliance"),
    riskScore: asset.whole("riskScore", 0, tokenLimits.riskScoreMax),
    restricted: asset.flag("restrictionFlag"),
  };
  return { policy, id };
}

function readId(members: Arguments): User {
  return parseAccountPolicyId(members.reference("id")) ?? refuseMember("id", "is no id of an account policy");
}

/** @throws ContractRefusal POLICY_UNKNOWN */
async function requirePolicy({ unit }: Call, user: User): Promise<StoredAccountPolicy> {
  return (await readAccountPolicy(unit, user)) ?? refuse("POLICY_UNKNOWN");
}

function write({ unit }: Call, policy: StoredAccountPolicy): AccountPolicyJson {
  unit.write(rowKeys.accountPolicy(unit, policy), policy);
  return toJson(policy);
}

function toJson({ org, user, kyc, aml, riskScore, restricted }: StoredAccountPolicy): AccountPolicyJson {
  return {
    assetType: "AccountPolicyCheck",
    accountPolicyId: toAccountPolicyId({ org, user }),
    orgId: org,
    userId: user,
    kycCompliance: kyc ? "true" : "false",
    amlCompliance: aml ? "true" : "false",
    riskScore,
    restrictionFlag: restricted ? "true" : "false",
  };
}
