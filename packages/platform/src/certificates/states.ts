import type { CertificateRow } from "../control-store/rows.ts";
import { PlatformError } from "../errors.ts";
import { type RevocationReason, revocationReasons } from "./ports.ts";

export type StatusChange =
  | { readonly kind: "freeze" }
  | { readonly kind: "unfreeze" }
  | { readonly kind: "revoke"; readonly reason: RevocationReason };

/**
 * The row after a change of its status: good and frozen go over into each other, both into revoked, and from there none leads out.
 * @throws PlatformError CERTIFICATE_STATE_REFUSED
 */
export function changeStatus(row: CertificateRow, change: StatusChange, nowMs: number): CertificateRow {
  const allowed: Readonly<Record<StatusChange["kind"], readonly CertificateRow["status"][]>> = {
    freeze: ["good"],
    unfreeze: ["frozen"],
    revoke: ["good", "frozen"],
  };
  if (!allowed[change.kind].includes(row.status)) {
    throw new PlatformError(
      "CERTIFICATE_STATE_REFUSED",
      `A certificate that is ${row.status} cannot be ${past[change.kind]}.`,
      {
        facts: { status: row.status },
      },
    );
  }
  switch (change.kind) {
    case "freeze":
      return { ...row, status: "frozen", reason: revocationReasons.certificateHold, statusMs: nowMs };
    case "unfreeze":
      return { ...row, status: "good", reason: null, statusMs: nowMs };
    case "revoke":
      return { ...row, status: "revoked", reason: revocationReasons[change.reason], statusMs: nowMs };
  }
}

const past = { freeze: "frozen", unfreeze: "unfrozen", revoke: "revoked" } as const;
