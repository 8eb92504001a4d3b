import { type ConcordatError, isConcordatError } from "@concordat/base";
import {
  type CollaborationRefusalCode,
  collaborationContract,
  type EvidenceRefusalCode,
  evidenceContract,
} from "@concordat/contracts";
import type { LedgerErrorCode } from "@concordat/ledger";
import { PlatformError } from "../errors.ts";
import type { PlatformErrorCode } from "../ports.ts";

/** What each refusal of the ledger means here; CONTRACT_REFUSED is taken apart by {@link contractCodeOf}. */
const ledgerCodes: Readonly<Record<Exclude<LedgerErrorCode, "CONTRACT_REFUSED">, PlatformErrorCode>> = {
  CHANNEL_UNKNOWN: "CHANNEL_UNKNOWN",
  CHANNEL_EXISTS: "LEDGER_FAULT",
  CHANNEL_READ_ONLY: "LEDGER_UNAVAILABLE",
  CHECKPOINT_TOO_LARGE: "LEDGER_FAULT",
  CHANNEL_FAILED: "LEDGER_UNAVAILABLE",
  NAME_INVALID: "LEDGER_FAULT",
  ARGUMENT_INVALID: "LEDGER_FAULT",
  CONTRACT_UNKNOWN: "LEDGER_FAULT",
  FUNCTION_UNKNOWN: "LEDGER_FAULT",
  CONTRACT_FAILED: "LEDGER_FAULT",
  DUPLICATE_TRANSACTION: "CALL_REPLAYED",
  WRITE_IN_FLIGHT: "EVIDENCE_IN_FLIGHT",
  TRANSACTION_UNKNOWN: "TRANSACTION_UNKNOWN",
  BLOCK_UNKNOWN: "BLOCK_UNKNOWN",
  TRANSACTION_TOO_LARGE: "LEDGER_FAULT",
  CONFIG_INVALID: "LEDGER_FAULT",
  QUERY_UNSUPPORTED: "LEDGER_FAULT",
  QUERY_INVALID: "LEDGER_FAULT",
  ENVELOPE_REFUSED: "LEDGER_FAULT",
  SIMULATION_UNKNOWN: "LEDGER_FAULT",
  SIMULATION_REFUSED: "OVERLOADED",
  OUTCOME_UNKNOWN: "OUTCOME_UNKNOWN",
  OVERLOADED: "OVERLOADED",
  STORE_DAMAGED: "LEDGER_UNAVAILABLE",
  SNAPSHOT_INVALID: "LEDGER_FAULT",
  CLOSED: "LEDGER_UNAVAILABLE",
};

/** The evidence contract's own refusals. What the platform checks before it submits can be refused only by a defect. */
const evidenceCodes: Readonly<Record<EvidenceRefusalCode, PlatformErrorCode>> = {
  ACCESS_DENIED: "LEDGER_FAULT",
  EVIDENCE_KEY_MALFORMED: "EVIDENCE_KEY_MALFORMED",
  VALUE_EMPTY: "VALUE_EMPTY",
  VALUE_MALFORMED: "LEDGER_FAULT",
  VALUE_TOO_LONG: "VALUE_TOO_LONG",
  DEVICE_MALFORMED: "LEDGER_FAULT",
  DEVICE_SIGNATURE_REFUSED: "DEVICE_SIGNATURE_REFUSED",
  DEVICE_UNKNOWN: "DEVICE_UNKNOWN",
  BUSINESS_ID_MALFORMED: "BUSINESS_ID_MALFORMED",
  DIGEST_MALFORMED: "DIGEST_MALFORMED",
  BATCH_MIXED: "BATCH_MIXED",
  BATCH_KEY_REPEATED: "BATCH_KEY_REPEATED",
  BATCH_TOO_LARGE: "BATCH_TOO_LARGE",
  BATCH_VALUE_TOO_LONG: "BATCH_VALUE_TOO_LONG",
  KEY_EXISTS: "KEY_EXISTS",
  BATCH_KEY_EXISTS: "BATCH_KEY_EXISTS",
  BUSINESS_ID_EXISTS: "BUSINESS_ID_EXISTS",
  EVIDENCE_UNKNOWN: "EVIDENCE_UNKNOWN",
  WINDOW_INVALID: "WINDOW_INVALID",
  WINDOW_NEEDED: "WINDOW_NEEDED",
  PAGE_INVALID: "PAGE_INVALID",
};

/** Those of the collaboration contract, which decides itself who administers it and who may write to a phase. */
const collaborationCodes: Readonly<Record<CollaborationRefusalCode, PlatformErrorCode>> = {
  ACCESS_DENIED: "ACCESS_DENIED",
  ARGUMENT_MALFORMED: "LEDGER_FAULT",
  DEVICE_MALFORMED: "LEDGER_FAULT",
  DEVICE_SIGNATURE_REFUSED: "DEVICE_SIGNATURE_REFUSED",
  DEVICE_UNKNOWN: "DEVICE_UNKNOWN",
  NAME_INVALID: "NAME_INVALID",
  NAME_EXISTS: "NAME_EXISTS",
  REMARK_INVALID: "REMARK_INVALID",
  QUOTA_EXCEEDED: "QUOTA_EXCEEDED",
  PHASE_GROUP_UNKNOWN: "PHASE_GROUP_UNKNOWN",
  PHASE_UNKNOWN: "PHASE_UNKNOWN",
  PHASE_LIST_INVALID: "PHASE_LIST_INVALID",
  PHASE_DATA_KEY_MALFORMED: "PHASE_DATA_KEY_MALFORMED",
  PHASE_DATA_SEQUENCE_MALFORMED: "PHASE_DATA_SEQUENCE_MALFORMED",
  PHASE_DATA_UNKNOWN: "PHASE_DATA_UNKNOWN",
  PHASE_DATA_LIST_INVALID: "PHASE_DATA_LIST_INVALID",
  PHASE_DIGEST_MALFORMED: "PHASE_DIGEST_MALFORMED",
  RELATED_DATA_REFUSED: "RELATED_DATA_REFUSED",
  VALUE_EMPTY: "VALUE_EMPTY",
  VALUE_MALFORMED: "VALUE_MALFORMED",
  VALUE_TOO_LONG: "VALUE_TOO_LONG",
  BATCH_TOO_LARGE: "BATCH_TOO_LARGE",
  BATCH_VALUE_TOO_LONG: "BATCH_VALUE_TOO_LONG",
  BATCH_KEY_REPEATED: "BATCH_KEY_REPEATED",
  KEY_EXISTS: "KEY_EXISTS",
  BATCH_KEY_EXISTS: "BATCH_KEY_EXISTS",
  WINDOW_INVALID: "WINDOW_INVALID",
  PAGE_INVALID: "PAGE_INVALID",
};

/** Runs a call of the ledger and says its refusals in the platform's words; anything else passes as it is. */
export async function onLedger<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw toPlatformError(error);
  }
}

export function toPlatformError(error: unknown): unknown {
  if (!isConcordatError(error) || error instanceof PlatformError) return error;
  const details = { facts: error.facts, cause: error };
  if (error.code === "CONTRACT_REFUSED") {
    const code = contractCodeOf(error);
    // A contract knows its own limits: its sentence says more than the platform's for the same code.
    return new PlatformError(code, code === "LEDGER_FAULT" ? undefined : error.message, details);
  }
  return isKeyOf(ledgerCodes, error.code) ? new PlatformError(ledgerCodes[error.code], undefined, details) : error;
}

/** Those of a contract without codes here stay a fault, with the contract and its refusal among the facts. */
function contractCodeOf({ facts: { contract, refusal } }: ConcordatError): PlatformErrorCode {
  if (contract === collaborationContract.name && isKeyOf(collaborationCodes, refusal))
    return collaborationCodes[refusal];
  if (contract === evidenceContract.name && isKeyOf(evidenceCodes, refusal)) return evidenceCodes[refusal];
  return "LEDGER_FAULT";
}

function isKeyOf<Key extends string>(record: Readonly<Record<Key, unknown>>, key: unknown): key is Key {
  return typeof key === "string" && Object.hasOwn(record, key);
}
