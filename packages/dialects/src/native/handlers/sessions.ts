import type { FastifyRequest, Handlers } from "@concordat/api-kit";
import type { Caller, CallOrigin, Platform, Principal, SessionSummary } from "@concordat/platform";
import {
  csrfTokenOf,
  hostOf,
  refuseOtherSite,
  SESSION_LIFETIME_MS,
  sessionCookie,
} from "../authentication/console-session.ts";
import type { sessionRoutes, signInRoutes } from "../routes/sessions.ts";
import type { NativeContext } from "./context.ts";

/** A call of somebody who is not recognised yet. */
export interface SignInContext {
  readonly request: FastifyRequest;
  readonly origin: CallOrigin;
  readonly platform: Platform;
}

export const signInHandlers = {
  async createSession({ userName, password, tenantName }, { request, origin, platform }) {
    // Another site's page must not sign its visitor in under a name of its own choice.
    refuseOtherSite(request);
    const user = tenantName === undefined ? { userName } : { userName, tenantName };
    const { principal, tenantId, scope } = await platform.authentication.byPassword(user, password, origin);
    const { text, token } = await platform.tokens.issue({
      kind: "console",
      principal,
      scope,
      lifetimeMs: SESSION_LIFETIME_MS,
      binding: { host: hostOf(request) },
      origin,
    });
    return {
      principal: toWire(principal),
      tenantId,
      csrfToken: csrfTokenOf(text),
      expiresMs: token.expiresMs,
      cookie: sessionCookie(request, platform.installationId, text),
    };
  },
} satisfies Handlers<typeof signInRoutes, SignInContext>;

export const sessionHandlers = {
  async getCurrentSession(_input, { caller, consoleSession }) {
    const { principal, tenantId, scope, credential } = caller;
    return {
      principal: toWire(principal),
      tenantId,
      scope: { ...scope },
      credentialKind: credential.kind,
      ...(consoleSession === undefined ? {} : { csrfToken: consoleSession.csrfToken }),
    };
  },
  async deleteCurrentSession(_input, { platform, caller, consoleSession }) {
    await platform.credentials.sessions.revoke(caller, caller.credential.id);
    return consoleSession === undefined ? {} : { cookie: consoleSession.forgettingCookie };
  },
  async listSessions({ uid }, { platform, caller }) {
    const sessions = await platform.credentials.sessions.list(caller, uid ?? ownUid(caller));
    return { sessions: sessions.map(sessionToWire) };
  },
  async revokeSession({ sessionId }, { platform, caller }) {
    await platform.credentials.sessions.revoke(caller, sessionId);
    return {};
  },
} satisfies Handlers<typeof sessionRoutes, NativeContext>;

function ownUid({ principal }: Caller): string {
  return principal.uid;
}

function toWire({ uid, userId, accountUid, name, kind, installationAdministrator }: Principal) {
  return { uid, userId, accountUid, name, kind, installationAdministrator };
}

function sessionToWire({ scope, ...session }: SessionSummary) {
  return { ...session, scope: { ...scope } };
}
