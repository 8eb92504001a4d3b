import { type Clock, InvariantError } from "@concordat/base";
import type { Caller, CallOrigin, Platform } from "@concordat/platform";
import type { HuaweiCaller } from "../authentication/huawei-request.ts";

/** What the IAM operations use of the platform. */
export type IamPlatform = Pick<
  Platform,
  "authentication" | "findAccessKey" | "installationId" | "nonces" | "tenancy" | "tokens"
>;

/** A service that a token's catalog names because this server offers it. */
export interface OfferedService {
  readonly type: string;
  readonly name: string;
  /** Behind the server's base address; `{project_id}` stands for the token's project, and without one the service is left out. */
  readonly path: string;
}

export interface IamContext {
  /** Undefined for the one operation that needs no credential. */
  readonly authenticated: HuaweiCaller | undefined;
  readonly origin: CallOrigin;
  readonly platform: IamPlatform;
  readonly region: string;
  readonly services: readonly OfferedService[];
  /** Under which the client reached the server, without a slash at its end. */
  readonly baseUrl: string;
  /** The request target, with its query. */
  readonly target: string;
  readonly clock: Clock;
  /** X-Auth-Token of a request that was not judged by it. */
  readonly shownToken: string | undefined;
}

export function callerOf({ authenticated }: IamContext): Caller {
  if (authenticated === undefined) throw new InvariantError("An operation that needs a caller was served without.");
  return authenticated.caller;
}
