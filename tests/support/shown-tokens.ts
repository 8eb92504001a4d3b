import { createHash } from "node:crypto";
import type { TokenKind } from "@concordat/platform";
import type { RestartWorld } from "./restart-world.ts";
import { type SignInParts, signInsOf } from "./sign-ins.ts";
import type { WireCall } from "./wire.ts";

/** The password of every person. */
export const PASSWORD = "a long Password of tests";

/** What a sign-in gave. */
export interface Shown {
  readonly kind: TokenKind;
  readonly token: string;
  /** The pair of name and value, for kinds that travel so. */
  readonly cookie: string;
  readonly csrfToken: string;
}

export interface Person extends SignInParts {
  readonly uid: string;
}

/** A user with every kind of credential. */
export async function createPerson(world: RestartWorld, userName: string): Promise<Person> {
  const uid = String((await world.done("createUser", { name: userName, password: PASSWORD }))["uid"]);
  const { apiKey, apiSecret } = await world.done("createApiKey", { uid });
  const wanted = { uid, name: "app", grantTypes: ["client_credentials", "password"], scopes: [] };
  const { client, clientSecret } = await world.done("createOAuthClient", wanted);
  return {
    ...{ uid, userName, password: PASSWORD, tenantName: world.server.bootstrap.huawei.domainName },
    ...{ apiKey: Object(apiKey).apiKey, apiSecret: String(apiSecret) },
    ...{ clientId: Object(client).clientId, clientSecret: String(clientSecret) },
  };
}

/** By every door, in their order. */
export async function signInEverywhere(world: RestartWorld, who: Person): Promise<readonly Shown[]> {
  const shown: Shown[] = [];
  for (const { kind, call, tokenOf } of signInsOf(who)) {
    const answer = await world.send(call);
    const token = tokenOf(answer);
    if (token === "") throw new Error(`The sign-in ${kind} answered ${answer.status}: ${answer.text}`);
    const [cookie = ""] = (answer.headers["set-cookie"]?.[0] ?? "").split(";", 1);
    shown.push({ kind, token, cookie, csrfToken: String(answer.body["csrfToken"] ?? "") });
  }
  return shown;
}

/** What the native API calls it. */
export const sessionIdOf = ({ token }: Shown) => createHash("sha256").update(token).digest("hex");

/** How a session or token is shown to the operations that take it. */
export function useOf({ kind, token, cookie }: Shown): WireCall | undefined {
  if (kind === "console") return { method: "GET", path: "/api/v1/sessions/current", headers: { cookie } };
  const headers = { "x-auth-token": token };
  return kind === "iam" ? { method: "GET", path: "/v3/auth/projects", headers } : undefined;
}

/** Each in its own API's words where there are some. */
export async function revoke(world: RestartWorld, shown: Shown): Promise<void> {
  const { kind, token, cookie, csrfToken } = shown;
  const own: Partial<Record<TokenKind, WireCall>> = {
    console: world.nativeCall("deleteCurrentSession", {}, { cookie, "x-csrf-token": csrfToken }),
    iam: { method: "DELETE", path: "/v3/auth/tokens", headers: { "x-auth-token": token, "x-subject-token": token } },
    "iserver-session": { method: "GET", path: "/iserver/services/security/logout.json", headers: { cookie } },
  };
  const answer = await world.send(own[kind] ?? world.nativeCall("revokeSession", { id: sessionIdOf(shown) }));
  if (answer.status >= 300) throw new Error(`${kind} was not revoked: ${answer.text}`);
}
