import {
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  registerRest,
} from "@concordat/api-kit";
import type { Clock, Logger, RandomSource } from "@concordat/base";
import { createCallOrigins } from "../http/call-origin.ts";
import { faultRefusal, OAuthRefusal, oauthFailureOf } from "./auth/oauth-errors.ts";
import type { OAuthContext, OAuthPlatform } from "./context.ts";
import { parseForms } from "./form.ts";
import { oauthHandlers } from "./handlers/oauth.ts";
import { oracleStablecoinOpenApi } from "./openapi.ts";
import { oauthRoutes } from "./routes/oauth.ts";

export interface OracleStablecoinOptions {
  readonly platform: OAuthPlatform;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
}

/** The Oracle stablecoin API: so far the endpoints that give and verify its access tokens. Register it in a scope of its own. */
export function oracleStablecoinDialect(options: OracleStablecoinOptions): FastifyPluginAsync {
  return async (scope) => {
    scope.register(async (oauth) => registerOAuth(oauth, options));
    scope.get("/openapi/oracle-stablecoin.json", async () => oracleStablecoinOpenApi());
  };
}

function registerOAuth(scope: FastifyInstance, options: OracleStablecoinOptions): void {
  const originOf = createCallOrigins(options.random);
  const { platform, clock, random } = options;
  parseForms(scope);
  scope.setErrorHandler((error, request, reply) => refuse(options, error, request, reply));
  registerRest<typeof oauthRoutes, OAuthContext>(scope, oauthRoutes, oauthHandlers, {
    async context(request) {
      const { authorization } = request.headers;
      return { platform, clock, random, origin: originOf(request), authorization };
    },
    refuse: faultRefusal,
    ignoresUnknown: true,
    around: (_call, work) => work(),
  });
  scope.route({
    method: ["GET", "PUT", "DELETE", "PATCH"],
    url: oauthRoutes.createToken.path,
    handler: async (_request, reply) => {
      reply.header("allow", "POST");
      throw new OAuthRefusal("invalid_request", "Use POST.");
    },
  });
}

function refuse(
  options: OracleStablecoinOptions,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { status, body, headers } = oauthFailureOf(error);
  if (status === 500) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    options.logger.error("oauth call failed", { path: request.routeOptions.url, detail });
  }
  return reply
    .code(status)
    .headers({ ...headers })
    .send(body);
}
