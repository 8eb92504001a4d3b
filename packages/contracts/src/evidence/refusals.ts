import { ContractRefusal } from "@concordat/ledger/contract-api";
import { type DeviceRefusalCode, deviceRefusals } from "../devices/refusals.ts";

/** Why the evidence contract says no. The names are those of the platform's error codes. */
export type EvidenceRefusalCode =
  | "ACCESS_DENIED"
  | "EVIDENCE_KEY_MALFORMED"
  | "VALUE_EMPTY"
  | "VALUE_MALFORMED"
  | "VALUE_TOO_LONG"
  | DeviceRefusalCode
  | "BUSINESS_ID_MALFORMED"
  | "DIGEST_MALFORMED"
  | "BATCH_MIXED"
  | "BATCH_KEY_REPEATED"
  | "BATCH_TOO_LARGE"
  | "BATCH_VALUE_TOO_LONG"
  | "KEY_EXISTS"
  | "BATCH_KEY_EXISTS"
  | "BUSINESS_ID_EXISTS"
  | "EVIDENCE_UNKNOWN"
  | "WINDOW_INVALID"
  | "WINDOW_NEEDED";

export const evidenceRefusals: Readonly<Record<EvidenceRefusalCode, string>> = {
  ...deviceRefusals,
  ACCESS_DENIED: "The certificate of the caller names no principal.",
  EVIDENCE_KEY_MALFORMED: "The key is not of the form VERSION_CHAINCODE_TYPECODE_ID.",
  VALUE_EMPTY: "The value is empty.",
  VALUE_MALFORMED: "The value is not a batch of evidence.",
  VALUE_TOO_LONG: "The value is longer than 256 bytes.",
  BUSINESS_ID_MALFORMED: "The business id is not 64 hexadecimal digits.",
  DIGEST_MALFORMED: "The digest is not 64 hexadecimal digits.",
  BATCH_MIXED: "An item of the batch has another chain code or data-type code than the outer key.",
  BATCH_KEY_REPEATED: "A key occurs twice in the batch.",
  BATCH_TOO_LARGE: "The batch has more than 50 items.",
  BATCH_VALUE_TOO_LONG: "A value in the batch is longer than 256 bytes.",
  KEY_EXISTS: "The key is on chain already.",
  BATCH_KEY_EXISTS: "A key of the batch is on chain already.",
  BUSINESS_ID_EXISTS: "The business id was used before on this key.",
  EVIDENCE_UNKNOWN: "There is no such evidence.",
  WINDOW_INVALID: "The window is not a start and an end in milliseconds at most 30 days apart.",
  WINDOW_NEEDED: "The key has more than 500 records: a time window is needed.",
};

export function refuse(code: EvidenceRefusalCode): never {
  throw new ContractRefusal(code, evidenceRefusals[code]);
}
