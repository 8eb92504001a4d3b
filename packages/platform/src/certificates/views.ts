import type { CertificateRow } from "../control-store/rows.ts";
import type { CurrentCertificates } from "./current.ts";
import { type Certificate, type ReasonName, revocationReasons } from "./ports.ts";

const reasonNames = new Map<number, ReasonName>(
  Object.entries(revocationReasons).map(([name, code]) => [code, name as ReasonName]), // Object.entries forgets the names' type.
);

/** A row as callers see it: everything but the key. */
export function toCertificate(row: CertificateRow, current: CurrentCertificates): Certificate {
  const { keySealed, reason, replacedBy: _, ...rest } = row;
  return {
    ...rest,
    reason: reason === null ? null : (reasonNames.get(reason) ?? "unspecified"),
    isKeyHeld: keySealed !== null,
    isCurrent: current.isCurrent(row),
  };
}
