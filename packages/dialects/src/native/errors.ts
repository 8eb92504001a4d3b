import { ConcordatError } from "@concordat/base";
import type { AdministrationErrorCode, PlatformErrorCode } from "@concordat/platform";

/** HTTP status for every code of the platform; the code itself is the stable name of the problem. */
export const platformStatuses = {
  ACCESS_DENIED: 403,
  ACCOUNT_UNKNOWN: 404,
  ACCESS_KEY_UNKNOWN: 404,
  ACCOUNT_KIND_REFUSED: 422,
  SERVICE_NOT_OPENED: 403,
  CHAIN_UNKNOWN: 404,
  CHAIN_NAME_INVALID: 422,
  REMARK_INVALID: 422,
  VALIDITY_INVALID: 422,
  BLOCK_CUTTING_INVALID: 422,
  CHAIN_CODE_MALFORMED: 422,
  CHAIN_CODE_MISMATCH: 422,
  EVIDENCE_KEY_MALFORMED: 422,
  VALUE_EMPTY: 422,
  VALUE_MALFORMED: 422,
  DATA_TYPE_FOREIGN: 422,
  DATA_TYPE_UNKNOWN: 422,
  BATCH_MIXED: 422,
  BATCH_KEY_REPEATED: 422,
  VALUE_TOO_LONG: 422,
  BATCH_TOO_LARGE: 422,
  BATCH_VALUE_TOO_LONG: 422,
  KEY_EXISTS: 409,
  BATCH_KEY_EXISTS: 409,
  EVIDENCE_IN_FLIGHT: 409,
  BUSINESS_ID_MALFORMED: 422,
  BUSINESS_ID_EXISTS: 409,
  EVIDENCE_UNKNOWN: 404,
  WINDOW_INVALID: 422,
  WINDOW_NEEDED: 422,
  PAGE_INVALID: 422,
  DIGEST_MALFORMED: 422,
  CHAIN_EXPIRED: 403,
  QUOTA_EXCEEDED: 403,
  MEMBER_EXISTS: 409,
  MEMBER_UNKNOWN: 404,
  MEMBER_CONTACT_INVALID: 422,
  MEMBER_PHONE_INVALID: 422,
  DEVICE_GROUP_EXISTS: 409,
  DEVICE_GROUP_UNKNOWN: 404,
  DEVICE_UNKNOWN: 404,
  DEVICE_UNAUTHORIZED: 403,
  DEVICE_FIELD_EMPTY: 422,
  DEVICE_SIGNATURE_REFUSED: 422,
  DEVICE_AUTH_TYPE_UNSUPPORTED: 422,
  DEVICE_DIGEST_MALFORMED: 422,
  DEVICE_DIGEST_WRONG: 422,
  DEVICE_SOURCE_UNSUPPORTED: 422,
  PHASE_GROUP_UNKNOWN: 404,
  PHASE_UNKNOWN: 404,
  PHASE_LIST_INVALID: 422,
  PHASE_DATA_KEY_MALFORMED: 422,
  PHASE_DATA_SEQUENCE_MALFORMED: 422,
  PHASE_DATA_UNKNOWN: 404,
  PHASE_DIGEST_MALFORMED: 422,
  PHASE_DATA_LIST_INVALID: 422,
  RELATED_DATA_REFUSED: 422,
  NAME_INVALID: 422,
  NAME_EXISTS: 409,
  TRANSACTION_UNKNOWN: 404,
  CHANNEL_UNKNOWN: 404,
  BLOCK_UNKNOWN: 404,
  CALL_REPLAYED: 409,
  IDEMPOTENCY_CONFLICT: 409,
  IDEMPOTENCY_KEY_MALFORMED: 400,
  LEDGER_UNAVAILABLE: 503,
  OUTCOME_UNKNOWN: 500,
  LEDGER_FAULT: 500,
  OVERLOADED: 503,
  CERTIFICATE_NOT_USABLE: 403,
  HOME_ELSEWHERE: 503,
  STORE_UNAVAILABLE: 503,
  CREDENTIALS_SLOWED: 429,
  PRINCIPAL_DISABLED: 403,
  TENANT_UNKNOWN: 404,
  PROJECT_UNKNOWN: 404,
  ENTERPRISE_PROJECT_UNKNOWN: 404,
  USER_UNKNOWN: 404,
  GROUP_UNKNOWN: 404,
  POLICY_UNKNOWN: 404,
  POLICY_INVALID: 422,
  GRANT_UNKNOWN: 404,
  QUOTA_INVALID: 422,
  DEVICE_IDENTITY_UNKNOWN: 404,
  DEVICE_IDENTITY_EXPORTED: 409,
  DEVICE_LIMIT_REACHED: 409,
  PRODUCT_UNKNOWN: 404,
  DESCRIPTION_INVALID: 422,
  PASSWORD_INVALID: 422,
  KEY_LIMIT_REACHED: 409,
  CREDENTIAL_UNKNOWN: 404,
  CREDENTIAL_INVALID: 422,
  RESOURCE_IN_USE: 409,
  ORGANIZATION_UNKNOWN: 404,
  CERTIFICATE_UNKNOWN: 404,
  CERTIFICATE_STATE_REFUSED: 409,
  CERTIFICATE_REQUEST_INVALID: 422,
  JOB_UNKNOWN: 404,
  JOB_ENDED: 409,
  JOB_RUNNING: 409,
  AUDIT_ENTRY_UNKNOWN: 404,
  AUDIT_ENTRY_PENDING: 409,
  ALARM_UNKNOWN: 404,
  ROTATION_REFUSED: 409,
  NETWORK_UNKNOWN: 404,
  NETWORK_NOT_READY: 409,
  NETWORK_LIMIT_REACHED: 409,
  NODE_UNKNOWN: 404,
  NODE_NOT_STARTED: 409,
  CONTRACT_UNKNOWN: 404,
  CONTRACT_DEFINITION_INVALID: 422,
  CONTRACT_PACKAGE_INVALID: 422,
  CONTRACT_PACKAGE_UNKNOWN: 404,
  CONTRACT_NOT_RUNNING: 409,
  CONTRACT_CALL_INVALID: 422,
  CONTRACT_CALL_REFUSED: 409,
  FABRIC_UNAVAILABLE: 503,
  CREDENTIALS_WRONG: 401,
} as const satisfies Record<PlatformErrorCode | AdministrationErrorCode, number>;

/** Refusals of the API itself, before the platform is asked. */
export const requestStatuses = {
  AUTHENTICATION_REQUIRED: 401,
  AUTHORIZATION_MALFORMED: 401,
  ACCESS_KEY_INACTIVE: 401,
  SIGNATURE_INCOMPLETE: 401,
  SIGNATURE_WRONG: 401,
  TIMESTAMP_MALFORMED: 401,
  TIMESTAMP_EXPIRED: 401,
  NONCE_USED: 401,
  CROSS_SITE_REFUSED: 403,
  CSRF_TOKEN_WRONG: 403,
  FIELD_MISSING: 400,
  FIELD_MALFORMED: 400,
  FIELD_UNKNOWN: 400,
  FIELD_REPEATED: 400,
  PARAMETERS_MALFORMED: 400,
  PARAMETERS_TOO_LARGE: 400,
  BODY_MALFORMED: 400,
  BODY_TOO_LARGE: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  IDEMPOTENCY_KEY_MISSING: 400,
  OPERATION_UNKNOWN: 404,
} as const;

export type RequestErrorCode = keyof typeof requestStatuses;

export class RequestRefusal extends ConcordatError<RequestErrorCode> {
  constructor(
    code: RequestErrorCode,
    summary: string,
    options: { readonly remedy?: string; readonly cause?: unknown } = {},
  ) {
    super({ code, summary, ...options });
  }
}

/** RFC 9457 problem details. `code` is stable; programs match on it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly remedy?: string;
  /** Of a call that a Fabric network refused: what a Gateway client would have been told. */
  readonly grpcCode?: string | number;
  readonly details?: readonly string[];
}

/** What a thrown value becomes. Unknown errors become INTERNAL and say nothing of themselves. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ConcordatError) {
    const status = statusOf(error.code);
    if (status !== undefined) {
      return { ...problem(error.code, status, error.message, error.remedy), ...networkFactsOf(error) };
    }
  }
  if (error instanceof Error && "statusCode" in error) {
    if (error.statusCode === 413) return problem("BODY_TOO_LARGE", 413, "The request body is too large.");
    if (error.statusCode === 415) return problem("MEDIA_TYPE_UNSUPPORTED", 415, "Send application/json.");
    if (typeof error.statusCode === "number" && error.statusCode >= 400 && error.statusCode < 500) {
      return problem("BODY_MALFORMED", 400, "The request is malformed.");
    }
  }
  return problem("INTERNAL", 500, "The request could not be completed.");
}

function networkFactsOf({ code, facts }: ConcordatError): Pick<Problem, "grpcCode" | "details"> {
  if (code !== "CONTRACT_CALL_REFUSED") return {};
  const { grpcCode, details } = facts;
  return {
    ...(typeof grpcCode === "string" || typeof grpcCode === "number" ? { grpcCode } : {}),
    ...(Array.isArray(details) ? { details } : {}),
  };
}

function statusOf(code: string): number | undefined {
  if (Object.hasOwn(platformStatuses, code)) return platformStatuses[code as keyof typeof platformStatuses];
  return Object.hasOwn(requestStatuses, code) ? requestStatuses[code as RequestErrorCode] : undefined;
}

function problem(code: string, status: number, title: string, remedy?: string): Problem {
  const type = `urn:concordat:error:${code.toLowerCase().replaceAll("_", "-")}`;
  return { type, title, status, code, ...(remedy === undefined ? {} : { remedy }) };
}
