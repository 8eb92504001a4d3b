import { type ConcordatError, isConcordatError } from "@concordat/base";
import type { EvidenceRefusalCode } from "@concordat/contracts";
import type { LedgerErrorCode } from "@concordat/ledger";
import { PlatformError } from "../errors.ts";
import type { PlatformErrorCode } from "../ports.ts";

/** What each refusal of the ledger means here; CONTRACT_REFUSED is taken apart by {@link refusalCodes}. */
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

/** The contract's own refusals. What the platform checks before it submits can be refused only by a defect. */
const refusalCodes: Readonly<Record<EvidenceRefusalCode, PlatformErrorCode>> = {
  ACCESS_DENIED: "LEDGER_FAULT",
  EVIDENCE_KEY_MALFORMED: "EVIDENCE_KEY_MALFORMED",
  VALUE_EMPTY: "VALUE_EMPTY",
  VALUE_MALFORMED: "LEDGER_FAULT",
  VALUE_TOO_LONG: "VALUE_TOO_LONG",
  DEVICE_ID_MALFORMED: "LEDGER_FAULT",
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
  const code = codeOf(error);
  return code === undefined ? error : new PlatformError(code, undefined, { facts: error.facts, cause: error });
}

function codeOf(error: ConcordatError): PlatformErrorCode | undefined {
  if (error.code === "CONTRACT_REFUSED") {
    const refusal = error.facts["refusal"];
    return isKeyOf(refusalCodes, refusal) ? refusalCodes[refusal] : "LEDGER_FAULT";
  }
  return isKeyOf(ledgerCodes, error.code) ? ledgerCodes[error.code] : undefined;
}

function isKeyOf<Key extends string>(record: Readonly<Record<Key, unknown>>, key: unknown): key is Key {
  return typeof key === "string" && Object.hasOwn(record, key);
}
