import { identityFault } from "../errors.ts";

/** How long a certificate is to run: days from now, fractions allowed, or as long as its authority. Never longer than that. */
export type ValidDays = number | "authority";

export const DAY_MS = 86_400_000;
export const LEAF_VALID_DAYS = 365;
/** Certificates start in the past, so that a peer whose clock is slow takes them at once. */
export const BACKDATED_MS = 10 * 60_000;

interface Period {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/**
 * The period of a new certificate within its authority's.
 * @throws ConcordatError CERTIFICATE_VALIDITY_INVALID when `validDays` is no positive number, AUTHORITY_EXPIRED when the authority's own
 * period is over
 */
export function periodWithin(authority: Period, validDays: ValidDays, nowMs: number): Period {
  if (validDays !== "authority" && !(validDays > 0 && Number.isFinite(validDays))) {
    throw identityFault("CERTIFICATE_VALIDITY_INVALID", "A certificate is valid for a positive number of days.");
  }
  if (nowMs >= authority.notAfterMs) {
    throw identityFault("AUTHORITY_EXPIRED", "The authority's certificate has expired; it issues nothing more.", {
      remedy: "Make a new authority for the organization.",
    });
  }
  const endMs = validDays === "authority" ? authority.notAfterMs : nowMs + validDays * DAY_MS;
  return {
    notBeforeMs: Math.max(authority.notBeforeMs, nowMs - BACKDATED_MS),
    notAfterMs: Math.min(authority.notAfterMs, endMs),
  };
}
