import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { basic, HttpWorld, USER_PASSWORD } from "../testing/http-world.ts";

let world: HttpWorld;
beforeEach(async () => {
  world = await HttpWorld.create();
});
afterEach(() => world.dispose());

const signInPayload = { tenantName: "Shipper", userName: "truck-7", password: USER_PASSWORD };
const signIn = (payload: object = signInPayload, headers: Readonly<Record<string, string>> = {}) =>
  world.call({ method: "POST", url: "/api/v1/sessions", payload, headers });

/** As a browser has it after a sign-in. */
async function openSession() {
  const response = await signIn();
  expect(response.statusCode, response.body).toBe(201);
  const cookie = String(response.headers["set-cookie"]);
  return { response, setCookie: cookie, cookie: cookie.split(";", 1)[0] ?? "", csrfToken: response.json().csrfToken };
}

const current = (headers: Readonly<Record<string, string>>) => world.call({ url: "/api/v1/sessions/current", headers });
const createKey = (headers: Readonly<Record<string, string>>) =>
  world.call({ method: "POST", url: `/api/v1/users/${world.user.principal.uid}/access-keys`, headers });

describe("signing in", () => {
  it("answers who it is and a CSRF token, and the session in the cookie alone", async () => {
    const { response, setCookie, cookie, csrfToken } = await openSession();
    const { principal, tenantId } = world.user;
    expect(response.json()).toEqual({
      principal: {
        uid: principal.uid,
        userId: principal.userId,
        accountUid: principal.accountUid,
        name: "truck-7",
        kind: "ram-user",
        installationAdministrator: false,
      },
      tenantId,
      csrfToken,
      expiresMs: world.harness.clock.nowMs() + 12 * 3_600_000,
    });
    expect(setCookie).toMatch(
      /^concordat-session-[0-9a-f]{16}=[\w-]{43}; Path=\/api\/v1; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    );
    expect(response.headers["cache-control"]).toBe("no-store");
    expect((await current({ cookie })).json()).toMatchObject({ principal: { name: "truck-7" }, csrfToken });
  });

  it.each([
    ["a wrong password", { ...signInPayload, password: "no" }, 401, "CREDENTIALS_WRONG"],
    ["an unknown user", { ...signInPayload, userName: "nobody" }, 401, "CREDENTIALS_WRONG"],
    ["another tenant", { userName: "truck-7", password: USER_PASSWORD }, 401, "CREDENTIALS_WRONG"],
    ["no password", { userName: "truck-7" }, 400, "FIELD_MISSING"],
    ["a field too many", { ...signInPayload, remember: true }, 400, "FIELD_UNKNOWN"],
  ])("with %s", async (_what, payload, status, code) => {
    const response = await signIn(payload);
    expect([response.statusCode, response.json().code]).toEqual([status, code]);
    expect(response.headers["set-cookie"]).toBeUndefined();
  });

  it("is slowed like every other way", async () => {
    for (let i = 0; i < 5; i++) await signIn({ ...signInPayload, password: "no" });
    expect((await signIn()).statusCode).toBe(429);
  });

  it.each([
    ["another site's form", { origin: "https://evil.example" }],
    ["another port", { origin: "http://ledger.example:9090" }],
    ["a hidden origin", { origin: "null" }],
    ["a page of the same site", { "sec-fetch-site": "same-site" }],
    ["another site", { "sec-fetch-site": "cross-site" }],
  ])("is not for %s", async (_what, headers: Record<string, string>) => {
    const response = await signIn(signInPayload, headers);
    expect([response.statusCode, response.json().code]).toEqual([403, "CROSS_SITE_REFUSED"]);
  });

  it("is audited with its address", async () => {
    await openSession();
    const rows = await world.harness.store.database
      .selectFrom("auditEntries")
      .selectAll()
      .where("action", "=", "iam:session:create")
      .execute();
    expect(rows).toMatchObject([
      { uid: world.user.principal.uid, sourceAddress: "192.0.2.1", credentialKind: "console-session" },
    ]);
    expect(JSON.stringify(rows)).not.toContain(USER_PASSWORD);
  });
});

describe("a session", () => {
  it("changes something with its CSRF token, from pages of the server alone", async () => {
    const { cookie, csrfToken } = await openSession();
    const good = { cookie, "x-csrf-token": csrfToken };
    const refused: readonly (readonly [Record<string, string>, string])[] = [
      [{ cookie }, "CSRF_TOKEN_WRONG"],
      [{ cookie, "x-csrf-token": `${csrfToken}x` }, "CSRF_TOKEN_WRONG"],
      [{ cookie, "x-csrf-token": csrfToken.replace(/^./, "_") }, "CSRF_TOKEN_WRONG"],
      [{ ...good, origin: "https://evil.example" }, "CROSS_SITE_REFUSED"],
      [{ ...good, "sec-fetch-site": "cross-site" }, "CROSS_SITE_REFUSED"],
      [{ ...good, host: "rebound.example:8080" }, "CROSS_SITE_REFUSED"],
    ];
    for (const [headers, code] of refused) {
      const response = await createKey(headers);
      expect([response.statusCode, response.json().code], JSON.stringify(headers)).toEqual([403, code]);
    }
    const done = await createKey({ ...good, origin: "http://ledger.example:8080", "sec-fetch-site": "same-origin" });
    expect(done.statusCode, done.body).toBe(201);
  });

  it("reads without the token, though for no other site and under no other name", async () => {
    const { cookie } = await openSession();
    expect((await current({ cookie })).statusCode).toBe(200);
    expect((await current({ cookie, "sec-fetch-site": "cross-site" })).json().code).toBe("CROSS_SITE_REFUSED");
    expect((await current({ cookie, host: "rebound.example" })).json().code).toBe("CROSS_SITE_REFUSED");
  });

  it("knows no other session's CSRF token", async () => {
    const [first, second] = [await openSession(), await openSession()];
    const mixed = await createKey({ cookie: first.cookie, "x-csrf-token": second.csrfToken });
    expect(mixed.json().code).toBe("CSRF_TOKEN_WRONG");
  });

  it("lasts 12 hours and over a restart, and is nowhere in the store", async () => {
    const { cookie } = await openSession();
    const stored = JSON.stringify(await world.harness.store.database.selectFrom("tokens").selectAll().execute());
    expect(stored).not.toContain(cookie.split("=")[1]);
    await world.restart();
    world.harness.clock.advance(12 * 3_600_000 - 1);
    expect((await current({ cookie })).statusCode).toBe(200);
    world.harness.clock.advance(1);
    expect((await current({ cookie })).statusCode).toBe(401);
  });

  it("goes behind what a program shows on purpose", async () => {
    const { cookie } = await openSession();
    const { accessKeyId, secret } = world.administratorKey;
    const answer = (await current({ cookie, ...basic(accessKeyId, secret) })).json();
    expect(answer).toMatchObject({ credentialKind: "access-key", principal: { installationAdministrator: true } });
    expect(answer).not.toHaveProperty("csrfToken");
  });

  it("ends with signing out, which makes the browser forget it", async () => {
    const { cookie, csrfToken } = await openSession();
    const url = "/api/v1/sessions/current";
    const response = await world.call({ method: "DELETE", url, headers: { cookie, "x-csrf-token": csrfToken } });
    expect([response.statusCode, response.body]).toEqual([204, ""]);
    expect(response.headers["set-cookie"]).toMatch(/^concordat-session-[0-9a-f]{16}=; .*Max-Age=0$/);
    expect((await current({ cookie })).json().code).toBe("CREDENTIALS_WRONG");
  });

  it("is none when the call came with a key", async () => {
    const headers = basic(world.userKey.accessKeyId, world.userKey.secret);
    const response = await world.call({ method: "DELETE", url: "/api/v1/sessions/current", headers });
    expect([response.statusCode, response.json().code]).toEqual([404, "CREDENTIAL_UNKNOWN"]);
  });
});

describe("the list of sessions", () => {
  it("shows one's own, and others' to who may see them; both can end them", async () => {
    const { cookie } = await openSession();
    const list = (headers: Readonly<Record<string, string>>, query = "") =>
      world.call({ url: `/api/v1/sessions${query}`, headers });
    const own = (await list({ cookie })).json().sessions;
    expect(own).toMatchObject([{ kind: "console", uid: world.user.principal.uid, scope: { kind: "tenant" } }]);
    const query = `?uid=${world.user.principal.uid}`;
    const account = basic(world.accountKey.accessKeyId, world.accountKey.secret);
    expect((await list(account, query)).json().sessions).toEqual(own);
    const others = `?uid=${world.account.principal.uid}`;
    expect((await list({ cookie }, others)).json().code).toBe("ACCESS_DENIED");
    const url = `/api/v1/sessions/${own[0].sessionId}`;
    expect((await world.call({ method: "DELETE", url, headers: account })).statusCode).toBe(204);
    expect((await current({ cookie })).statusCode).toBe(401);
    expect((await world.call({ method: "DELETE", url, headers: account })).json().code).toBe("CREDENTIAL_UNKNOWN");
  });
});
