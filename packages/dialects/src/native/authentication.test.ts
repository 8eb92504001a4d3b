import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { basic, HttpWorld, USER_PASSWORD } from "../testing/http-world.ts";

let world: HttpWorld;
beforeEach(async () => {
  world = await HttpWorld.create();
});
afterEach(() => world.dispose());

const whoami = async (headers: Readonly<Record<string, string>>, from?: string) => {
  const response = await world.call({
    url: "/api/v1/sessions/current",
    headers,
    ...(from === undefined ? {} : { from }),
  });
  return response.statusCode === 200
    ? response.json().principal.name
    : `${response.statusCode} ${response.json().code}`;
};

describe("HTTP Basic", () => {
  it.each([
    ["an access key", () => basic(world.userKey.accessKeyId, world.userKey.secret), "truck-7"],
    ["a user of a tenant", () => basic("Shipper/truck-7", USER_PASSWORD), "truck-7"],
    [
      "the scheme in small letters",
      () => ({ authorization: basic("Shipper/truck-7", USER_PASSWORD).authorization.replace("Basic", "basic") }),
      "truck-7",
    ],
    ["a user of another tenant by the bare name", () => basic("truck-7", USER_PASSWORD), "401 CREDENTIALS_WRONG"],
    ["a wrong password", () => basic("Shipper/truck-7", "no"), "401 CREDENTIALS_WRONG"],
    ["no password", () => basic("Shipper/truck-7", ""), "401 AUTHORIZATION_MALFORMED"],
  ])("%s", async (_what, headers, expected) => {
    expect(await whoami(headers())).toBe(expected);
  });

  it("tells one of the first tenant's users by the bare name", async () => {
    const { administrator, harness } = world;
    const { uid, name } = administrator.principal;
    await harness.platform.credentials.passwords.set(administrator, { uid, password: USER_PASSWORD });
    expect(await whoami(basic(name, USER_PASSWORD))).toBe(name);
  });

  it("is slowed after five wrong secrets from one address, with the seconds to wait", async () => {
    const right = basic(world.userKey.accessKeyId, world.userKey.secret);
    for (let i = 0; i < 5; i++) await whoami(basic(world.userKey.accessKeyId, "no"));
    const response = await world.call({ url: "/api/v1/sessions/current", headers: right });
    expect([response.statusCode, response.json().code]).toEqual([429, "CREDENTIALS_SLOWED"]);
    expect(response.headers["retry-after"]).toBe("1");
    expect(await whoami(right, "198.51.100.1")).toBe("truck-7");
    world.harness.clock.advance(1_000);
    expect(await whoami(right)).toBe("truck-7");
  });

  it("refuses a disabled key by its own name", async () => {
    const { accessKeyId, secret } = world.userKey;
    await world.harness.platform.credentials.accessKeys.setActive(world.account, { accessKeyId, active: false });
    expect(await whoami(basic(accessKeyId, secret))).toBe("401 ACCESS_KEY_INACTIVE");
    expect(await whoami(basic(accessKeyId, "no"))).toBe("401 CREDENTIALS_WRONG");
  });
});

describe("X-Auth-Token", () => {
  const issue = (scope = world.user.scope) =>
    world.harness.platform.tokens.issue({ kind: "iam", principal: world.user.principal, scope, lifetimeMs: 60_000 });

  it("counts with the scope that it was given for, also after a restart", async () => {
    const { text } = await issue({ kind: "project", tenantId: world.user.tenantId, projectId: "p" });
    await world.restart();
    const headers = { "x-auth-token": text };
    expect(await whoami(headers)).toBe("truck-7");
    const { uid } = world.user.principal;
    const own = await world.call({ method: "POST", url: `/api/v1/users/${uid}/access-keys`, headers });
    expect([own.statusCode, own.json().code]).toEqual([403, "ACCESS_DENIED"]);
  });

  it("ends with its lifetime, and is nothing another API gave", async () => {
    const { text } = await issue();
    world.harness.clock.advance(60_000);
    expect(await whoami({ "x-auth-token": text })).toBe("401 CREDENTIALS_WRONG");
    expect(await whoami({ "x-auth-token": "" })).toBe("401 CREDENTIALS_WRONG");
    const { principal, scope } = world.user;
    const other = await world.harness.platform.tokens.issue({ kind: "oauth", principal, scope, lifetimeMs: 60_000 });
    expect(await whoami({ "x-auth-token": other.text })).toBe("401 CREDENTIALS_WRONG");
  });

  it("does not stand in for a wrong Authorization header", async () => {
    const { text } = await issue();
    expect(await whoami({ "x-auth-token": text, ...basic("Shipper/truck-7", "no") })).toBe("401 CREDENTIALS_WRONG");
  });
});

describe("the trail", () => {
  const entries = (action: string) =>
    world.harness.store.database.selectFrom("auditEntries").selectAll().where("action", "=", action).execute();

  it("has who was denied something, with address and request", async () => {
    const { uid } = world.account.principal;
    const headers = basic(world.userKey.accessKeyId, world.userKey.secret);
    const response = await world.call({ url: `/api/v1/users/${uid}/access-keys`, headers });
    expect(response.statusCode).toBe(403);
    await world.harness.platform.authentication.flushRefusals();
    expect(await entries("iam:accessKey:list")).toMatchObject([
      {
        uid: world.user.principal.uid,
        outcome: "refused",
        sourceAddress: "192.0.2.1",
        requestId: response.headers["x-request-id"],
        credentialId: world.userKey.accessKeyId,
      },
    ]);
  });
});
