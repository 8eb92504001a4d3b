import { ConcordatError, type ErrorFacts } from "@concordat/base";
import type { PlatformErrorCode } from "./ports.ts";

/** A refusal by the platform. Except for OUTCOME_UNKNOWN, the refused call had no effect. */
export class PlatformError extends ConcordatError<PlatformErrorCode> {
  constructor(
    code: PlatformErrorCode,
    summary?: string,
    details: { readonly remedy?: string; readonly facts?: ErrorFacts; readonly cause?: unknown } = {},
  ) {
    super({ code, summary: summary ?? platformErrorSummaries[code], ...details });
  }
}

/** One sentence for each code; a refusal that knows more says it in its own. */
export const platformErrorSummaries: Readonly<Record<PlatformErrorCode, string>> = {
  ACCESS_DENIED: "The caller may not do this.",
  ACCOUNT_UNKNOWN: "There is no such account.",
  ACCESS_KEY_UNKNOWN: "There is no such access key.",
  ACCOUNT_KIND_REFUSED: "A member of a chain must be a RAM user.",
  SERVICE_NOT_OPENED: "The account has not opened the trusted ledger service.",
  CHAIN_UNKNOWN: "There is no such business chain.",
  CHAIN_NAME_INVALID: "The chain's name must have 2 to 30 letters, digits or characters of _-.().",
  REMARK_INVALID: "A remark has at most 100 characters.",
  VALIDITY_INVALID: "The validity must be 1 to 36500 days.",
  CHAIN_CODE_MALFORMED: "The business-chain code must have 16 letters and digits.",
  CHAIN_CODE_MISMATCH: "The business-chain code differs from the one inside the key.",
  EVIDENCE_KEY_MALFORMED: "The key is not of the form VERSION_CHAINCODE_TYPECODE_ID.",
  VALUE_EMPTY: "The value is empty.",
  VALUE_MALFORMED: "The value is not well-formed Unicode.",
  DATA_TYPE_FOREIGN: "The data-type code inside the key belongs to another business chain.",
  DATA_TYPE_UNKNOWN: "There is no such data-type code.",
  BATCH_MIXED: "An item of the batch has another chain code or data-type code than the outer key.",
  BATCH_KEY_REPEATED: "A key occurs twice in the batch.",
  VALUE_TOO_LONG: "The value is longer than 256 bytes.",
  BATCH_TOO_LARGE: "The batch has more than 50 items.",
  BATCH_VALUE_TOO_LONG: "A value in the batch is longer than 256 bytes.",
  KEY_EXISTS: "The key is on chain already.",
  BATCH_KEY_EXISTS: "A key of the batch is on chain already.",
  EVIDENCE_IN_FLIGHT: "A write of this key is being chained.",
  BUSINESS_ID_MALFORMED: "The business id is not 64 hexadecimal digits.",
  BUSINESS_ID_EXISTS: "The business id was used before on this key.",
  EVIDENCE_UNKNOWN: "There is no such evidence.",
  WINDOW_INVALID: "The window is not a start and an end in milliseconds at most 30 days apart.",
  WINDOW_NEEDED: "The key has more than 500 records: a time window is needed.",
  PAGE_INVALID: "The page is not counted from 1, or the page size is not 1 to 100.",
  DIGEST_MALFORMED: "The digest is not 64 hexadecimal digits.",
  CHAIN_EXPIRED: "The business chain has expired.",
  QUOTA_EXCEEDED: "The business chain's quota is used up.",
  MEMBER_EXISTS: "The RAM user is a member of the chain already.",
  NAME_INVALID: "The name must have 2 to 30 letters, digits or characters of _-.().",
  NAME_EXISTS: "The name is taken.",
  TRANSACTION_UNKNOWN: "There is no such transaction.",
  CHANNEL_UNKNOWN: "There is no such channel.",
  BLOCK_UNKNOWN: "There is no such block.",
  CALL_REPLAYED: "The nonce of this call was used before.",
  IDEMPOTENCY_CONFLICT: "The idempotency key was used for another request.",
  IDEMPOTENCY_KEY_MALFORMED: "An idempotency key has 1 to 255 visible ASCII characters.",
  LEDGER_UNAVAILABLE: "The ledger cannot be used at the moment.",
  OUTCOME_UNKNOWN: "The disk failed during the write; it may or may not have happened.",
  LEDGER_FAULT: "The ledger refused a call that only a defect of the program can make.",
  OVERLOADED: "Too many writes are waiting.",
};
