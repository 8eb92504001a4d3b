import type { Authorities } from "./authorities.ts";
import type { ExpiryFinding } from "./ports.ts";
import { isoTime, type Watched } from "./watched.ts";

export interface Rehearsal {
  readonly atMs: number;
  /** What would stop by then unless somebody acts, soonest first. */
  readonly stops: readonly ExpiryFinding[];
  /** What ends by then and a running server renews before, soonest first. */
  readonly renewed: readonly ExpiryFinding[];
}

/** Plays the time until `atMs` through, as the server itself would act. */
export function rehearse(watched: readonly Watched[], atMs: number, authorities: Authorities): Rehearsal {
  const findings = watched
    .filter(({ expiresMs }) => expiresMs <= atMs)
    .map(({ tenantId: _, ...finding }) => withAuthoritysEnd(finding, atMs, authorities))
    .sort((a, b) => a.expiresMs - b.expiresMs || (a.resource < b.resource ? -1 : 1));
  return {
    atMs,
    stops: findings.filter(({ isRenewedHere }) => !isRenewedHere),
    renewed: findings.filter(({ isRenewedHere }) => isRenewedHere),
  };
}

/** However often a certificate is renewed, it does not outlive its authority. */
function withAuthoritysEnd(finding: ExpiryFinding, atMs: number, authorities: Authorities): ExpiryFinding {
  const { kind, mspId, resource, isRenewedHere } = finding;
  if (kind !== "certificate" || mspId === null || !isRenewedHere) return finding;
  const { notAfterMs } = authorities.present(mspId, resource.includes("/tls/") ? "tls" : "identity");
  if (notAfterMs > atMs) return finding;
  const remedy = `It is renewed until its authority ends, on ${isoTime(notAfterMs)}: rotate the organization's authority before.`;
  return { ...finding, expiresMs: notAfterMs, isRenewedHere: false, remedy };
}
