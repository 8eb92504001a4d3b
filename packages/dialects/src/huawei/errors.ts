import { ConcordatError } from "@concordat/base";
import type { AdministrationErrorCode, PlatformErrorCode } from "@concordat/platform";
import { authenticationTails, GatewayRefusal, gatewayErrors } from "./gateway-errors.ts";

/** A refusal in the form of the documents: HTTP status, `error_code`, `error_msg`. @source BCS document, section 1.4.3 */
export interface WireError {
  readonly status: number;
  readonly code: string;
}

/** IAM's own refusals. @source IAM API, error codes */
export const iamErrors = {
  unauthenticated: { status: 401, code: "IAM.0001" },
  forbidden: { status: 403, code: "IAM.0002" },
  notFound: { status: 404, code: "IAM.0004" },
  conflict: { status: 409, code: "IAM.0005" },
  unexpected: { status: 500, code: "IAM.0006" },
  parameterInvalid: { status: 400, code: "IAM.0007" },
  bodyInvalid: { status: 400, code: "IAM.0011" },
  locked: { status: 401, code: "IAM.0061" },
  unavailable: { status: 503, code: "IAM.0006" },
} as const satisfies Record<string, WireError>;

const { forbidden, notFound, conflict, unexpected, parameterInvalid, unavailable, unauthenticated, locked } = iamErrors;

/** Every code of the platform in IAM's terms. Those of evidence and chains cannot come from an IAM operation; they have their place anyway. */
export const iamPlatformErrors = {
  ACCESS_DENIED: forbidden,
  ACCOUNT_UNKNOWN: notFound,
  ACCESS_KEY_UNKNOWN: notFound,
  ACCOUNT_KIND_REFUSED: forbidden,
  SERVICE_NOT_OPENED: forbidden,
  CHAIN_UNKNOWN: notFound,
  CHAIN_NAME_INVALID: parameterInvalid,
  REMARK_INVALID: parameterInvalid,
  VALIDITY_INVALID: parameterInvalid,
  BLOCK_CUTTING_INVALID: parameterInvalid,
  CHAIN_CODE_MALFORMED: parameterInvalid,
  CHAIN_CODE_MISMATCH: parameterInvalid,
  EVIDENCE_KEY_MALFORMED: parameterInvalid,
  VALUE_EMPTY: parameterInvalid,
  VALUE_MALFORMED: parameterInvalid,
  DATA_TYPE_FOREIGN: forbidden,
  DATA_TYPE_UNKNOWN: notFound,
  BATCH_MIXED: parameterInvalid,
  BATCH_KEY_REPEATED: parameterInvalid,
  VALUE_TOO_LONG: parameterInvalid,
  BATCH_TOO_LARGE: parameterInvalid,
  BATCH_VALUE_TOO_LONG: parameterInvalid,
  KEY_EXISTS: conflict,
  BATCH_KEY_EXISTS: conflict,
  EVIDENCE_IN_FLIGHT: conflict,
  BUSINESS_ID_MALFORMED: parameterInvalid,
  BUSINESS_ID_EXISTS: conflict,
  EVIDENCE_UNKNOWN: notFound,
  WINDOW_INVALID: parameterInvalid,
  WINDOW_NEEDED: parameterInvalid,
  PAGE_INVALID: parameterInvalid,
  DIGEST_MALFORMED: parameterInvalid,
  CHAIN_EXPIRED: forbidden,
  QUOTA_EXCEEDED: forbidden,
  MEMBER_EXISTS: conflict,
  MEMBER_UNKNOWN: notFound,
  MEMBER_CONTACT_INVALID: parameterInvalid,
  MEMBER_PHONE_INVALID: parameterInvalid,
  DEVICE_GROUP_EXISTS: conflict,
  DEVICE_GROUP_UNKNOWN: notFound,
  DEVICE_UNKNOWN: notFound,
  DEVICE_UNAUTHORIZED: forbidden,
  DEVICE_FIELD_EMPTY: parameterInvalid,
  DEVICE_SIGNATURE_REFUSED: parameterInvalid,
  DEVICE_AUTH_TYPE_UNSUPPORTED: parameterInvalid,
  DEVICE_DIGEST_MALFORMED: parameterInvalid,
  DEVICE_DIGEST_WRONG: parameterInvalid,
  DEVICE_SOURCE_UNSUPPORTED: parameterInvalid,
  PHASE_GROUP_UNKNOWN: notFound,
  PHASE_UNKNOWN: notFound,
  PHASE_LIST_INVALID: parameterInvalid,
  PHASE_DATA_KEY_MALFORMED: parameterInvalid,
  PHASE_DATA_SEQUENCE_MALFORMED: parameterInvalid,
  PHASE_DATA_UNKNOWN: notFound,
  PHASE_DIGEST_MALFORMED: parameterInvalid,
  PHASE_DATA_LIST_INVALID: parameterInvalid,
  RELATED_DATA_REFUSED: parameterInvalid,
  NAME_INVALID: parameterInvalid,
  NAME_EXISTS: conflict,
  TRANSACTION_UNKNOWN: notFound,
  CHANNEL_UNKNOWN: notFound,
  BLOCK_UNKNOWN: notFound,
  CALL_REPLAYED: gatewayErrors.authentication,
  IDEMPOTENCY_CONFLICT: conflict,
  IDEMPOTENCY_KEY_MALFORMED: parameterInvalid,
  LEDGER_UNAVAILABLE: unavailable,
  OUTCOME_UNKNOWN: unexpected,
  LEDGER_FAULT: unexpected,
  OVERLOADED: gatewayErrors.throttled,
  CERTIFICATE_NOT_USABLE: forbidden,
  HOME_ELSEWHERE: unavailable,
  STORE_UNAVAILABLE: unavailable,
  CREDENTIALS_WRONG: unauthenticated,
  CREDENTIALS_SLOWED: locked,
  PRINCIPAL_DISABLED: unauthenticated,
  TENANT_UNKNOWN: notFound,
  PROJECT_UNKNOWN: notFound,
  ENTERPRISE_PROJECT_UNKNOWN: notFound,
  USER_UNKNOWN: notFound,
  GROUP_UNKNOWN: notFound,
  POLICY_UNKNOWN: notFound,
  POLICY_INVALID: parameterInvalid,
  GRANT_UNKNOWN: notFound,
  QUOTA_INVALID: parameterInvalid,
  DEVICE_IDENTITY_UNKNOWN: notFound,
  DEVICE_IDENTITY_EXPORTED: conflict,
  DEVICE_LIMIT_REACHED: conflict,
  PRODUCT_UNKNOWN: notFound,
  DESCRIPTION_INVALID: parameterInvalid,
  PASSWORD_INVALID: parameterInvalid,
  KEY_LIMIT_REACHED: conflict,
  CREDENTIAL_UNKNOWN: notFound,
  CREDENTIAL_INVALID: parameterInvalid,
  RESOURCE_IN_USE: conflict,
  ORGANIZATION_UNKNOWN: notFound,
  CERTIFICATE_UNKNOWN: notFound,
  CERTIFICATE_STATE_REFUSED: conflict,
  CERTIFICATE_REQUEST_INVALID: parameterInvalid,
  JOB_UNKNOWN: notFound,
  JOB_ENDED: conflict,
  JOB_RUNNING: conflict,
  AUDIT_ENTRY_UNKNOWN: notFound,
  AUDIT_ENTRY_PENDING: conflict,
  ALARM_UNKNOWN: notFound,
  ROTATION_REFUSED: conflict,
  NETWORK_UNKNOWN: notFound,
  NETWORK_NOT_READY: conflict,
  NETWORK_LIMIT_REACHED: conflict,
  NODE_UNKNOWN: notFound,
  NODE_NOT_STARTED: conflict,
  CONTRACT_UNKNOWN: notFound,
  CONTRACT_DEFINITION_INVALID: parameterInvalid,
  CONTRACT_PACKAGE_INVALID: parameterInvalid,
  CONTRACT_PACKAGE_UNKNOWN: notFound,
  CONTRACT_NOT_RUNNING: conflict,
  CONTRACT_CALL_INVALID: parameterInvalid,
  CONTRACT_CALL_REFUSED: conflict,
  FABRIC_UNAVAILABLE: unavailable,
} as const satisfies Record<PlatformErrorCode | AdministrationErrorCode, WireError>;

/** A refusal by an IAM operation itself. */
export class IamRefusal extends ConcordatError<"IAM_REFUSED"> {
  readonly answer: WireError;

  constructor(answer: WireError, summary: string, cause?: unknown) {
    super({ code: "IAM_REFUSED", summary, cause });
    this.answer = answer;
  }
}

export interface RefusalText {
  readonly answer: WireError;
  readonly message: string;
  /** A fault of ours rather than the caller's: it belongs in the log. */
  readonly logged: boolean;
}

/** Sentences that IAM's users know; the platform's own stand everywhere else. */
const knownSentences: Readonly<Partial<Record<string, string>>> = {
  CREDENTIALS_WRONG: "The username or password is wrong.",
  CREDENTIALS_SLOWED: "The user or access key is locked after too many wrong tries; try again later.",
  PRINCIPAL_DISABLED: "The user is disabled.",
  CALL_REPLAYED: `Incorrect IAM authentication information: ${authenticationTails.signatureUsed}`,
};

/** What a thrown value becomes on the wire. Unknown errors say nothing of themselves. */
export function refusalOf(error: unknown): RefusalText {
  if (error instanceof GatewayRefusal || error instanceof IamRefusal) {
    return { answer: error.answer, message: error.message, logged: false };
  }
  if (error instanceof ConcordatError) {
    const answer = answerForCode(error.code);
    const message = knownSentences[error.code] ?? error.message;
    if (answer !== undefined) return { answer, message, logged: answer.status >= 500 };
  }
  const answer = answerForServerError(error);
  if (answer !== undefined) return answer;
  const message = "An unexpected error prevented the server from fulfilling the request.";
  return { answer: iamErrors.unexpected, message, logged: true };
}

function answerForCode(code: string): WireError | undefined {
  if (code === "PARAMETERS_MALFORMED" || code === "PARAMETERS_TOO_LARGE") return parameterInvalid;
  return isPlatformCode(code) ? iamPlatformErrors[code] : undefined;
}

function isPlatformCode(code: string): code is keyof typeof iamPlatformErrors {
  return Object.hasOwn(iamPlatformErrors, code);
}

/** Refusals of the HTTP server itself, before a handler runs. */
function answerForServerError(error: unknown): RefusalText | undefined {
  if (!(error instanceof Error) || !("statusCode" in error) || typeof error.statusCode !== "number") return undefined;
  if (error.statusCode < 400 || error.statusCode >= 500) return undefined;
  return { answer: gatewayErrors.requestInvalid, message: "API request error: it is malformed.", logged: false };
}
