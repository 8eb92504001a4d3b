import { ConcordatError, type ErrorFacts } from "@concordat/base";
import { evidenceRefusals } from "@concordat/contracts";
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

// These three are no refusals of the platform, or mean something else here.
const {
  ACCESS_DENIED: _access,
  VALUE_MALFORMED: _value,
  DEVICE_ID_MALFORMED: _device,
  ...contractSummaries
} = evidenceRefusals;

/** One sentence for each code; a refusal that knows more says it in its own. */
const platformErrorSummaries: Readonly<Record<PlatformErrorCode, string>> = {
  ...contractSummaries,
  ACCESS_DENIED: "The caller may not do this.",
  ACCOUNT_UNKNOWN: "There is no such account.",
  ACCESS_KEY_UNKNOWN: "There is no such access key.",
  ACCOUNT_KIND_REFUSED: "A member of a chain must be a RAM user.",
  SERVICE_NOT_OPENED: "The account has not opened the trusted ledger service.",
  CHAIN_UNKNOWN: "There is no such business chain.",
  CHAIN_NAME_INVALID: "The chain's name must have 1 to 64 printable characters and no space at either end.",
  REMARK_INVALID: "A remark has at most 100 characters.",
  VALIDITY_INVALID: "The validity must be 1 to 36500 days.",
  BLOCK_CUTTING_INVALID: "A number of the block cutting is out of its bounds.",
  CHAIN_CODE_MALFORMED: "The business-chain code must have 16 letters and digits.",
  CHAIN_CODE_MISMATCH: "The business-chain code differs from the one inside the key.",
  VALUE_MALFORMED: "The value is not well-formed Unicode.",
  DATA_TYPE_FOREIGN: "The data-type code inside the key belongs to another business chain.",
  DATA_TYPE_UNKNOWN: "There is no such data-type code.",
  EVIDENCE_IN_FLIGHT: "A write of this key is being chained.",
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
