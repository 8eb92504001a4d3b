import { hash } from "node:crypto";
import { type AuditEntryJson, auditEntryToText } from "@concordat/contracts";
import type { AuditEntryTable } from "../control-store/schema.ts";
import type { CredentialKind } from "../ports.ts";
import type { AuditEntry } from "./ports.ts";

/** The entry as it stands on the ledger: everything of the row but where it stands. PostgreSQL's big integers come as text. */
export function rowToText(row: AuditEntryTable): string {
  const { txId: _, detail, timeMs, occurrences, ...rest } = row;
  const parsed = JSON.parse(detail) as AuditEntryJson["detail"];
  return auditEntryToText({ ...rest, detail: parsed, timeMs: Number(timeMs), occurrences: Number(occurrences) });
}

export function rowToEntry(row: AuditEntryTable): AuditEntry {
  return textToEntry(rowToText(row), row.txId);
}

/** @param text one that {@link rowToText} made */
export function textToEntry(text: string, txId: string | null): AuditEntry {
  const { credentialId, credentialKind, resourceId, resourceKind, ...rest } = JSON.parse(text) as AuditEntryJson;
  return {
    ...rest,
    // The row's kind is that of the caller whose call it tells of.
    credential:
      credentialId === null || credentialKind === null
        ? null
        : { kind: credentialKind as CredentialKind, id: credentialId },
    resource: { kind: resourceKind, id: resourceId },
    txId,
    digest: hash("sha256", text, "hex"),
  };
}
