import { isChainName, isRemark } from "../access/names.ts";
import { PlatformError } from "../errors.ts";
import { platformLimits } from "../limits.ts";
import type { ChainQuotas, ChainUpdate } from "../ports.ts";

export const dayMs = 86_400_000;
/** Of a chain's validity. */
const daysMax = 36_500;

const quotaNames = ["countQuota", "capacityQuotaBytes", "memberQuota", "phaseGroupQuota", "phaseQuota"] as const;

/** @throws PlatformError CHAIN_NAME_INVALID, REMARK_INVALID, QUOTA_INVALID with the name of the first quota that is out of its bounds */
export function requireChainTerms({ name, remark, quotas = {} }: ChainUpdate): void {
  if (name !== undefined && !isChainName(name)) throw new PlatformError("CHAIN_NAME_INVALID");
  if (remark !== undefined && !isRemark(remark)) throw new PlatformError("REMARK_INVALID");
  for (const quota of quotaNames) {
    const value = quotas[quota];
    const maximum = platformLimits.chainQuotas[quota];
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0 && value <= maximum)) continue;
    throw new PlatformError("QUOTA_INVALID", `${quota} must be a whole number from 0 to ${maximum}.`, {
      facts: { name: quota },
    });
  }
}

/** @throws PlatformError VALIDITY_INVALID */
export function requireValidDays(validDays: number): void {
  if (!Number.isSafeInteger(validDays) || validDays < 1 || validDays > daysMax) {
    throw new PlatformError("VALIDITY_INVALID");
  }
}

/** @throws PlatformError VALIDITY_INVALID when it is no moment, or is later than a new chain's could be */
export function requireExpiry(expiresMs: number, nowMs: number): void {
  if (!Number.isSafeInteger(expiresMs) || expiresMs < 0 || expiresMs > nowMs + daysMax * dayMs) {
    throw new PlatformError("VALIDITY_INVALID", `A chain expires at a moment within ${daysMax} days from now.`);
  }
}

/** The quotas that were given, and no more than those. */
export function givenQuotas(quotas: Partial<ChainQuotas> = {}): Partial<ChainQuotas> {
  return Object.fromEntries(
    quotaNames.flatMap((name) => {
      const value = quotas[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
