import { type Authenticator, authenticateBy, type FastifyRequest } from "@concordat/api-kit";
import { isConcordatError } from "@concordat/base";
import type { Caller } from "@concordat/platform";
import type { CallOrigins } from "../http/call-origin.ts";
import type { BifPlatform } from "./context.ts";
import { BifRefusal, bifErrors } from "./errors.ts";

/** The `iss` of every token of this API. */
export const TOKEN_ISSUER = "BIF-CHAIN";

export interface BifAuthDependencies {
  readonly platform: Pick<BifPlatform, "authentication" | "tokenIssuer">;
  readonly originOf: CallOrigins;
}

/**
 * The accessToken of the JSON envelope `{accessToken, params}`. It counts while its signature is ours, it has not expired, its record
 * has not been revoked, and its api_key and user are enabled.
 * @throws BifRefusal 940004
 */
export function bifAuthenticator(dependencies: BifAuthDependencies): Authenticator<Caller> {
  return {
    scheme: "accessToken",
    recognizes: (request) => accessTokenOf(request) !== undefined,
    authenticate: (request) => authenticate(accessTokenOf(request), request, dependencies),
  };
}

/** For every operation but the one that gives the token. */
export function bifAuthentication(dependencies: BifAuthDependencies) {
  return authenticateBy([bifAuthenticator(dependencies)], () => invalid("The call needs an accessToken."));
}

function accessTokenOf(request: FastifyRequest): unknown {
  const body: unknown = request.body;
  return typeof body === "object" && body !== null && "accessToken" in body ? body.accessToken : undefined;
}

async function authenticate(
  text: unknown,
  request: FastifyRequest,
  { platform, originOf }: BifAuthDependencies,
): Promise<Caller> {
  if (typeof text !== "string") throw invalid();
  const claims = await platform.tokenIssuer.verify("bif", text);
  const apiKey = claims?.["apiKey"];
  if (claims?.["iss"] !== TOKEN_ISSUER || typeof apiKey !== "string") throw invalid();
  if (!platform.tokenIssuer.isApiKeyActive(apiKey)) throw invalid();
  try {
    return (await platform.authentication.byToken("bif", text, originOf(request))).caller;
  } catch (error) {
    throw isConcordatError(error, "CREDENTIALS_WRONG") || isConcordatError(error, "PRINCIPAL_DISABLED")
      ? invalid("The accessToken is invalid or has expired.", error)
      : error;
  }
}

function invalid(summary = "The accessToken is invalid or has expired.", cause?: unknown): BifRefusal {
  return new BifRefusal(bifErrors.accessTokenInvalid, summary, cause);
}
