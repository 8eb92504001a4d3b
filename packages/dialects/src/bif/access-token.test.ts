import { createHttpServer } from "@concordat/api-kit";
import { systemRandom } from "@concordat/base";
import { describe, expect, it } from "vitest";
import { createCallOrigins } from "../http/call-origin.ts";
import { platformStatuses } from "../native/errors.ts";
import { keepErrors, useSignInWorld } from "../testing/sign-in-fixture.ts";
import { API_KEY, API_SECRET, rowsOf } from "../testing/sign-in-world.ts";
import { bifAuthentication } from "./auth.ts";
import { bifErrors, errorCodeOf } from "./errors.ts";
import { bifDialect } from "./plugin.ts";

const { logger, logged } = keepErrors();

const fixture = useSignInWorld((world) => {
  const { clock, platform } = world.harness;
  const made = createHttpServer();
  made.register(bifDialect({ platform, clock, random: systemRandom, logger }));
  const authenticate = bifAuthentication({ platform, originOf: createCallOrigins(systemRandom) });
  made.post("/whoami", async (request) => {
    // No operation of this scheme looks at its row.
    const caller = await authenticate(request, undefined as never);
    return { uid: caller.principal.uid, scope: caller.scope, kind: caller.credential.kind };
  });
  return made;
});

const ask = (payload: object | string, headers: Readonly<Record<string, string>> = {}) =>
  fixture.server.inject({
    method: "POST",
    remoteAddress: fixture.remoteAddress,
    url: "/auth/getAccessToken",
    headers: { "content-type": "application/json", ...headers },
    payload: typeof payload === "string" ? payload : JSON.stringify(payload),
  });
const right = { api_key: API_KEY, api_secret: API_SECRET };
const whoami = (body: object) =>
  fixture.server.inject({ method: "POST", remoteAddress: fixture.remoteAddress, url: "/whoami", payload: body });

async function accessToken(): Promise<string> {
  const response = await ask(right);
  return response.json().data.accessToken;
}

const claimsOf = (text: string) => Buffer.from(text.split(".")[1] ?? "", "base64url").toString("utf8");

describe("getAccessToken", () => {
  it("answers in the document's form a token of the document's form", async () => {
    const response = await ask(right);
    expect(response.statusCode).toBe(200);
    const { accessToken: text } = response.json().data;
    expect(response.json()).toEqual({
      data: { accessToken: text, expireIn: 7_200 },
      errorCode: 0,
      message: "操作成功",
    });
    expect(Buffer.from(text.split(".")[0], "base64url").toString()).toBe('{"typ":"JWT","alg":"HS256"}');
    const exp = Math.floor(fixture.world.harness.clock.nowMs() / 1_000) + 7_200;
    const bid = await fixture.world.harness.platform.bids.of(fixture.world.uid);
    expect(claimsOf(text)).toBe(`{"apiKey":"${API_KEY}","iss":"BIF-CHAIN","exp":${exp},"bid":"${bid}"}`);
  });

  it("takes a JSON body under any media type, and ignores members that it does not know", async () => {
    const response = await ask({ ...right, more: 1 }, { "content-type": "text/plain" });
    expect(response.json()).toMatchObject({ errorCode: 0 });
  });

  it.each<[string, object | string, number]>([
    ["a wrong secret", { ...right, api_secret: "wrong" }, bifErrors.apiSecretWrong],
    ["an unknown key", { ...right, api_key: "0000000000000000" }, bifErrors.apiSecretWrong],
    ["no secret", { api_key: API_KEY }, bifErrors.parametersWrong],
    ["no key", { api_secret: API_SECRET }, bifErrors.parametersWrong],
    ["an empty key", { ...right, api_key: "" }, bifErrors.parametersWrong],
    ["a number for a key", { ...right, api_key: 1 }, bifErrors.parametersWrong],
    ["a list for a secret", { ...right, api_secret: [API_SECRET] }, bifErrors.parametersWrong],
    ["a key that is too long", { ...right, api_key: "a".repeat(65) }, bifErrors.parametersWrong],
    ["no JSON", "{", bifErrors.parametersWrong],
    ["no object", "[1]", bifErrors.parametersWrong],
    ["nothing", "", bifErrors.parametersWrong],
    ["a body that is too large", " ".repeat(300_000), bifErrors.parametersWrong],
  ])("refuses %s with its number, and answers 200", async (_name, payload, errorCode) => {
    const response = await ask(payload);
    expect(response.json()).toEqual({ errorCode, message: expect.any(String) });
    expect(response.statusCode).toBe(200);
    expect(response.body).not.toContain(API_SECRET);
  });

  it("refuses other methods in its own form", async () => {
    const response = await fixture.server.inject({ method: "GET", url: "/auth/getAccessToken" });
    expect(response.json()).toMatchObject({ errorCode: bifErrors.parametersWrong });
    expect(response.headers["allow"]).toBe("POST");
  });

  it("says to the owner of a disabled key that it is disabled, and to nobody else", async () => {
    await fixture.changeRows(rowsOf.apiKey(fixture.world.uid, false));
    expect((await ask(right)).json()).toMatchObject({ errorCode: bifErrors.apiKeyDisabled });
    expect((await ask({ ...right, api_secret: "wrong" })).json()).toMatchObject({
      errorCode: bifErrors.apiSecretWrong,
    });
  });

  it("slows guesses of a key and says when to come back", async () => {
    let refused = await ask({ ...right, api_secret: "wrong" });
    for (let tries = 0; tries < 50 && refused.headers["retry-after"] === undefined; tries++) {
      refused = await ask({ ...right, api_secret: "wrong" });
    }
    expect(refused.json()).toEqual({ errorCode: bifErrors.accessDenied, message: expect.any(String) });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect((await ask(right)).json()).toMatchObject({ errorCode: bifErrors.accessDenied });
    fixture.world.harness.clock.advance(Number(refused.headers["retry-after"]) * 1_000);
    expect((await ask(right)).json()).toMatchObject({ errorCode: 0 });
  });

  it("answers equal tokens within one second, each as good as the other", async () => {
    const [first, second] = await Promise.all([accessToken(), accessToken()]);
    expect(first).toBe(second);
    expect((await whoami({ accessToken: second })).statusCode).toBe(200);
  });

  it("never writes a secret to the log", async () => {
    await ask({ ...right, api_secret: "wrong" });
    expect(logged.join("\n")).not.toMatch(/canary|wrong/);
  });
});

describe("the accessToken of an envelope", () => {
  it("recognises the user of the api key, also after a restart", async () => {
    const text = await accessToken();
    const expected = { uid: fixture.world.uid, scope: { kind: "tenant" }, kind: "bif-token" };
    expect((await whoami({ accessToken: text, params: {} })).json()).toMatchObject(expected);
    await fixture.changeRows();
    expect((await whoami({ accessToken: text })).json()).toMatchObject(expected);
  });

  it.each([{}, { accessToken: "" }, { accessToken: 1 }, { accessToken: "a.b.c" }, { accessToken: null }])(
    "%j is refused",
    async (body) => {
      const response = await whoami(body);
      expect(response.json()).toMatchObject({ code: "BIF_REFUSED" });
    },
  );

  it("stops counting at its expiry, when revoked, and when its key or user is disabled", async () => {
    const refused = async (text: string) => (await whoami({ accessToken: text })).statusCode !== 200;
    const text = await accessToken();
    fixture.world.harness.clock.advance(7_199_000);
    expect(await refused(text)).toBe(false);
    fixture.world.harness.clock.advance(1_000);
    expect(await refused(text)).toBe(true);

    const revoked = await accessToken();
    expect(await refused(revoked)).toBe(false);
    const token = await fixture.world.harness.platform.tokens.find("bif", revoked);
    await fixture.world.harness.platform.tokens.revoke(token?.tokenHash ?? "");
    expect(await refused(revoked)).toBe(true);

    fixture.world.harness.clock.advance(1_000);
    const ofKey = await accessToken();
    await fixture.changeRows(rowsOf.apiKey(fixture.world.uid, false));
    expect(await refused(ofKey)).toBe(true);
    await fixture.changeRows(rowsOf.apiKey(fixture.world.uid, true));
    expect(await refused(ofKey)).toBe(false);

    await fixture.disableUser();
    expect(await refused(ofKey)).toBe(true);
  });

  it("does not count when signed here but never issued, or for something else", async () => {
    const { platform, clock } = fixture.world.harness;
    const exp = Math.floor(clock.nowMs() / 1_000) + 60;
    const claims = { apiKey: API_KEY, iss: "BIF-CHAIN", exp, bid: "" };
    const status = async (text: string) => (await whoami({ accessToken: text })).statusCode;
    expect(await status(await platform.tokenIssuer.sign("bif", claims))).not.toBe(200);

    const principal = platform.provisioning.directory.principal(fixture.world.uid);
    if (principal === undefined) throw new Error("The user is not there.");
    const recorded = async (more: object) => {
      const text = await platform.tokenIssuer.sign("bif", { ...claims, ...more });
      await platform.tokens.issue({ kind: "bif", principal, scope: { kind: "unscoped" }, lifetimeMs: 60_000, text });
      return status(text);
    };
    expect(await recorded({})).toBe(200);
    for (const more of [{ iss: "OTHER" }, { apiKey: "other" }, { apiKey: 1 }]) {
      expect(await recorded(more), JSON.stringify(more)).not.toBe(200);
    }
  });
});

it("has a number for every code of the platform", () => {
  for (const code of Object.keys(platformStatuses)) {
    // The keys of the table are the codes.
    expect(Object.values(bifErrors), code).toContain(errorCodeOf(code as keyof typeof platformStatuses));
  }
});
