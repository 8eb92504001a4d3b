import { ConcordatError } from "@concordat/base";
import type { PlatformErrorCode } from "@concordat/platform";

/** A refusal by the gateway in front of the service: HTTP status and a text code. */
export interface GatewayAnswer {
  readonly kind: "gateway";
  readonly status: number;
  readonly code: string;
}

/** A refusal by the ledger service itself: HTTP 200, `Success` false and a negative number. */
export interface BusinessAnswer {
  readonly kind: "business";
  readonly code: number;
}

export type WireError = GatewayAnswer | BusinessAnswer;

const gateway = (status: number, code: string): GatewayAnswer => ({ kind: "gateway", status, code });
const business = (code: number): BusinessAnswer => ({ kind: "business", code });

/** Refusals that the gateway gives before the platform is asked. */
export const gatewayErrors = {
  methodUnsupported: gateway(400, "UnsupportedHTTPMethod"),
  contentTypeUnsupported: gateway(400, "UnsupportedOperation"),
  parameterInvalid: gateway(400, "InvalidParameter"),
  accessKeyUnknown: gateway(404, "InvalidAccessKeyId.NotFound"),
  accessKeyInactive: gateway(400, "InvalidAccessKeyId.Inactive"),
  signatureIncomplete: gateway(400, "IncompleteSignature"),
  signatureWrong: gateway(400, "SignatureDoesNotMatch"),
  /** The gateway's family of codes for callers that have to wait; the document names none. */
  slowed: gateway(400, "Throttling.User"),
  nonceUsed: gateway(400, "SignatureNonceUsed"),
  timestampMalformed: gateway(400, "InvalidTimeStamp.Format"),
  timestampExpired: gateway(400, "InvalidTimeStamp.Expired"),
  actionUnknown: gateway(404, "InvalidAction.NotFound"),
  versionUnknown: gateway(400, "InvalidVersion"),
  internal: gateway(500, "InternalError"),
  unavailable: gateway(503, "ServiceUnavailable"),
} as const satisfies Record<string, GatewayAnswer>;

export const API_VERSION_WRONG = business(-113);

export const missingParameter = (name: string): GatewayAnswer => gateway(400, `Missing${name}`);
export const invalidParameter = (name: string): GatewayAnswer =>
  name === "" ? gatewayErrors.parameterInvalid : gateway(400, `InvalidParameter.${name}`);

/**
 * Every code of the platform in this API's terms. The negative numbers are those of the document; where it names none for a
 * refusal, the gateway's form is used.
 * @source LTL document section 4.2.6
 */
export const platformErrors = {
  ACCESS_DENIED: gateway(403, "NoPermission"),
  ACCOUNT_UNKNOWN: invalidParameter("MemberUid"),
  ACCESS_KEY_UNKNOWN: gatewayErrors.accessKeyUnknown,
  ACCOUNT_KIND_REFUSED: business(-104),
  SERVICE_NOT_OPENED: business(-339),
  // The same answer as for a chain that the caller has nothing to do with, so that ids cannot be tried out.
  CHAIN_UNKNOWN: gateway(403, "NoPermission"),
  CHAIN_NAME_INVALID: invalidParameter("Name"),
  REMARK_INVALID: invalidParameter("Remark"),
  VALIDITY_INVALID: gatewayErrors.parameterInvalid,
  BLOCK_CUTTING_INVALID: gatewayErrors.parameterInvalid,
  CHAIN_CODE_MALFORMED: business(-101),
  CHAIN_CODE_MISMATCH: business(-105),
  EVIDENCE_KEY_MALFORMED: business(-102),
  VALUE_EMPTY: business(-103),
  VALUE_MALFORMED: invalidParameter("Value"),
  DATA_TYPE_FOREIGN: business(-115),
  DATA_TYPE_UNKNOWN: business(-305),
  BATCH_MIXED: business(-218),
  BATCH_KEY_REPEATED: business(-219),
  VALUE_TOO_LONG: business(-220),
  BATCH_TOO_LARGE: business(-221),
  BATCH_VALUE_TOO_LONG: business(-222),
  KEY_EXISTS: business(-317),
  BATCH_KEY_EXISTS: business(-318),
  EVIDENCE_IN_FLIGHT: business(-320),
  BUSINESS_ID_MALFORMED: invalidParameter("BusinessId"),
  BUSINESS_ID_EXISTS: business(-317),
  EVIDENCE_UNKNOWN: invalidParameter("Key"),
  WINDOW_INVALID: invalidParameter("EndTime"),
  WINDOW_NEEDED: invalidParameter("StartTime"),
  PAGE_INVALID: invalidParameter("PageSize"),
  DIGEST_MALFORMED: gatewayErrors.parameterInvalid,
  CHAIN_EXPIRED: gateway(403, "Forbidden"),
  QUOTA_EXCEEDED: gateway(403, "Forbidden"),
  MEMBER_EXISTS: invalidParameter("MemberUid"),
  MEMBER_UNKNOWN: invalidParameter("MemberId"),
  MEMBER_CONTACT_INVALID: invalidParameter("MemberContact"),
  MEMBER_PHONE_INVALID: invalidParameter("MemberPhone"),
  PRODUCT_UNKNOWN: invalidParameter("ProductKey"),
  DEVICE_GROUP_EXISTS: invalidParameter("ProductKey"),
  DEVICE_GROUP_UNKNOWN: invalidParameter("DeviceGroupId"),
  DEVICE_UNKNOWN: invalidParameter("DeviceId"),
  DEVICE_UNAUTHORIZED: gateway(403, "NoPermission"),
  DEVICE_FIELD_EMPTY: business(-106),
  // The document's name of -106 is that the signature's parameters are wrong; its advice names the empty ones alone.
  DEVICE_SIGNATURE_REFUSED: business(-106),
  DEVICE_AUTH_TYPE_UNSUPPORTED: business(-107),
  DEVICE_DIGEST_MALFORMED: business(-110),
  DEVICE_DIGEST_WRONG: business(-111),
  DEVICE_SOURCE_UNSUPPORTED: business(-118),
  PHASE_GROUP_UNKNOWN: invalidParameter("PhaseGroupId"),
  PHASE_UNKNOWN: invalidParameter("PhaseId"),
  PHASE_LIST_INVALID: invalidParameter("AuthorizedPhaseList"),
  PHASE_DATA_KEY_MALFORMED: invalidParameter("DataKey"),
  PHASE_DATA_SEQUENCE_MALFORMED: invalidParameter("DataSeq"),
  PHASE_DATA_UNKNOWN: invalidParameter("DataKey"),
  PHASE_DIGEST_MALFORMED: invalidParameter("PhaseData"),
  PHASE_DATA_LIST_INVALID: invalidParameter("PhaseDataList"),
  RELATED_DATA_REFUSED: invalidParameter("RelatedDataList"),
  NAME_INVALID: invalidParameter("Name"),
  NAME_EXISTS: invalidParameter("Name"),
  TRANSACTION_UNKNOWN: gatewayErrors.parameterInvalid,
  CHANNEL_UNKNOWN: gatewayErrors.parameterInvalid,
  BLOCK_UNKNOWN: gatewayErrors.parameterInvalid,
  CALL_REPLAYED: gatewayErrors.nonceUsed,
  IDEMPOTENCY_CONFLICT: gatewayErrors.parameterInvalid,
  IDEMPOTENCY_KEY_MALFORMED: gatewayErrors.parameterInvalid,
  LEDGER_UNAVAILABLE: gatewayErrors.unavailable,
  // Not ServiceUnavailable: clients repeat such a call by themselves, and this one may have been carried out.
  OUTCOME_UNKNOWN: gatewayErrors.internal,
  LEDGER_FAULT: gatewayErrors.internal,
  // Clients of this API retry on it.
  OVERLOADED: gateway(400, "Throttling"),
  CERTIFICATE_NOT_USABLE: gateway(403, "Forbidden"),
  HOME_ELSEWHERE: gatewayErrors.unavailable,
  STORE_UNAVAILABLE: gatewayErrors.unavailable,
} as const satisfies Record<PlatformErrorCode, WireError>;

/** A refusal in this API's own terms. */
export class LtlRefusal extends ConcordatError<"LTL_REFUSED"> {
  readonly answer: WireError;

  constructor(
    answer: WireError,
    summary: string,
    options: { readonly remedy?: string; readonly cause?: unknown } = {},
  ) {
    super({ code: "LTL_REFUSED", summary, ...options });
    this.answer = answer;
  }
}

export interface RefusalText {
  readonly answer: WireError;
  readonly message: string;
  readonly remedy: string;
  /** A fault of ours rather than the caller's: it belongs in the log. */
  readonly logged: boolean;
}

/** What a thrown value becomes on the wire. Unknown errors answer InternalError and say nothing of themselves. */
export function refusalOf(error: unknown): RefusalText {
  if (error instanceof LtlRefusal) {
    return { answer: error.answer, message: error.message, remedy: error.remedy ?? "", logged: false };
  }
  if (error instanceof ConcordatError) {
    const answer = answerForCode(error);
    if (answer !== undefined)
      return { answer, message: error.message, remedy: error.remedy ?? "", logged: isOurs(answer) };
  }
  const answer = answerForServerError(error);
  if (answer !== undefined) return { ...answer, remedy: "", logged: false };
  return {
    answer: gatewayErrors.internal,
    message: "The request could not be completed.",
    remedy: "",
    logged: true,
  };
}

function isOurs(answer: WireError): boolean {
  return answer.kind === "gateway" && answer.status >= 500;
}

function answerForCode(error: ConcordatError): WireError | undefined {
  if (error.code === "PARAMETERS_MALFORMED" || error.code === "PARAMETERS_TOO_LARGE") {
    return invalidParameter(parameterName(error.facts["parameter"]));
  }
  return isPlatformCode(error.code) ? platformErrors[error.code] : undefined;
}

function isPlatformCode(code: string): code is PlatformErrorCode {
  return Object.hasOwn(platformErrors, code);
}

/** A name goes into an error code only when it looks like one. */
function parameterName(name: unknown): string {
  return typeof name === "string" && /^[A-Za-z][A-Za-z0-9.]{0,63}$/.test(name) ? name : "";
}

/** Refusals of the HTTP server itself, before a handler runs. */
function answerForServerError(error: unknown): { answer: WireError; message: string } | undefined {
  if (!(error instanceof Error) || !("statusCode" in error) || typeof error.statusCode !== "number") return undefined;
  if (error.statusCode === 413)
    return { answer: gatewayErrors.parameterInvalid, message: "The request body is too large." };
  if (error.statusCode === 415) {
    return {
      answer: gatewayErrors.contentTypeUnsupported,
      message: "The content type of the request body is not supported.",
    };
  }
  if (error.statusCode >= 400 && error.statusCode < 500) {
    return { answer: gatewayErrors.parameterInvalid, message: "The request is malformed." };
  }
  return undefined;
}
