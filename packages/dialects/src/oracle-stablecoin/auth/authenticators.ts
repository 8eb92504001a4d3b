import { type Authenticator, authenticateBy } from "@concordat/api-kit";
import { isConcordatError } from "@concordat/base";
import type { Caller, CallOrigin } from "@concordat/platform";
import { isBasic, readBasic } from "../../http/basic.ts";
import type { CallOrigins } from "../../http/call-origin.ts";
import { audienceOf, type OAuthPlatform } from "../context.ts";
import { GatewayRefusal } from "./gateway-errors.ts";

export interface OAuthAuthDependencies {
  readonly platform: Pick<OAuthPlatform, "authentication" | "tokenIssuer">;
  readonly originOf: CallOrigins;
  /** A scope that a bearer token must have; none when left out. */
  readonly scope?: string;
}

const REALM = 'realm="concordat"';
const BASIC = `Basic ${REALM}, charset="UTF-8"`;
const isBearer = (authorization: string | undefined): authorization is string =>
  authorization !== undefined && /^bearer(?: |$)/i.test(authorization);

/**
 * A bearer token in the Authorization header. It counts while its signature is ours, it was issued for this API, has not expired, its
 * record has not been revoked, and its client and user are enabled.
 * @source RFC 6750
 * @throws GatewayRefusal 400 invalid_request, 401 invalid_token, 403 insufficient_scope
 */
export function oauthAuthenticator(dependencies: OAuthAuthDependencies): Authenticator<Caller> {
  const { originOf } = dependencies;
  return {
    scheme: "bearer",
    recognizes: ({ headers }) => isBearer(headers.authorization),
    authenticate: (request) => byBearer(request.headers.authorization ?? "", originOf(request), dependencies),
  };
}

/** A user's name and password, in the tenant that the installation began with. @source Oracle API Gateway: Basic or OAuth 2.0 */
export function basicAuthenticator({ platform, originOf }: OAuthAuthDependencies): Authenticator<Caller> {
  return {
    scheme: "basic",
    recognizes: ({ headers }) => isBasic(headers.authorization),
    async authenticate(request) {
      const basic = readBasic(request.headers.authorization ?? "");
      if (basic === undefined) throw unauthenticated("The Authorization header is malformed.");
      try {
        const user = { userName: basic.id };
        return withTenantScope(await platform.authentication.byPassword(user, basic.secret, originOf(request)));
      } catch (error) {
        throw isWrong(error) ? unauthenticated("The user name or the password is wrong.", error) : error;
      }
    },
  };
}

/** A password shown with the call itself reaches as far as its user. */
function withTenantScope(caller: Caller): Caller {
  return { ...caller, scope: { kind: "tenant", tenantId: caller.tenantId } };
}

/** Both ways that the gateway takes. */
export function oracleAuthentication(dependencies: OAuthAuthDependencies) {
  return authenticateBy([oauthAuthenticator(dependencies), basicAuthenticator(dependencies)], () =>
    unauthenticated("The call needs a bearer token or a user name and password."),
  );
}

async function byBearer(
  authorization: string,
  origin: CallOrigin,
  dependencies: OAuthAuthDependencies,
): Promise<Caller> {
  const { platform, scope } = dependencies;
  const text = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(authorization)?.[1];
  if (text === undefined) throw challenged(400, "invalid_request", "The Authorization header is malformed.");
  const claims = await platform.tokenIssuer.verify("oauth", text);
  const clientId = claims?.["client_id"];
  const isOurs = claims?.["iss"] === platform.tokenIssuer.issuer && claims["aud"] === audienceOf(platform);
  if (!isOurs || typeof clientId !== "string" || !platform.tokenIssuer.isOAuthClientActive(clientId))
    throw invalidToken();
  const caller = await callerOf(text, origin, dependencies);
  if (scope !== undefined && !String(claims["scope"]).split(" ").includes(scope)) {
    throw challenged(
      403,
      "insufficient_scope",
      "The token does not have the scope of this call.",
      `, scope="${scope}"`,
    );
  }
  return caller;
}

async function callerOf(text: string, origin: CallOrigin, { platform }: OAuthAuthDependencies): Promise<Caller> {
  try {
    return (await platform.authentication.byToken("oauth", text, origin)).caller;
  } catch (error) {
    throw isWrong(error) ? invalidToken(error) : error;
  }
}

function isWrong(error: unknown): boolean {
  return isConcordatError(error, "CREDENTIALS_WRONG") || isConcordatError(error, "PRINCIPAL_DISABLED");
}

function invalidToken(cause?: unknown): GatewayRefusal {
  return challenged(401, "invalid_token", "The token is invalid or has expired.", "", cause);
}

function challenged(status: 400 | 401 | 403, error: string, summary: string, more = "", cause?: unknown) {
  const challenge = `Bearer ${REALM}, error="${error}", error_description="${summary}"${more}`;
  return new GatewayRefusal(status, summary, { "www-authenticate": challenge }, cause);
}

/** Nothing was shown, or nothing that could be looked at: both ways are offered. */
function unauthenticated(summary: string, cause?: unknown): GatewayRefusal {
  return new GatewayRefusal(401, summary, { "www-authenticate": [`Bearer ${REALM}`, BASIC] }, cause);
}
