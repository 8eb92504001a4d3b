import type { FastifyRequest } from "@concordat/api-kit";
import type { Clock } from "@concordat/base";
import type { Caller, Platform } from "@concordat/platform";
import type { CallOrigins } from "../../http/call-origin.ts";

/** Who calls, and what a console session adds to it. */
export interface NativeCaller {
  readonly caller: Caller;
  readonly consoleSession?: ConsoleSession;
}

export interface ConsoleSession {
  /** To be shown in the header X-CSRF-Token by calls that change something. */
  readonly csrfToken: string;
  /** A Set-Cookie value that makes the browser forget the session. */
  readonly forgettingCookie: string;
}

export interface AuthenticationParts {
  readonly platform: Pick<Platform, "authentication" | "findAccessKey" | "nonces" | "installationId">;
  readonly clock: Clock;
  readonly originOf: CallOrigins;
  /** The body as it came: signatures cover its bytes. */
  readonly bodyOf: (request: FastifyRequest) => Uint8Array;
}

/** A header that counts only when it came once. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" ? value : undefined;
}
