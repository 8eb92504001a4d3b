import type { FastifyInstance, FastifyRequest } from "@concordat/api-kit";
import { GatewayRefusal, gatewayErrors } from "./gateway-errors.ts";

/**
 * Leaves bodies alone until the dialect asks for them: signatures cover the bytes as they came, official clients send GET with a body,
 * and nothing of a stranger's body is read.
 */
export function leaveBodiesUnread(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, _payload, done) => done(null, undefined));
}

/** Reads the body, whatever the method. @throws GatewayRefusal when it is larger than allowed */
export async function readBody(request: FastifyRequest, bytesMax: number): Promise<Uint8Array> {
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const chunks: Buffer[] = [];
  let length = 0;
  // The stream stays open when reading ends early: the answer goes over the same connection.
  for await (const chunk of cutOff(request.raw.iterator({ destroyOnReturn: false }))) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > bytesMax) throw tooLarge(bytesMax);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, length);
}

/** A client that goes away in the middle of its body is no fault of the server. */
async function* cutOff<Chunk>(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  try {
    yield* chunks;
  } catch (cause) {
    throw new GatewayRefusal(gatewayErrors.requestInvalid, "API request error: the body ended early.", cause);
  }
}

function tooLarge(bytesMax: number): GatewayRefusal {
  return new GatewayRefusal(
    gatewayErrors.bodyTooLarge,
    `Request entity too large: at most ${bytesMax} bytes are taken.`,
  );
}
