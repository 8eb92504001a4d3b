import type { RequestFault } from "@concordat/api-kit";
import { ConcordatError } from "@concordat/base";
import { retryAfterSeconds, serverFaultOf } from "../../http/server-fault.ts";
import { platformStatuses } from "../../native/errors.ts";

/**
 * Errors of the token endpoint and their HTTP status. The last two are registered for another endpoint of the same framework; the
 * token endpoint has none of its own for a server that cannot answer now, or not yet.
 * @source RFC 6749, sections 5.2 and 4.1.2.1
 */
export const oauthStatuses = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  temporarily_unavailable: 503,
  server_error: 500,
} as const;

export type OAuthErrorCode = keyof typeof oauthStatuses;

/** A refusal of the token endpoint. The description is ASCII without quotes, as the framework demands. */
export class OAuthRefusal extends ConcordatError<"OAUTH_REFUSED"> {
  readonly error: OAuthErrorCode;

  constructor(error: OAuthErrorCode, summary: string, cause?: unknown) {
    super({ code: "OAUTH_REFUSED", summary, cause });
    this.error = error;
  }
}

export function faultRefusal(fault: RequestFault): OAuthRefusal {
  const detail =
    fault.kind === "missing" ? "is missing" : fault.kind === "repeated" ? "is given twice" : "is malformed";
  return new OAuthRefusal("invalid_request", `The parameter ${fault.wireName} ${detail}.`);
}

export interface OAuthFailure {
  readonly status: number;
  readonly body: { readonly error: OAuthErrorCode; readonly error_description: string };
  readonly headers: Readonly<Record<string, string>>;
}

/** What a thrown value becomes on the wire. Wrong credentials are told apart where they are checked; see the token handler. */
export function oauthFailureOf(error: unknown): OAuthFailure {
  if (error instanceof OAuthRefusal) return failure(error.error, error.message);
  if (error instanceof ConcordatError) {
    if (error.code === "CREDENTIALS_SLOWED") {
      const slowed = failure("temporarily_unavailable", "Too many wrong tries; wait before the next.");
      return { ...slowed, status: 429, headers: { ...slowed.headers, "retry-after": retryAfterSeconds(error.facts) } };
    }
    if (error.code.startsWith("PARAMETERS_")) return failure("invalid_request", "The request is malformed.");
    if (isUnavailable(error.code)) return failure("temporarily_unavailable", "The server cannot answer at the moment.");
  }
  if (serverFaultOf(error) !== undefined) {
    return failure("invalid_request", "The request must be a form: application/x-www-form-urlencoded.");
  }
  return failure("server_error", "The request could not be completed.");
}

function isUnavailable(code: string): boolean {
  const statuses: Readonly<Record<string, number>> = platformStatuses;
  return Object.hasOwn(statuses, code) && statuses[code] === 503;
}

function failure(error: OAuthErrorCode, description: string): OAuthFailure {
  const challenge: Record<string, string> =
    error === "invalid_client" ? { "www-authenticate": 'Basic realm="concordat", charset="UTF-8"' } : {};
  return {
    status: oauthStatuses[error],
    body: { error, error_description: description },
    headers: { "cache-control": "no-store", pragma: "no-cache", ...challenge },
  };
}
