import { ConcordatError } from "@concordat/base";
import { retryAfterSeconds, serverFaultOf } from "../../http/server-fault.ts";
import { platformStatuses } from "../../native/errors.ts";

/** Names of the gateway's errors. @source Oracle Cloud Infrastructure API errors; each answers `{code, message}` */
const names: Readonly<Record<number, string>> = {
  400: "InvalidParameter",
  401: "NotAuthenticated",
  403: "NotAuthorized",
  404: "NotAuthorizedOrNotFound",
  409: "IncorrectState",
  413: "PayloadTooLarge",
  429: "TooManyRequests",
  500: "InternalServerError",
  503: "ServiceUnavailable",
};

export type GatewayStatus = 400 | 401 | 403 | 404 | 409 | 413 | 429 | 500 | 503;
type Headers = Readonly<Record<string, string | string[]>>;

/** A refusal by the gateway in front of the API, before the API itself is asked. */
export class GatewayRefusal extends ConcordatError<"GATEWAY_REFUSED"> {
  readonly status: GatewayStatus;
  readonly headers: Headers;

  constructor(status: GatewayStatus, summary: string, headers: Headers = {}, cause?: unknown) {
    super({ code: "GATEWAY_REFUSED", summary, cause });
    this.status = status;
    this.headers = headers;
  }
}

export interface GatewayFailure {
  readonly status: number;
  readonly body: { readonly code: string; readonly message: string };
  readonly headers: Headers;
}

/** What a thrown value becomes on the wire: every code of the platform has the name of its kind of refusal. */
export function gatewayFailureOf(error: unknown): GatewayFailure {
  if (error instanceof GatewayRefusal) return failure(error.status, error.message, error.headers);
  if (error instanceof ConcordatError) {
    const status = statusOf(error.code);
    const headers: Headers = status === 429 ? { "retry-after": retryAfterSeconds(error.facts) } : {};
    if (status !== undefined && status !== 500) return failure(status, error.message, headers);
  }
  const fault = serverFaultOf(error);
  if (fault !== undefined) return failure(fault === "body-too-large" ? 413 : 400, "The request is malformed.");
  return failure(500, "The request could not be completed.");
}

function statusOf(code: string): number | undefined {
  if (code.startsWith("PARAMETERS_")) return 400;
  const statuses: Readonly<Record<string, number>> = platformStatuses;
  const status = Object.hasOwn(statuses, code) ? statuses[code] : undefined;
  // What is well-formed and still not allowed has no status of its own here.
  return status === 422 ? 400 : status;
}

function failure(status: number, message: string, headers: Headers = {}): GatewayFailure {
  return { status, body: { code: names[status] ?? "InternalServerError", message }, headers };
}
