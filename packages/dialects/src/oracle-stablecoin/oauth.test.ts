import { createHttpServer } from "@concordat/api-kit";
import { systemRandom } from "@concordat/base";
import { describe, expect, it } from "vitest";
import { createCallOrigins } from "../http/call-origin.ts";
import { platformStatuses } from "../native/errors.ts";
import { keepErrors, useSignInWorld } from "../testing/sign-in-fixture.ts";
import { CLIENT_ID, CLIENT_SECRET, PASSWORD, rowsOf, USER_NAME } from "../testing/sign-in-world.ts";
import { oracleAuthentication } from "./auth/authenticators.ts";
import { gatewayFailureOf } from "./auth/gateway-errors.ts";
import { oracleStablecoinDialect } from "./plugin.ts";

const { logger, logged } = keepErrors();

const fixture = useSignInWorld((world) => {
  const { clock, platform } = world.harness;
  const made = createHttpServer();
  made.register(oracleStablecoinDialect({ platform, clock, random: systemRandom, logger }));
  const originOf = createCallOrigins(systemRandom);
  made.register(async (scope) => {
    scope.setErrorHandler((error, _request, reply) => {
      const { status, body, headers } = gatewayFailureOf(error);
      return reply
        .code(status)
        .headers({ ...headers })
        .send(body);
    });
    const wanted = [
      ["/whoami", {}],
      ["/reports", { scope: "reports" }],
    ] as const;
    for (const [path, more] of wanted) {
      const authenticate = oracleAuthentication({ platform, originOf, ...more });
      scope.get(path, async (request) => {
        // No operation of this scheme looks at its row.
        const caller = await authenticate(request, undefined as never);
        return { uid: caller.principal.uid, scope: caller.scope.kind, kind: caller.credential.kind };
      });
    }
  });
  return made;
});

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
const clientBasic = basic(CLIENT_ID, CLIENT_SECRET);
type Form = Readonly<Record<string, string>>;

const post = (payload: string, headers: Readonly<Record<string, string>>) =>
  fixture.server.inject({
    method: "POST",
    remoteAddress: fixture.remoteAddress,
    url: "/oauth2/v1/token",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    payload,
  });
const ask = (form: Form, authorization: string | undefined = clientBasic) =>
  post(new URLSearchParams(form).toString(), authorization === "" ? {} : { authorization });
const clientGrant = { grant_type: "client_credentials", scope: "stablecoin" };
const passwordGrant = { grant_type: "password", username: USER_NAME, password: PASSWORD, scope: "stablecoin" };
const claimsOf = (text: string) => JSON.parse(Buffer.from(text.split(".")[1] ?? "", "base64url").toString("utf8"));
const bearer = (text: string, url = "/whoami") =>
  fixture.server.inject({
    method: "GET",
    remoteAddress: fixture.remoteAddress,
    url,
    headers: { authorization: `Bearer ${text}` },
  });

async function tokenOf(form: Form): Promise<string> {
  return (await ask(form)).json().access_token;
}

describe("createToken, the token endpoint", () => {
  it("gives a client a token for itself", async () => {
    const response = await ask(clientGrant);
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({ "cache-control": "no-store", pragma: "no-cache" });
    const { access_token: text } = response.json();
    expect(response.json()).toEqual({ access_token: text, token_type: "Bearer", expires_in: 3_600 });
    const { issuer } = fixture.world.harness.platform.tokenIssuer;
    const iat = Math.floor(fixture.world.harness.clock.nowMs() / 1_000);
    expect(claimsOf(text)).toEqual({
      iss: issuer,
      sub: CLIENT_ID,
      sub_type: "client",
      aud: `${issuer}:stablecoin`,
      client_id: CLIENT_ID,
      user_id: "a".repeat(32),
      scope: "stablecoin",
      iat,
      exp: iat + 3_600,
      jti: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it("gives a client a token for a user whose password it has", async () => {
    const text = await tokenOf(passwordGrant);
    expect(claimsOf(text)).toMatchObject({ sub: USER_NAME, sub_type: "user", client_id: CLIENT_ID });
    expect((await bearer(text)).json()).toEqual({ uid: fixture.world.uid, scope: "tenant", kind: "oauth-token" });
  });

  it("takes the client's credentials as fields too, and ignores fields that it does not know", async () => {
    const fields = { ...clientGrant, client_id: CLIENT_ID, client_secret: CLIENT_SECRET, audience: "x", empty: "" };
    expect((await ask(fields, "")).statusCode).toBe(200);
    expect((await ask({ ...clientGrant, client_id: CLIENT_ID })).statusCode).toBe(200);
  });

  it.each([
    [undefined, "stablecoin reports", true],
    ["reports stablecoin", "reports stablecoin", false],
    ["reports", "reports", false],
    ["reports reports", "reports", true],
    ["urn:opc:idm:__myscopes__", "stablecoin reports", true],
    ["", "stablecoin reports", true],
  ])("grants for the scope %j the scope %j", async (asked, granted, isTold) => {
    const response = await ask({ grant_type: "client_credentials", ...(asked === undefined ? {} : { scope: asked }) });
    expect(claimsOf(response.json().access_token).scope).toBe(granted);
    expect(response.json().scope).toBe(isTold ? granted : undefined);
  });

  it.each<[string, Form, string | undefined, number, string]>([
    ["a wrong client secret", clientGrant, basic(CLIENT_ID, "wrong"), 401, "invalid_client"],
    ["an unknown client", clientGrant, basic("nobody", CLIENT_SECRET), 401, "invalid_client"],
    ["no client", clientGrant, "", 401, "invalid_client"],
    ["half a client", { ...clientGrant, client_id: CLIENT_ID }, "", 401, "invalid_client"],
    ["broken Basic", clientGrant, "Basic ???", 401, "invalid_client"],
    ["another scheme", clientGrant, "Bearer x", 401, "invalid_client"],
    ["two client ids", { ...clientGrant, client_id: "other" }, clientBasic, 400, "invalid_request"],
    ["two ways", { ...clientGrant, client_secret: CLIENT_SECRET }, clientBasic, 400, "invalid_request"],
    ["no grant type", { scope: "stablecoin" }, clientBasic, 400, "invalid_request"],
    ["an empty grant type", { grant_type: "" }, clientBasic, 400, "invalid_request"],
    ["another grant type", { grant_type: "authorization_code" }, clientBasic, 400, "unsupported_grant_type"],
    ["a scope of others", { ...clientGrant, scope: "stablecoin admin" }, clientBasic, 400, "invalid_scope"],
    ["a malformed scope", { ...clientGrant, scope: "stablecoin  reports" }, clientBasic, 400, "invalid_scope"],
    ["a wrong password", { ...passwordGrant, password: "wrong" }, clientBasic, 400, "invalid_grant"],
    ["an unknown user", { ...passwordGrant, username: "nobody" }, clientBasic, 400, "invalid_grant"],
    ["a user of another tenant", { ...passwordGrant, username: "other-company" }, clientBasic, 400, "invalid_grant"],
    ["no password", { grant_type: "password", username: USER_NAME }, clientBasic, 400, "invalid_request"],
    ["no user", { grant_type: "password", password: PASSWORD }, clientBasic, 400, "invalid_request"],
    ["a long grant type", { grant_type: "a".repeat(200) }, clientBasic, 400, "invalid_request"],
  ])("refuses %s", async (_name, form, authorization, status, error) => {
    const response = await ask(form, authorization);
    expect(response.json()).toEqual({ error, error_description: expect.stringMatching(/^[ !#-[\]-~]+$/) });
    expect(response.statusCode).toBe(status);
    expect(response.headers["cache-control"]).toBe("no-store");
    expect(String(response.headers["www-authenticate"]).startsWith("Basic")).toBe(status === 401);
    expect(response.body).not.toMatch(/canary|wrong"/);
  });

  it.each([
    ["a repeated parameter", "grant_type=password&grant_type=client_credentials", "application/x-www-form-urlencoded"],
    ["a broken escape", "grant_type=%zz", "application/x-www-form-urlencoded"],
    ["JSON", '{"grant_type":"client_credentials"}', "application/json"],
    ["nothing", "", "application/x-www-form-urlencoded"],
    ["too much", `grant_type=${"a".repeat(300_000)}`, "application/x-www-form-urlencoded"],
  ])("refuses %s as an invalid request", async (_name, payload, type) => {
    const response = await post(payload, { authorization: clientBasic, "content-type": type });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ error: "invalid_request" });
  });

  it("refuses other methods, and grants that the client is not for, and disabled clients", async () => {
    const get = await fixture.server.inject({
      method: "GET",
      url: "/oauth2/v1/token",
      headers: { authorization: clientBasic },
    });
    expect(get.json()).toMatchObject({ error: "invalid_request" });
    await fixture.changeRows(rowsOf.oauthClient(fixture.world.uid, { grantTypes: ["client_credentials"] }));
    expect((await ask(passwordGrant)).json()).toMatchObject({ error: "unauthorized_client" });
    await fixture.changeRows(rowsOf.oauthClient(fixture.world.uid, { active: false }));
    expect((await ask(clientGrant)).json()).toMatchObject({ error: "invalid_client" });
  });

  it.each<[string, Form, Form, string]>([
    ["a client's secret", clientGrant, clientGrant, basic(CLIENT_ID, "wrong")],
    ["a user's password", { ...passwordGrant, password: "wrong" }, passwordGrant, clientBasic],
  ])("slows guesses of %s and says when to come back", async (_name, wrong, right, authorization) => {
    let refused = await ask(wrong, authorization);
    for (let tries = 0; tries < 50 && refused.statusCode !== 429; tries++) refused = await ask(wrong, authorization);
    expect(refused.json()).toMatchObject({ error: "temporarily_unavailable" });
    const waitS = Number(refused.headers["retry-after"]);
    expect(waitS).toBeGreaterThan(0);
    expect((await ask(right)).statusCode).toBe(429);
    fixture.world.harness.clock.advance(waitS * 1_000);
    expect((await ask(right)).statusCode).toBe(200);
  });

  it("never writes a secret to the log", async () => {
    await ask({ ...passwordGrant, password: "wrong" });
    expect(logged.join("\n")).not.toMatch(/canary|wrong/);
  });
});

describe("a bearer token", () => {
  it("recognises its user over a restart, within its scope", async () => {
    const text = await tokenOf(clientGrant);
    await fixture.changeRows();
    expect((await bearer(text)).json()).toEqual({ uid: fixture.world.uid, scope: "tenant", kind: "oauth-token" });
    const beyond = await bearer(text, "/reports");
    expect(beyond.statusCode).toBe(403);
    expect(beyond.headers["www-authenticate"]).toMatch(/^Bearer .*error="insufficient_scope".*scope="reports"$/);
    expect((await bearer(await tokenOf({ ...clientGrant, scope: "reports" }), "/reports")).statusCode).toBe(200);
  });

  it("stops counting at its expiry, when revoked, and when its client or user is disabled", async () => {
    const refused = async (text: string) => (await bearer(text)).statusCode === 401;
    const text = await tokenOf(passwordGrant);
    fixture.world.harness.clock.advance(3_599_000);
    expect(await refused(text)).toBe(false);
    fixture.world.harness.clock.advance(1_000);
    expect(await refused(text)).toBe(true);

    const revoked = await tokenOf(clientGrant);
    const { tokens } = fixture.world.harness.platform;
    const byJti = (await tokens.listOf(fixture.world.uid)).find(
      ({ detail }) => detail["jti"] === claimsOf(revoked).jti,
    );
    expect(await refused(revoked)).toBe(false);
    expect(await tokens.revoke(byJti?.tokenHash ?? "")).toBe(true);
    expect(await refused(revoked)).toBe(true);

    const later = await tokenOf(passwordGrant);
    await fixture.changeRows(rowsOf.oauthClient(fixture.world.uid, { active: false }));
    expect(await refused(later)).toBe(true);
    await fixture.changeRows(rowsOf.oauthClient(fixture.world.uid));
    expect(await refused(later)).toBe(false);
    await fixture.disableUser();
    expect(await refused(later)).toBe(true);
  });

  it("must have been issued for this API and be recorded", async () => {
    const { platform } = fixture.world.harness;
    const claims = claimsOf(await tokenOf(clientGrant));
    const sign = (more: object) => platform.tokenIssuer.sign("oauth", { ...claims, ...more });
    expect((await bearer(await sign({ jti: "never recorded" }))).statusCode).toBe(401);

    const principal = platform.provisioning.directory.principal(fixture.world.uid);
    if (principal === undefined) throw new Error("The user is not there.");
    const recorded = async (more: object) => {
      const text = await sign(more);
      await platform.tokens.issue({ kind: "oauth", principal, scope: { kind: "unscoped" }, lifetimeMs: 60_000, text });
      return (await bearer(text)).statusCode;
    };
    expect(await recorded({ jti: "another" })).toBe(200);
    for (const more of [{ aud: "other" }, { iss: "urn:other" }, { client_id: "other" }, { client_id: 1 }]) {
      expect(await recorded(more), JSON.stringify(more)).toBe(401);
    }
  });

  it.each<[string | undefined, number, RegExp]>([
    [undefined, 401, /^Bearer realm="concordat", Basic/],
    ["Bearer abc.def.ghi", 401, /error="invalid_token"/],
    ["Bearer", 400, /error="invalid_request"/],
    ["Bearer a b", 400, /error="invalid_request"/],
    ["Basic ???", 401, /^Bearer realm="concordat", Basic/],
    [basic(USER_NAME, "wrong"), 401, /^Bearer realm="concordat", Basic/],
    ["Digest x", 401, /^Bearer realm="concordat", Basic/],
  ])("%s is refused", async (authorization, status, challenge) => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fixture.server.inject({
      method: "GET",
      remoteAddress: fixture.remoteAddress,
      url: "/whoami",
      headers,
    });
    expect(response.statusCode).toBe(status);
    expect([response.headers["www-authenticate"]].flat().join(", ")).toMatch(challenge);
    expect(response.json()).toEqual({ code: expect.any(String), message: expect.any(String) });
  });
});

it("takes a user's name and password by Basic", async () => {
  const headers = { authorization: basic(USER_NAME, PASSWORD) };
  const response = await fixture.server.inject({
    method: "GET",
    remoteAddress: fixture.remoteAddress,
    url: "/whoami",
    headers,
  });
  expect(response.json()).toEqual({ uid: fixture.world.uid, scope: "tenant", kind: "password" });
});

it("listSigningKeys publishes the keys that verify its tokens, without private parts", async () => {
  const text = await tokenOf(clientGrant);
  const response = await fixture.server.inject({
    method: "GET",
    remoteAddress: fixture.remoteAddress,
    url: "/admin/v1/SigningCert/jwk",
  });
  const { kid } = JSON.parse(Buffer.from(text.split(".")[0] ?? "", "base64url").toString("utf8"));
  expect(response.json().keys).toEqual([
    { kty: "RSA", kid, alg: "RS256", use: "sig", e: "AQAB", n: expect.any(String) },
  ]);
  expect(response.headers["cache-control"]).toBe("public, max-age=60");
});

it("has a gateway answer for every code of the platform", async () => {
  const { PlatformError } = await import("@concordat/platform");
  for (const code of Object.keys(platformStatuses)) {
    // The keys of the table are the codes.
    const answer = gatewayFailureOf(new PlatformError(code as keyof typeof platformStatuses));
    expect(answer.body.code === "InternalServerError", code).toBe(answer.status === 500);
  }
});
