import type { RequestFault } from "@concordat/api-kit";
import { ConcordatError } from "@concordat/base";
import type { AdministrationErrorCode, PlatformErrorCode } from "@concordat/platform";
import { retryAfterSeconds, serverFaultOf } from "../http/server-fault.ts";
import { platformStatuses } from "../native/errors.ts";

/**
 * Numbers of this API's errors.
 * @source BIF open API document, table of error codes
 */
export const bifErrors = {
  internal: 940000,
  parametersWrong: 940001,
  apiKeyUnknown: 940002,
  apiSecretWrong: 940003,
  accessTokenInvalid: 940004,
  bidMalformed: 940014,
  accessDenied: 940016,
  transactionUnknown: 940023,
  chainCodeUnknown: 940037,
  apiKeyDisabled: 940043,
  maintenance: 942011,
} as const;

export type BifErrorCode = (typeof bifErrors)[keyof typeof bifErrors];

type AnyCode = PlatformErrorCode | AdministrationErrorCode;

/** Codes of the platform that have a number of their own. */
const numbers: Partial<Readonly<Record<AnyCode, BifErrorCode>>> = {
  ACCESS_KEY_UNKNOWN: bifErrors.apiKeyUnknown,
  CHAIN_UNKNOWN: bifErrors.chainCodeUnknown,
  CHANNEL_UNKNOWN: bifErrors.chainCodeUnknown,
  TRANSACTION_UNKNOWN: bifErrors.transactionUnknown,
  // Unknown keys and wrong secrets have a number each in the document; told apart, they would let keys be tried out.
  CREDENTIALS_WRONG: bifErrors.apiSecretWrong,
  CREDENTIALS_SLOWED: bifErrors.accessDenied,
  PRINCIPAL_DISABLED: bifErrors.apiKeyDisabled,
};

/** Every code of the platform in this API's numbers: its own, or that of its kind of refusal. */
export function errorCodeOf(code: AnyCode): BifErrorCode {
  const status = platformStatuses[code];
  if (status === 500) return bifErrors.internal;
  if (status === 503) return bifErrors.maintenance;
  return numbers[code] ?? (status === 403 ? bifErrors.accessDenied : bifErrors.parametersWrong);
}

/** A refusal in this API's own terms. */
export class BifRefusal extends ConcordatError<"BIF_REFUSED"> {
  readonly errorCode: BifErrorCode;

  constructor(errorCode: BifErrorCode, summary: string, cause?: unknown) {
    super({ code: "BIF_REFUSED", summary, cause });
    this.errorCode = errorCode;
  }
}

export function faultRefusal(fault: RequestFault): BifRefusal {
  const detail = "detail" in fault ? fault.detail : fault.kind;
  return new BifRefusal(bifErrors.parametersWrong, `Parameter ${fault.wireName} is wrong: ${detail}.`);
}

/** What a thrown value becomes on the wire. */
export interface BifFailure {
  /** The API answers refusals with 200; only what no client can help has another. */
  readonly status: 200 | 500 | 503;
  readonly errorCode: BifErrorCode;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

function isPlatformCode(code: string): code is AnyCode {
  return Object.hasOwn(platformStatuses, code);
}

export function failureOf(error: unknown): BifFailure {
  if (error instanceof BifRefusal) return failure(error.errorCode, error.message);
  if (error instanceof ConcordatError && isPlatformCode(error.code)) {
    const errorCode = errorCodeOf(error.code);
    if (error.facts["inactive"] === true) return failure(bifErrors.apiKeyDisabled, "The api_key is disabled.");
    const headers: Record<string, string> =
      error.code === "CREDENTIALS_SLOWED" ? { "retry-after": retryAfterSeconds(error.facts) } : {};
    return failure(errorCode, error.message, headers);
  }
  if (error instanceof ConcordatError && /^PARAMETERS_/.test(error.code)) {
    return failure(bifErrors.parametersWrong, error.message);
  }
  if (serverFaultOf(error) !== undefined) return failure(bifErrors.parametersWrong, "The request body is malformed.");
  return failure(bifErrors.internal, "The request could not be completed.");
}

function failure(errorCode: BifErrorCode, message: string, headers: BifFailure["headers"] = {}): BifFailure {
  const status = errorCode === bifErrors.internal ? 500 : errorCode === bifErrors.maintenance ? 503 : 200;
  return { status, errorCode, message, headers };
}
