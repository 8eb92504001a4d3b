import {
  type Arguments,
  list,
  type ModelCall,
  object,
  person,
  requireAdminOf,
  requireTokenAdmin,
  text,
} from "./checks.fixture.ts";
import { COMMON_DECIMALS, requireLimitForm, toUnits } from "./money.fixture.ts";
import { no } from "./no.fixture.ts";
import {
  type ModelAccount,
  type ModelBand,
  type ModelPolicy,
  type ModelState,
  nameOf,
  type Person,
} from "./state.fixture.ts";

type Run = (state: ModelState, call: ModelCall, args: Arguments) => void;

function flag(asset: Arguments, name: string): boolean {
  const value = String(asset[name]);
  return value === "true" || value === "false" ? value === "true" : no("ARGUMENT_INVALID");
}

function policyOf(asset: Arguments): ModelPolicy {
  const risk = Number(asset["riskScore"]);
  if (!Number.isInteger(risk) || risk < 0 || risk > 1000) no("ARGUMENT_INVALID");
  const [kyc, aml] = [flag(asset, "kycCompliance"), flag(asset, "amlCompliance")];
  return { kyc, aml, restricted: flag(asset, "restrictionFlag"), risk };
}

const setPolicy =
  (isNew: boolean): Run =>
  (state, call, args) => {
    const asset = object(args, "asset");
    const owner = person(asset);
    const policy = policyOf(asset);
    requireAdminOf(state, call, owner.org);
    if (state.policies.has(nameOf(owner)) === isNew) no(isNew ? "POLICY_EXISTS" : "POLICY_UNKNOWN");
    state.policies.set(nameOf(owner), policy);
  };

const deleteAccountPolicyCheck: Run = (state, call, args) => {
  const [, org = "", user = ""] = text(args, "id", /^APID~[^~]+~[^~]+$/).split("~");
  requireAdminOf(state, call, org);
  if (!state.policies.delete(nameOf({ org, user }))) no("POLICY_UNKNOWN");
};

const BANDS_MAX = 100;

/** Amounts above `lower` up to and with `upper`, in token units, whatever the token's decimals. */
function bandOf(asset: Arguments): ModelBand {
  const lowerText = requireLimitForm(asset["transactionLowerLimit"]);
  const upperText = requireLimitForm(asset["transactionUpperLimit"]);
  const [lower, upper] = [toUnits(lowerText, COMMON_DECIMALS), toUnits(upperText, COMMON_DECIMALS)];
  const required = Number(asset["numberOfApprovalsRequired"]);
  const listed = list(asset, "approverDetails").map((each) => {
    return { ...person(each, "approverOrgId", "approverUserId"), sequence: Number(each["approvalSequence"]) };
  });
  listed.sort((a, b) => a.sequence - b.sequence);
  const isInOrder = listed.every(({ sequence }, index) => sequence === index + 1);
  if (lower >= upper || !isInOrder || required !== listed.length) no("ARGUMENT_INVALID");
  const approvers = listed.map(({ org, user }): Person => ({ org, user }));
  return { id: `GPID~${lowerText}~${upperText}`, lower, upper, approvers };
}

const createApprovalPolicyCheck: Run = (state, call, args) => {
  const band = bandOf(object(args, "asset"));
  requireTokenAdmin(state, call);
  if (state.bands.has(band.id)) no("POLICY_EXISTS");
  const all = [...state.bands.values()];
  if (all.some(({ lower, upper }) => band.lower < upper && lower < band.upper)) no("POLICY_OVERLAPS");
  if (all.length >= BANDS_MAX) no("POLICIES_TOO_MANY");
  state.bands.set(band.id, band);
};

const updateApprovalPolicyCheck: Run = (state, call, args) => {
  const asset = object(args, "asset");
  const band = bandOf(asset);
  requireTokenAdmin(state, call);
  const known = state.bands.get(band.id);
  if (known === undefined) no("POLICY_UNKNOWN");
  else known.approvers = band.approvers;
};

const deleteApprovalPolicyCheck: Run = (state, call, args) => {
  const id = text(args, "id", /^GPID~[^~]+~[^~]+$/);
  requireTokenAdmin(state, call);
  if (!state.bands.delete(id)) no("POLICY_UNKNOWN");
};

function commonAmount({ token }: ModelAccount, amount: bigint): bigint {
  return amount * 10n ** BigInt(COMMON_DECIMALS - (token?.decimals ?? 0));
}

/** Who must approve a hold of this amount, in order. */
export function approversOf(state: ModelState, payer: ModelAccount, amount: bigint): readonly Person[] {
  const common = commonAmount(payer, amount);
  return [...state.bands.values()].find(({ lower, upper }) => lower < common && common <= upper)?.approvers ?? [];
}

/** An account whose owner has no policy meets it. */
export function requireCompliance(state: ModelState, ...accounts: readonly ModelAccount[]): void {
  for (const { owner } of accounts) {
    const policy = state.policies.get(nameOf(owner));
    if (policy !== undefined && !(policy.kyc && policy.aml)) no("POLICY_NOT_MET");
  }
}

/** A restricted account takes part only in amounts of the lowest band. */
export function requireUnrestricted(state: ModelState, amount: bigint, ...accounts: readonly ModelAccount[]): void {
  const lowest = [...state.bands.values()].sort((a, b) => (a.lower < b.lower ? -1 : 1))[0];
  for (const account of accounts) {
    if (state.policies.get(nameOf(account.owner))?.restricted !== true) continue;
    const common = commonAmount(account, amount);
    if (lowest === undefined || common <= lowest.lower || common > lowest.upper) no("RESTRICTED");
  }
}

export const policies: Readonly<Record<string, Run>> = {
  createAccountPolicyCheck: setPolicy(true),
  updateAccountPolicyCheck: setPolicy(false),
  deleteAccountPolicyCheck,
  createApprovalPolicyCheck,
  updateApprovalPolicyCheck,
  deleteApprovalPolicyCheck,
};
