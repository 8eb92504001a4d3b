import { isInLowestBand } from "./bands.ts";
import type { Call } from "./callers.ts";
import { refuse } from "./refusals.ts";
import { readAccountPolicy, type StoredAccount, type StoredToken } from "./rows.ts";

// An account whose user has no account policy is not restricted.

/** @throws ContractRefusal POLICY_NOT_MET */
export async function requireCompliance({ unit }: Call, ...accounts: readonly StoredAccount[]): Promise<void> {
  for (const account of accounts) {
    const policy = await readAccountPolicy(unit, account);
    if (policy !== undefined && !(policy.kyc && policy.aml)) {
      const lacking = policy.kyc ? "AML" : "KYC";
      refuse("POLICY_NOT_MET", `The account ${account.accountId} does not meet its account policy: ${lacking}.`);
    }
  }
}

/** @throws ContractRefusal RESTRICTED when an account may move only less */
export async function requireUnrestricted(
  call: Call,
  units: number,
  token: StoredToken,
  ...accounts: readonly StoredAccount[]
): Promise<void> {
  for (const account of accounts) {
    const policy = await readAccountPolicy(call.unit, account);
    if (policy?.restricted === true && !(await isInLowestBand(call, units, token))) refuse("RESTRICTED");
  }
}
