import type { Handlers, InputOf } from "@concordat/api-kit";
import { bytesToHex, isConcordatError } from "@concordat/base";
import { type Caller, tokenLifetimesMs } from "@concordat/platform";
import { type AuthenticatedClient, authenticateClient } from "../auth/client.ts";
import { OAuthRefusal } from "../auth/oauth-errors.ts";
import { grantedScopes } from "../auth/scope.ts";
import { audienceOf, type OAuthContext } from "../context.ts";
import type { oauthRoutes } from "../routes/oauth.ts";

const LIFETIME_S = tokenLifetimesMs.oauth / 1_000;

export const oauthHandlers = {
  async createToken(input, context) {
    const client = await authenticateClient(input, context);
    const grantType = requireGrantType(input.grantType, client);
    const scopes = grantedScopes(input.scope, client.scopes);
    const subject =
      grantType === "password"
        ? { caller: await byPassword(input, client, context), name: input.userName, kind: "user" as const }
        : { caller: client.caller, name: client.clientId, kind: "client" as const };
    const scope = scopes.join(" ");
    return {
      access_token: await issue(subject, client, scope, context),
      token_type: "Bearer" as const,
      expires_in: LIFETIME_S,
      ...(scope === input.scope || scope === "" ? {} : { scope }),
    };
  },
  async listSigningKeys(_input, { platform }) {
    // The platform's public keys have these members; the row checks it in tests.
    return { keys: [...(await platform.tokenIssuer.publicKeys())] as Key[] };
  },
} satisfies Handlers<typeof oauthRoutes, OAuthContext>;

type Key = { readonly kty: string; readonly kid: string; readonly alg: string; readonly use: string };
type GrantType = "client_credentials" | "password";

function requireGrantType(grantType: string, client: AuthenticatedClient): GrantType {
  if (grantType !== "client_credentials" && grantType !== "password") {
    throw new OAuthRefusal("unsupported_grant_type", "Use client_credentials or password.");
  }
  if (!client.grantTypes.includes(grantType)) {
    throw new OAuthRefusal("unauthorized_client", "The client may not use this grant type.");
  }
  return grantType;
}

/** The user is one of the client's tenant: a client learns nothing of others' users. */
async function byPassword(
  { userName, password }: InputOf<typeof oauthRoutes.createToken>,
  client: AuthenticatedClient,
  { platform, origin }: OAuthContext,
): Promise<Caller> {
  if (userName === undefined || password === undefined) {
    throw new OAuthRefusal("invalid_request", "The parameters username and password are needed.");
  }
  try {
    return await platform.authentication.byPassword({ tenantId: client.caller.tenantId, userName }, password, origin);
  } catch (error) {
    if (isConcordatError(error, "CREDENTIALS_WRONG") || isConcordatError(error, "PRINCIPAL_DISABLED")) {
      throw new OAuthRefusal("invalid_grant", "The user name or the password is wrong.", error);
    }
    throw error;
  }
}

async function issue(
  subject: { readonly caller: Caller; readonly name: string | undefined; readonly kind: "user" | "client" },
  { clientId }: AuthenticatedClient,
  scope: string,
  { platform, clock, random }: OAuthContext,
): Promise<string> {
  const { caller } = subject;
  const { principal, tenantId } = caller;
  const nowMs = clock.nowMs();
  const iat = Math.floor(nowMs / 1_000);
  const jti = bytesToHex(random.bytes(16));
  const text = await platform.tokenIssuer.sign("oauth", {
    iss: platform.tokenIssuer.issuer,
    sub: subject.name,
    sub_type: subject.kind,
    aud: audienceOf(platform),
    client_id: clientId,
    user_id: principal.userId,
    scope,
    iat,
    exp: iat + LIFETIME_S,
    jti,
  });
  await platform.tokens.issue({
    kind: "oauth",
    principal,
    scope: { kind: "tenant", tenantId },
    lifetimeMs: (iat + LIFETIME_S) * 1_000 - nowMs,
    text,
    detail: { jti, clientId, scope },
    caller,
  });
  return text;
}
