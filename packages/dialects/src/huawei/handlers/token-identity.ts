import type { Caller } from "@concordat/platform";
import { IamRefusal, iamErrors } from "../errors.ts";
import type { AuthRequest } from "../routes/tokens.ts";
import type { IamContext } from "./context.ts";

type Identity = AuthRequest["identity"];

export interface Identified {
  readonly caller: Caller;
  /** How the caller showed who it is; of an exchanged token also how that one was had. */
  readonly methods: readonly string[];
  /** When the credential itself ends, if it does. */
  readonly expiresMs?: number;
}

/**
 * Methods that a vendor's client may name and that have no counterpart here: there are no one-time passwords and no agencies.
 * They are refused by name, whatever else is shown beside them.
 */
const METHODS_NOT_OFFERED = ["totp", "assume_role", "mapped"];

/** @throws PlatformError CREDENTIALS_WRONG, CREDENTIALS_SLOWED, PRINCIPAL_DISABLED; IamRefusal 400 */
export async function identify(identity: Identity, context: IamContext): Promise<Identified> {
  const [method, ...further] = identity.methods;
  const absent = identity.methods.find((name) => METHODS_NOT_OFFERED.includes(name));
  if (absent !== undefined) throw invalid(`the authentication method ${absent} is not offered by this server`);
  if (further.length > 0) throw invalid("auth.identity.methods takes one method at a time");
  switch (method) {
    case "password":
      return { caller: await byPassword(identity, context), methods: ["password"] };
    case "hw_ak_sk":
      return { caller: await byAccessKey(identity, context), methods: ["hw_ak_sk"] };
    case "token":
      return byToken(identity, context);
    default:
      throw invalid("the authentication method is not known");
  }
}

async function byPassword({ password }: Identity, { platform, origin }: IamContext): Promise<Caller> {
  if (password === undefined) throw missing("auth.identity.password");
  const { id, name, domain, password: text } = password.user;
  const { authentication } = platform;
  if (id !== undefined) return authentication.byPassword({ userId: id }, text, origin);
  if (name === undefined) throw missing("auth.identity.password.user.name");
  if (domain?.id !== undefined) return authentication.byPassword({ tenantId: domain.id, userName: name }, text, origin);
  if (domain?.name === undefined) throw missing("auth.identity.password.user.domain.name");
  return authentication.byPassword({ tenantName: domain.name, userName: name }, text, origin);
}

async function byAccessKey({ hw_ak_sk: shown }: Identity, { platform, origin }: IamContext): Promise<Caller> {
  if (shown === undefined) throw missing("auth.identity.hw_ak_sk");
  return platform.authentication.byAccessKey(shown.access.key, shown.secret.key, origin);
}

async function byToken({ token }: Identity, { platform, origin, shownToken }: IamContext): Promise<Identified> {
  const text = token?.id ?? shownToken;
  if (text === undefined) throw missing("auth.identity.token.id");
  const shown = await platform.authentication.byToken("iam", text, origin);
  const before = shown.token.detail["methods"];
  const methods = Array.isArray(before) ? before.map(String) : [];
  return { caller: shown.caller, methods: [...new Set(["token", ...methods])], expiresMs: shown.token.expiresMs };
}

function missing(field: string): IamRefusal {
  return invalid(`${field} is missing`);
}

function invalid(detail: string): IamRefusal {
  return new IamRefusal(iamErrors.bodyInvalid, `Request body is invalid: ${detail}.`);
}
