import type { Handlers } from "@concordat/api-kit";
import { PlatformError, type Token } from "@concordat/platform";
import type { tokenRoutes } from "../routes/tokens.ts";
import { callerOf, type IamContext } from "./context.ts";
import { tokenBody } from "./token-body.ts";
import { identify } from "./token-identity.ts";
import { grantableScope } from "./token-scope.ts";

/** @source Huawei BCS document, section 1.4.2 */
export const TOKEN_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** @source IAM API: any text that is not empty counts */
const wantsCatalog = (noCatalog: string | undefined) => noCatalog === undefined || noCatalog === "";

export const tokenHandlers = {
  async createToken({ noCatalog, auth, scope: besideAuth }, context) {
    const { platform, origin } = context;
    const { caller, methods, expiresMs } = await identify(auth.identity, context);
    const scope = await grantableScope(auth.scope ?? besideAuth, caller, context);
    const { text, token } = await platform.tokens.issue({
      kind: "iam",
      principal: caller.principal,
      scope,
      lifetimeMs: lifetimeOf(expiresMs, context),
      detail: { methods },
      caller,
      origin,
    });
    return { subjectToken: text, token: await tokenBody(token, wantsCatalog(noCatalog), context) };
  },

  async showToken({ noCatalog, subjectToken }, context) {
    const token = await subjectOf(subjectToken, context);
    return { subjectToken, token: await tokenBody(token, wantsCatalog(noCatalog), context) };
  },

  async revokeToken({ subjectToken }, context) {
    const token = await subjectOf(subjectToken, context);
    if (!(await context.platform.tokens.revoke(token.tokenHash, callerOf(context)))) throw tokenUnknown();
    return {};
  },
} satisfies Handlers<typeof tokenRoutes, IamContext>;

/** A token that was had for another ends with it at the latest. */
function lifetimeOf(expiresMs: number | undefined, { clock }: IamContext): number {
  return expiresMs === undefined ? TOKEN_LIFETIME_MS : Math.min(TOKEN_LIFETIME_MS, expiresMs - clock.nowMs());
}

/**
 * Whoever holds a token's text may act by it, so it may also look at it and end it. To callers of other tenants it is unknown.
 * @throws PlatformError CREDENTIAL_UNKNOWN
 */
async function subjectOf(text: string, context: IamContext): Promise<Token> {
  const { platform, origin } = context;
  const token = await platform.tokens.find("iam", text);
  if (token === undefined) throw tokenUnknown();
  const credential = { kind: "iam-token", id: token.tokenHash } as const;
  const { tenantId } = platform.authentication.callerOf(token.principal, credential, token.scope, origin);
  if (tenantId !== callerOf(context).tenantId) throw tokenUnknown();
  return token;
}

function tokenUnknown(): PlatformError {
  return new PlatformError("CREDENTIAL_UNKNOWN", "There is no such token, or it does not count any more.");
}
