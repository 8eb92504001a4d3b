import type { FastifyRequest } from "@concordat/api-kit";
import type { RandomSource } from "@concordat/base";
import type { CallOrigin } from "@concordat/platform";
import { createRequestIds } from "../aliyun-ltl/request-ids.ts";

/** From where a request came; the same answer for the same request, so that its id is the same in answer, log and audit. */
export type CallOrigins = (request: FastifyRequest) => CallOrigin;

/** The address is that of the connection: headers that name another are not believed. */
export function createCallOrigins(random: RandomSource): CallOrigins {
  const nextRequestId = createRequestIds(random);
  const known = new WeakMap<object, CallOrigin>();
  return (request) => {
    const origin = known.get(request) ?? {
      sourceAddress: request.raw.socket.remoteAddress,
      requestId: nextRequestId(),
    };
    known.set(request, origin);
    return origin;
  };
}
