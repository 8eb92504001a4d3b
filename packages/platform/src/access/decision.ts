import type { PlatformErrorCode } from "../ports.ts";

export type AllowedBecause =
  | "installation-administrator"
  | "account-owner"
  | "own-identity"
  | "granted"
  | "service-opened"
  | "chain-administrator"
  | "chain-member";

/** Why not, with the sentence that the caller reads. */
export const refusalSentences = {
  "principal-disabled": "The user is disabled.",
  "tenant-disabled": "The tenant is disabled.",
  "project-unknown": "There is no such project in the tenant.",
  "project-disabled": "The project is disabled.",
  "enterprise-project-unknown": "There is no such enterprise project in the tenant.",
  "enterprise-project-disabled": "The enterprise project is disabled.",
  "scope-unscoped": "The credential has no scope: it only tells who the caller is.",
  "scope-project": "The credential reaches another project only.",
  "scope-tenant": "The credential reaches another tenant only.",
  "denied-by-policy": "A policy denies this.",
  "service-not-opened": "The account has not opened the trusted ledger service.",
  "installation-only": "Only an installation administrator may do this.",
  "other-tenant": "The resource belongs to another tenant.",
  "not-granted": "No policy allows this.",
  "not-on-chain": "The caller is not on the business chain.",
  "member-locked": "The member is locked.",
  "account-of-member": "A member of a chain must be a RAM user.",
  "chain-administrator-only": "Only the administrator of the chain may do this.",
  "foreign-data-type": "A member writes under its own data-type code only.",
} as const;

export type RefusedBecause = keyof typeof refusalSentences;

export type AccessDecision =
  | { readonly allowed: true; readonly reason: AllowedBecause }
  | { readonly allowed: false; readonly reason: RefusedBecause; readonly code: PlatformErrorCode };

export function allow(reason: AllowedBecause): AccessDecision {
  return { allowed: true, reason };
}

/** ACCESS_DENIED, unless a vendor's document has its own code for the reason. */
export function refuse(reason: RefusedBecause, code: PlatformErrorCode = "ACCESS_DENIED"): AccessDecision {
  return { allowed: false, reason, code };
}
