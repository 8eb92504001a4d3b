import type { FastifyRequest } from "@concordat/api-kit";
import type { Caller, CallOrigin, Token } from "@concordat/platform";
import { readBody } from "../request-body.ts";
import { type HeaderLines, readHeaderLines } from "../signing/signed-request.ts";
import type { PayloadPolicy } from "../signing/verify.ts";

/** A request as the schemes of this family read it. */
export interface HuaweiRequest extends PayloadPolicy {
  readonly method: string;
  /** Path and query as received. */
  readonly target: string;
  readonly headers: HeaderLines;
  readonly origin: CallOrigin;
  /** Read when it is first asked for, so never for a stranger. @throws GatewayRefusal 413 */
  body(): Promise<Uint8Array>;
}

export interface HuaweiCaller {
  readonly caller: Caller;
  /** Of a caller with a token. */
  readonly token?: Token;
  /**
   * To be called by an operation that changes something, right before it does, so that a refusal on the way costs the client nothing.
   * @throws GatewayRefusal when the very same signature has changed something before
   */
  takeSignature(): Promise<void>;
}

export function readHuaweiRequest(
  request: FastifyRequest,
  options: PayloadPolicy & { readonly origin: CallOrigin; readonly bodyBytesMax: number },
): HuaweiRequest {
  const { unsignedPayload, origin, bodyBytesMax } = options;
  let body: Promise<Uint8Array> | undefined;
  return {
    method: request.raw.method ?? "",
    target: request.raw.url ?? "/",
    headers: readHeaderLines(request.raw.rawHeaders),
    origin,
    unsignedPayload,
    body() {
      body ??= readBody(request, bodyBytesMax);
      return body;
    },
  };
}
