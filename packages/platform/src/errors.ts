import { ConcordatError, type ErrorFacts } from "@concordat/base";
import { evidenceRefusals } from "@concordat/contracts";
import type { AdministrationErrorCode, PlatformErrorCode } from "./ports.ts";

export type AnyPlatformErrorCode = PlatformErrorCode | AdministrationErrorCode;

/**
 * A refusal by the platform. The refused call had no effect, except for OUTCOME_UNKNOWN and STORE_UNAVAILABLE, after which it may have had
 * one.
 */
export class PlatformError extends ConcordatError<AnyPlatformErrorCode> {
  constructor(
    code: AnyPlatformErrorCode,
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
const platformErrorSummaries: Readonly<Record<AnyPlatformErrorCode, string>> = {
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
  CERTIFICATE_NOT_USABLE: "The caller's certificate is frozen, revoked or expired.",
  HOME_ELSEWHERE: "Another server holds this instance.",
  STORE_UNAVAILABLE: "The control store does not answer.",
  CREDENTIALS_WRONG: "The credentials are wrong.",
  CREDENTIALS_SLOWED: "Too many wrong tries from this address; wait before the next.",
  PRINCIPAL_DISABLED: "The user or its tenant is disabled.",
  TENANT_UNKNOWN: "There is no such tenant.",
  PROJECT_UNKNOWN: "There is no such project.",
  ENTERPRISE_PROJECT_UNKNOWN: "There is no such enterprise project.",
  USER_UNKNOWN: "There is no such user.",
  GROUP_UNKNOWN: "There is no such group.",
  POLICY_UNKNOWN: "There is no such policy.",
  POLICY_INVALID: "The policy document is malformed.",
  GRANT_UNKNOWN: "There is no such grant.",
  PRODUCT_UNKNOWN: "There is no such device product.",
  DESCRIPTION_INVALID: "A description has at most 255 characters.",
  PASSWORD_INVALID: "The password does not meet the rules.",
  KEY_LIMIT_REACHED: "The user has the greatest number of such keys already.",
  CREDENTIAL_UNKNOWN: "There is no such credential.",
  CREDENTIAL_INVALID: "The credential's description is malformed.",
  RESOURCE_IN_USE: "Something else still refers to it.",
  ORGANIZATION_UNKNOWN: "There is no such organization.",
  CERTIFICATE_UNKNOWN: "There is no such certificate.",
  CERTIFICATE_STATE_REFUSED: "The certificate's state does not allow this.",
  CERTIFICATE_REQUEST_INVALID: "The certificate request is malformed.",
  JOB_UNKNOWN: "There is no such job.",
  JOB_ENDED: "The job has ended already.",
  JOB_RUNNING: "The job has not ended yet.",
  AUDIT_ENTRY_UNKNOWN: "There is no such audit entry.",
  AUDIT_ENTRY_PENDING: "The audit entry is not on the audit channel yet.",
  ALARM_UNKNOWN: "There is no such alarm.",
  ROTATION_REFUSED: "The key cannot be rotated like this.",
  NETWORK_UNKNOWN: "There is no such network.",
  NETWORK_NOT_READY: "The network is not ready for this.",
  NETWORK_LIMIT_REACHED: "There are as many of these as there may be.",
  NODE_UNKNOWN: "There is no such node.",
  NODE_NOT_STARTED: "The node cannot be started.",
  CONTRACT_UNKNOWN: "The channel has no such contract.",
  CONTRACT_DEFINITION_INVALID: "The contract's definition is malformed.",
  CONTRACT_PACKAGE_INVALID: "The contract package cannot be read.",
  CONTRACT_PACKAGE_UNKNOWN: "No such contract package is installed.",
  CONTRACT_NOT_RUNNING: "The contract does not run.",
  CONTRACT_CALL_INVALID: "The call of the contract is malformed.",
  CONTRACT_CALL_REFUSED: "The network refused the call.",
  FABRIC_UNAVAILABLE: "Contracts and nodes cannot be run here.",
};
