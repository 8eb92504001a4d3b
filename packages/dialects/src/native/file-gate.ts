import { type CompiledOperation, type FastifyReply, type FastifyRequest, limits } from "@concordat/api-kit";
import { PlatformError } from "@concordat/platform";
import { ACS3_ALGORITHM } from "../signing/acs3.ts";
import { headerOf, type NativeCaller } from "./authentication/native-caller.ts";
import { RequestRefusal } from "./errors.ts";

type Authenticate = (request: FastifyRequest, operation: CompiledOperation) => Promise<NativeCaller>;

/** Lets large bodies in: of callers that are recognised already, and a few at a time, for each is held in memory. */
export interface FileGate {
  /** Runs before the body is read. */
  admit(request: FastifyRequest, reply: FastifyReply, operation: CompiledOperation): Promise<void>;
  /** Who calls; recognised once. */
  caller(request: FastifyRequest, operation: CompiledOperation): Promise<NativeCaller>;
}

export function createFileGate(authenticate: Authenticate): FileGate {
  const admitted = new WeakMap<object, NativeCaller>();
  let reading = 0;
  return {
    async admit(request, reply, operation) {
      if (lengthOf(request) <= limits.bodyBytesMax) return;
      // The signature covers the body, so its sender is not known before all of it is in memory.
      if (headerOf(request, "authorization")?.startsWith(ACS3_ALGORITHM) === true) {
        throw new RequestRefusal("BODY_TOO_LARGE", "A signed request's body is too large.", {
          remedy: "Send files with HTTP Basic or a token.",
        });
      }
      admitted.set(request.raw, await authenticate(request, operation));
      if (reading === limits.fileBodiesAtOnceMax) throw new PlatformError("OVERLOADED", "Other files are being read.");
      reading += 1;
      reply.raw.once("close", () => {
        reading -= 1;
      });
    },
    caller: async (request, operation) => admitted.get(request.raw) ?? authenticate(request, operation),
  };
}

/** Infinite where the request does not say. */
function lengthOf(request: FastifyRequest): number {
  const text = headerOf(request, "content-length") ?? "";
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}
