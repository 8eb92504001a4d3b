import { ContractRefusal } from "@concordat/ledger/contract-api";

export type AuditRefusalCode =
  | "ACCESS_DENIED"
  | "ENTRY_MALFORMED"
  | "ENTRY_ID_MALFORMED"
  | "ENTRY_REPEATED"
  | "ENTRY_DIFFERS"
  | "ENTRY_UNKNOWN"
  | "ENTRIES_MISCOUNTED";

const refusals: Readonly<Record<AuditRefusalCode, string>> = {
  ACCESS_DENIED: "The certificate of the caller names no principal.",
  ENTRY_MALFORMED: "An audit entry is not in its canonical form.",
  ENTRY_ID_MALFORMED: "The id of an audit entry has 32 lower-case hex digits.",
  ENTRY_REPEATED: "An audit entry occurs twice in the call.",
  ENTRY_DIFFERS: "An audit entry with this id and another content is on the ledger.",
  ENTRY_UNKNOWN: "There is no such audit entry.",
  ENTRIES_MISCOUNTED: "A call takes 1 to 200 audit entries.",
};

export function refuse(code: AuditRefusalCode): never {
  throw new ContractRefusal(code, refusals[code]);
}
