/** Why a certificate stands on a revocation list. @source RFC 5280 section 5.3.1; `removeFromCRL` is for delta lists, which are not made here */
export const REVOCATION_REASON = {
  unspecified: 0,
  keyCompromise: 1,
  caCompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  /** Frozen: the entry leaves the next list when the certificate is unfrozen. */
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aaCompromise: 10,
} as const;

export type RevocationReasonName = keyof typeof REVOCATION_REASON;
export type RevocationReason = (typeof REVOCATION_REASON)[RevocationReasonName];

const REASONS: readonly number[] = Object.values(REVOCATION_REASON);

export function isRevocationReason(code: number): code is RevocationReason {
  return REASONS.includes(code);
}
