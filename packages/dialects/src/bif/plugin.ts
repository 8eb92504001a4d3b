import {
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  registerRest,
} from "@concordat/api-kit";
import { bytesToUtf8, type Clock, type Logger, type RandomSource } from "@concordat/base";
import { createCallOrigins } from "../http/call-origin.ts";
import type { BifContext, BifPlatform } from "./context.ts";
import { BifRefusal, bifErrors, failureOf, faultRefusal } from "./errors.ts";
import { accessTokenHandlers } from "./handlers/access-token.ts";
import { bifOpenApi } from "./openapi.ts";
import { routes } from "./routes/table.ts";

export interface BifOptions {
  readonly platform: BifPlatform;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
}

const handlers = { ...accessTokenHandlers };

/** The BIF open API. Register it in a scope of its own. */
export function bifDialect(options: BifOptions): FastifyPluginAsync {
  const originOf = createCallOrigins(options.random);
  const { platform, clock } = options;
  return async (scope) => {
    parseJson(scope);
    scope.setErrorHandler((error, request, reply) => refuse(options, error, request, reply));
    registerRest<typeof routes, BifContext>(scope, routes, handlers, {
      context: async (request) => ({ platform, clock, origin: originOf(request) }),
      refuse: faultRefusal,
      ignoresUnknown: true,
      around: (_call, work) => work(),
    });
    scope.route({
      method: ["GET", "PUT", "DELETE", "PATCH"],
      url: routes.getAccessToken.path,
      handler: async (_request, reply) => {
        reply.header("allow", "POST");
        throw new BifRefusal(bifErrors.parametersWrong, "Use POST.");
      },
    });
    scope.get("/openapi/bif.json", async () => bifOpenApi());
  };
}

/** Every call is a POST with a JSON object; clients name its media type in several ways. */
function parseJson(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
    try {
      done(null, parseObject(Buffer.isBuffer(body) ? body : Buffer.from(body)));
    } catch (cause) {
      done(new BifRefusal(bifErrors.parametersWrong, "The request body is no JSON object.", cause));
    }
  });
}

function parseObject(bytes: Uint8Array): object {
  const value: unknown = JSON.parse(bytesToUtf8(bytes));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new TypeError("Not an object.");
}

function refuse(options: BifOptions, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, errorCode, message, headers } = failureOf(error);
  if (status === 500) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    options.logger.error("bif call failed", { path: request.routeOptions.url, detail });
  }
  return reply
    .code(status)
    .headers({ ...headers })
    .send({ errorCode, message });
}
