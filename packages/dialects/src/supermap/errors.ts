import type { RequestFault } from "@concordat/api-kit";
import { ConcordatError } from "@concordat/base";
import { retryAfterSeconds, serverFaultOf } from "../http/server-fault.ts";
import { platformStatuses } from "../native/errors.ts";

/** The statuses that the documents name, and 503, which says to come back where they would say 500. */
export type IserverStatus = 400 | 401 | 404 | 405 | 406 | 500 | 503;

/** A refusal in this API's own terms; its code is its HTTP status. */
export class IserverRefusal extends ConcordatError<"ISERVER_REFUSED"> {
  readonly status: IserverStatus;

  constructor(
    status: IserverStatus,
    summary: string,
    options: { readonly cause?: unknown; readonly facts?: ConcordatError["facts"] } = {},
  ) {
    super({ code: "ISERVER_REFUSED", summary, ...options });
    this.status = status;
  }
}

export function faultRefusal(fault: RequestFault): IserverRefusal {
  const detail = "detail" in fault ? fault.detail : fault.kind;
  return new IserverRefusal(400, `The parameter ${fault.wireName} is wrong: ${detail}.`);
}

export interface IserverFailure {
  readonly status: IserverStatus;
  readonly body: {
    readonly succeed: false;
    readonly error: { readonly code: number; readonly errorMsg: string };
  };
  readonly headers: Readonly<Record<string, string>>;
}

/** What a thrown value becomes on the wire: every code of the platform has the documented status nearest to it. */
export function iserverFailureOf(error: unknown): IserverFailure {
  if (error instanceof IserverRefusal) return failure(error.status, error.message, error.facts);
  if (error instanceof ConcordatError) {
    const status = statusOf(error.code);
    if (status !== undefined && status !== 500) return failure(status, error.message, error.facts);
  }
  if (serverFaultOf(error) !== undefined) return failure(400, "The request is malformed.");
  return failure(500, "The request could not be completed.");
}

const nearest: Readonly<Record<number, IserverStatus>> = {
  401: 401,
  403: 401,
  404: 404,
  429: 401,
  500: 500,
  503: 503,
};

function statusOf(code: string): IserverStatus | undefined {
  if (code.startsWith("PARAMETERS_")) return 400;
  const statuses: Readonly<Record<string, number>> = platformStatuses;
  const status = Object.hasOwn(statuses, code) ? statuses[code] : undefined;
  return status === undefined ? undefined : (nearest[status] ?? 400);
}

function failure(status: IserverStatus, errorMsg: string, facts: ConcordatError["facts"] = {}): IserverFailure {
  const headers: Record<string, string> = "retryAfterMs" in facts ? { "retry-after": retryAfterSeconds(facts) } : {};
  return { status, body: { succeed: false, error: { code: status, errorMsg } }, headers };
}
