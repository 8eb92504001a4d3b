import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { basic, HttpWorld, USER_PASSWORD } from "../testing/http-world.ts";

let world: HttpWorld;
let asAccount: { readonly authorization: string };
let asUser: { readonly authorization: string };
let ofUser: string;
beforeEach(async () => {
  world = await HttpWorld.create();
  asAccount = basic(world.accountKey.accessKeyId, world.accountKey.secret);
  asUser = basic(world.userKey.accessKeyId, world.userKey.secret);
  ofUser = `/api/v1/users/${world.user.principal.uid}`;
});
afterEach(() => world.dispose());

type Method = "GET" | "POST" | "PUT" | "DELETE";
const call = async (method: Method, url: string, headers: Readonly<Record<string, string>>, payload?: object) => {
  const response = await world.call({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  return { status: response.statusCode, body: response.body === "" ? undefined : response.json() };
};

describe("access keys", () => {
  it("are created, used, listed, disabled and deleted", async () => {
    const { status, body } = await call("POST", `${ofUser}/access-keys`, asAccount);
    expect([status, body.accessKey.active]).toEqual([201, true]);
    const { accessKeyId } = body.accessKey;
    const asNew = basic(accessKeyId, body.accessKeySecret);
    expect((await call("GET", "/api/v1/sessions/current", asNew)).body.principal.name).toBe("truck-7");
    const listed = (await call("GET", `${ofUser}/access-keys`, asAccount)).body.accessKeys;
    expect(listed).toHaveLength(2);
    expect(JSON.stringify(listed)).not.toContain(body.accessKeySecret);
    expect((await call("POST", `${ofUser}/access-keys`, asAccount)).body.code).toBe("KEY_LIMIT_REACHED");
    const url = `/api/v1/access-keys/${accessKeyId}`;
    expect((await call("PUT", url, asAccount, { active: false })).status).toBe(204);
    expect((await call("GET", "/api/v1/sessions/current", asNew)).body.code).toBe("ACCESS_KEY_INACTIVE");
    expect((await call("DELETE", url, asAccount)).status).toBe(204);
    expect((await call("DELETE", url, asAccount)).body.code).toBe("ACCESS_KEY_UNKNOWN");
  });

  it("are answered again to the same call repeated, and kept sealed for it", async () => {
    const url = `${ofUser}/access-keys`;
    const headers = { ...asAccount, "idempotency-key": "once" };
    const first = await call("POST", url, headers);
    await world.restart();
    expect(await call("POST", url, headers)).toEqual(first);
    const kept = await world.harness.store.database.selectFrom("idempotency").selectAll().execute();
    expect(JSON.stringify(kept)).not.toContain(first.body.accessKeySecret);
    expect((await call("GET", url, asAccount)).body.accessKeys).toHaveLength(2);
  });

  it("are not answered again to a credential that reaches less", async () => {
    const headers = { "idempotency-key": "once" };
    const url = `${ofUser}/access-keys`;
    await call("POST", url, { ...headers, ...asUser });
    const { principal, tenantId } = world.user;
    const scope = { kind: "project", tenantId, projectId: "p" } as const;
    const { text } = await world.harness.platform.tokens.issue({ kind: "iam", principal, scope, lifetimeMs: 60_000 });
    const again = await call("POST", url, { ...headers, "x-auth-token": text });
    expect([again.status, again.body.code]).toEqual([409, "IDEMPOTENCY_CONFLICT"]);
  });
});

describe("passwords", () => {
  it("are changed with the old one, and made up for administrators", async () => {
    const url = `${ofUser}/password`;
    const next = { password: "another password" };
    expect((await call("PUT", url, asUser, next)).body.code).toBe("CREDENTIALS_WRONG");
    expect((await call("PUT", url, asUser, { ...next, oldPassword: USER_PASSWORD })).status).toBe(200);
    const { body } = await call("PUT", url, asAccount, {});
    const signedIn = basic("Shipper/truck-7", body.password);
    expect((await call("GET", "/api/v1/sessions/current", signedIn)).status).toBe(200);
    expect((await call("PUT", url, asAccount, { password: "short" })).body.code).toBe("PASSWORD_INVALID");
  });
});

describe("API keys and OAuth clients", () => {
  const client = { name: "till", grantTypes: ["client_credentials"], scopes: ["tokens.read"] };

  it("are created, listed without secrets, disabled and deleted", async () => {
    const key = (await call("POST", `${ofUser}/api-keys`, asAccount)).body;
    const made = (await call("POST", `${ofUser}/oauth-clients`, asAccount, client)).body;
    expect(made.client).toMatchObject(client);
    expect((await call("GET", `${ofUser}/api-keys`, asAccount)).body).toEqual({ apiKeys: [key.apiKey] });
    expect((await call("GET", `${ofUser}/oauth-clients`, asAccount)).body).toEqual({ clients: [made.client] });
    const { authentication } = world.harness.platform;
    expect((await authentication.byApiKey(key.apiKey.apiKey, key.apiSecret, world.user)).principal.name).toBe(
      "truck-7",
    );
    const shown = await authentication.byOAuthClient(made.client.clientId, made.clientSecret, world.user);
    expect(shown).toMatchObject({ grantTypes: client.grantTypes, scopes: client.scopes });
    for (const url of [`/api/v1/api-keys/${key.apiKey.apiKey}`, `/api/v1/oauth-clients/${made.client.clientId}`]) {
      expect((await call("PUT", url, asAccount, { active: false })).status).toBe(204);
      expect((await call("DELETE", url, asAccount)).status).toBe(204);
      expect((await call("DELETE", url, asAccount)).body.code).toBe("CREDENTIAL_UNKNOWN");
    }
  });

  it.each([
    ["an unknown grant type", { grantTypes: ["implicit"] }, 400, "FIELD_MALFORMED"],
    ["no grant type", { grantTypes: [] }, 400, "FIELD_MALFORMED"],
    ["a scope with a quote", { scopes: ['a"b'] }, 422, "CREDENTIAL_INVALID"],
  ])("are refused with %s", async (_what, change, status, code) => {
    const answer = await call("POST", `${ofUser}/oauth-clients`, asAccount, { ...client, ...change });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});

describe("permissions", () => {
  it("a user handles its own keys and clients, and nobody else's without a grant", async () => {
    const ofAccount = `/api/v1/users/${world.account.principal.uid}`;
    const expected: readonly (readonly [Method, string, number])[] = [
      ["GET", `${ofUser}/access-keys`, 200],
      ["POST", `${ofUser}/api-keys`, 201],
      ["POST", `${ofUser}/access-keys`, 201],
      ["GET", `${ofUser}/oauth-clients`, 200],
      ["GET", `${ofAccount}/oauth-clients`, 403],
      ["GET", `${ofAccount}/access-keys`, 403],
      ["POST", `${ofAccount}/access-keys`, 403],
      ["POST", `${ofAccount}/api-keys`, 403],
      ["GET", `${ofAccount}/api-keys`, 403],
      ["DELETE", `/api/v1/access-keys/${world.accountKey.accessKeyId}`, 403],
    ];
    const found: unknown[] = [];
    for (const [method, url] of expected) found.push([method, url, (await call(method, url, asUser)).status]);
    expect(found).toEqual(expected);
    const put = await call("PUT", `${ofAccount}/password`, asUser, { password: USER_PASSWORD });
    expect(put.body.code).toBe("ACCESS_DENIED");
  });
});
