import { isIP } from "node:net";
import type { Handlers, InputOf } from "@concordat/api-kit";
import { isConcordatError } from "@concordat/base";
import type { Caller, Token } from "@concordat/platform";
import { sessionTexts } from "../auth.ts";
import type { IserverContext } from "../context.ts";
import { REMEMBER_COOKIE, SESSION_COOKIE, setCookie } from "../cookies.ts";
import { IserverRefusal } from "../errors.ts";
import type { securityRoutes } from "../routes/security.ts";
import { hostNameOf, isAtHost, requireSameOrigin } from "../same-origin.ts";
import type { TokenBinding } from "../token-binding.ts";

const SESSION_MS = 8 * 3_600_000;
const REMEMBERED_MS = 14 * 86_400_000;
const START_PAGE = "/iserver/services";

export const securityHandlers = {
  async login({ userName, password, rememberMe }, context) {
    requireSameOrigin(context.headers);
    const caller = await recognise(userName, password, 401, context);
    const { secure } = context;
    context.addCookie(setCookie(SESSION_COOKIE, await beginSession(caller, SESSION_MS, context), { secure }));
    if (rememberMe === true) {
      const text = await beginSession(caller, REMEMBERED_MS, context);
      context.addCookie(setCookie(REMEMBER_COOKIE, text, { secure, maxAgeS: REMEMBERED_MS / 1_000 }));
    }
    return { succeed: true as const, referer: pageBefore(context) };
  },

  async logout(_input, context) {
    requireSameOrigin(context.headers);
    for (const text of sessionTexts(context.headers.cookie)) {
      // Looked up by its kind: no other token ends here.
      const token = await context.platform.tokens.find("iserver-session", text);
      if (token !== undefined) await endSession(token, context);
    }
    for (const name of [SESSION_COOKIE, REMEMBER_COOKIE]) {
      context.addCookie(setCookie(name, "", { secure: context.secure, maxAgeS: 0 }));
    }
    return { succeed: true as const };
  },

  async getTokenForm() {
    return { userName: "", password: "", clientType: "NONE", ip: "", referer: "", expiration: 60 };
  },

  async createToken(input, context) {
    const binding = bindingOf(input, context);
    const caller = await recognise(input.userName, input.password, 400, context);
    const { principal, tenantId } = caller;
    const { text } = await context.platform.tokens.issue({
      kind: "iserver-token",
      principal,
      scope: { kind: "tenant", tenantId },
      lifetimeMs: input.expiration * 60_000,
      detail: { clientType: input.clientType },
      caller,
      ...(binding && { binding }),
    });
    return text;
  },
} satisfies Handlers<typeof securityRoutes, IserverContext>;

/** @param status what wrong credentials answer: the documents have another one for a session than for a token */
async function recognise(
  userName: string,
  password: string,
  status: 400 | 401,
  { platform, origin }: IserverContext,
): Promise<Caller> {
  try {
    return await platform.authentication.byPassword({ userName }, password, origin);
  } catch (error) {
    if (isConcordatError(error, "CREDENTIALS_WRONG") || isConcordatError(error, "PRINCIPAL_DISABLED")) {
      throw new IserverRefusal(status, "The user name or the password is wrong.", { cause: error });
    }
    if (isConcordatError(error, "CREDENTIALS_SLOWED")) {
      throw new IserverRefusal(status, "Too many wrong tries; wait before the next.", { facts: error.facts });
    }
    throw error;
  }
}

async function endSession(token: Token, { platform, origin }: IserverContext): Promise<void> {
  const credential = { kind: "iserver-token", id: token.tokenHash } as const;
  const caller = platform.authentication.callerOf(token.principal, credential, token.scope, origin);
  await platform.tokens.revoke(token.tokenHash, caller);
}

async function beginSession(
  caller: Caller,
  lifetimeMs: number,
  { platform, headers }: IserverContext,
): Promise<string> {
  const { principal, tenantId } = caller;
  const { text } = await platform.tokens.issue({
    kind: "iserver-session",
    principal,
    scope: { kind: "tenant", tenantId },
    lifetimeMs,
    binding: { host: hostNameOf(headers) },
    caller,
  });
  return text;
}

/** Where the client came from, if that is a page of this server. */
function pageBefore({ headers }: IserverContext): string {
  const { referer, host } = headers;
  if (referer === undefined || host === undefined || !isAtHost(referer, host)) return START_PAGE;
  const { pathname, search } = new URL(referer);
  return `${pathname}${search}`;
}

/** @throws IserverRefusal 400 when what the client type needs is missing or malformed */
function bindingOf(
  { clientType, ip, referer }: InputOf<typeof securityRoutes.createToken>,
  { origin }: IserverContext,
): TokenBinding | undefined {
  switch (clientType) {
    case "IP":
      if (ip === undefined || isIP(ip) === 0) throw new IserverRefusal(400, "clientType IP needs an address in ip.");
      return { kind: "ip", ip };
    case "RequestIP":
      if (origin.sourceAddress === undefined) throw new IserverRefusal(400, "The address of the request is not known.");
      return { kind: "ip", ip: origin.sourceAddress };
    case "Referer":
      if (referer === undefined || !URL.canParse(referer) || !/^https?:$/.test(new URL(referer).protocol)) {
        throw new IserverRefusal(400, "clientType Referer needs a URL in referer.");
      }
      return { kind: "referer", referer };
    case "NONE":
      return undefined;
  }
}
