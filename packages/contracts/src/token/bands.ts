import { amountToCommonScale, unitsToCommonScale } from "./amounts.ts";
import type { Call } from "./callers.ts";
import type { StoredApprovalPolicy, StoredToken } from "./rows.ts";

// The band of a policy is what is more than its lower limit, up to and with its upper limit: bands meet without overlapping.

/** All approval policies, the lowest band first. */
export async function readApprovalPolicies({ unit }: Call): Promise<readonly StoredApprovalPolicy[]> {
  const rows = await unit.scan("approvalpolicy");
  // Only the functions of approval policies write these rows.
  const policies = rows.map(({ value }) => value as StoredApprovalPolicy);
  return policies.sort((a, b) => (amountToCommonScale(a.lower) < amountToCommonScale(b.lower) ? -1 : 1));
}

/** @param amount on the common scale */
export function isInBand({ lower, upper }: StoredApprovalPolicy, amount: bigint): boolean {
  return amount > amountToCommonScale(lower) && amount <= amountToCommonScale(upper);
}

/** The policy for a hold of this much, if there is one. */
export async function findApprovalPolicy(
  call: Call,
  units: number,
  { decimals }: StoredToken,
): Promise<StoredApprovalPolicy | undefined> {
  const amount = unitsToCommonScale(units, decimals);
  return (await readApprovalPolicies(call)).find((policy) => isInBand(policy, amount));
}

/** Whether the amount is one of the lowest band: none is when there is no policy. */
export async function isInLowestBand(call: Call, units: number, { decimals }: StoredToken): Promise<boolean> {
  const [lowest] = await readApprovalPolicies(call);
  return lowest !== undefined && isInBand(lowest, unitsToCommonScale(units, decimals));
}
