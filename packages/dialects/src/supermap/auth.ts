import { type Authenticator, authenticateBy, type FastifyRequest } from "@concordat/api-kit";
import { isConcordatError } from "@concordat/base";
import type { Caller } from "@concordat/platform";
import { isBasic, readBasic } from "../http/basic.ts";
import type { CallOrigins } from "../http/call-origin.ts";
import type { IserverPlatform } from "./context.ts";
import { cookieOf, REMEMBER_COOKIE, SESSION_COOKIE } from "./cookies.ts";
import { IserverRefusal } from "./errors.ts";
import { readQuery } from "./representation/request.ts";
import { hostNameOf, requireSameOrigin } from "./same-origin.ts";
import { satisfies } from "./token-binding.ts";

export interface IserverAuthDependencies {
  readonly platform: Pick<IserverPlatform, "authentication">;
  readonly originOf: CallOrigins;
}

/**
 * Who calls a resource: a token in the query or the header `token`, the cookies of a session, or a user's name and password by Basic.
 * @source iServer help, token-based and session authentication
 * @throws IserverRefusal 401
 */
export function iserverAuthentication(dependencies: IserverAuthDependencies) {
  const authenticators = [
    iserverTokenAuthenticator(dependencies),
    iserverSessionAuthenticator(dependencies),
    iserverBasicAuthenticator(dependencies),
  ];
  return authenticateBy(authenticators, () => unauthorized("The resource needs a token or a session."));
}

/** A token counts where its client type lets it: from its address, or from its page. */
export function iserverTokenAuthenticator({ platform, originOf }: IserverAuthDependencies): Authenticator<Caller> {
  return {
    scheme: "token",
    recognizes: (request) => tokenOf(request) !== undefined,
    async authenticate(request) {
      const origin = originOf(request);
      const { referer } = request.headers;
      const found = await find(() => platform.authentication.byToken("iserver-token", tokenOf(request) ?? "", origin));
      if (found !== undefined && satisfies(found.token.binding, { ...origin, referer })) return found.caller;
      throw unauthorized("The token is invalid, has expired or may not be used from here.");
    },
  };
}

/** Sessions are good for the name of the server that they were begun under, and for requests of its own pages. */
export function iserverSessionAuthenticator({ platform, originOf }: IserverAuthDependencies): Authenticator<Caller> {
  return {
    scheme: "session",
    recognizes: ({ headers }) => sessionTexts(headers.cookie).length > 0,
    async authenticate(request) {
      const { headers, method } = request.raw;
      if (method !== "GET" && method !== "HEAD") requireSameOrigin(headers);
      for (const text of sessionTexts(headers.cookie)) {
        const found = await find(() => platform.authentication.byToken("iserver-session", text, originOf(request)));
        if (found !== undefined && found.token.binding?.["host"] === hostNameOf(headers)) return found.caller;
      }
      throw unauthorized("The session is over.");
    },
  };
}

export function iserverBasicAuthenticator({ platform, originOf }: IserverAuthDependencies): Authenticator<Caller> {
  return {
    scheme: "basic",
    recognizes: ({ headers }) => isBasic(headers.authorization),
    async authenticate(request) {
      const basic = readBasic(request.headers.authorization ?? "");
      const user = { userName: basic?.id ?? "" };
      const caller =
        basic && (await find(() => platform.authentication.byPassword(user, basic.secret, originOf(request))));
      if (caller === undefined) throw unauthorized("The user name or the password is wrong.");
      // A password shown with the call itself reaches as far as its user.
      return { ...caller, scope: { kind: "tenant", tenantId: caller.tenantId } };
    },
  };
}

/** The texts of the sessions that a request shows, the one of this browser session first. */
export function sessionTexts(cookie: string | undefined): readonly string[] {
  return [SESSION_COOKIE, REMEMBER_COOKIE].flatMap((name) => cookieOf(cookie, name) || []);
}

function tokenOf({ raw }: FastifyRequest): string | undefined {
  const { token } = raw.headers;
  return readQuery(raw.url ?? "").get("token") ?? (Array.isArray(token) ? token[0] : token);
}

/** Undefined for wrong credentials, whatever is wrong with them. */
async function find<Found>(look: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await look();
  } catch (error) {
    if (isConcordatError(error, "CREDENTIALS_WRONG") || isConcordatError(error, "PRINCIPAL_DISABLED")) return undefined;
    throw error;
  }
}

function unauthorized(summary: string): IserverRefusal {
  return new IserverRefusal(401, summary);
}
