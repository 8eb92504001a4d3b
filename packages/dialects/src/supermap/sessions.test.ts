import { PlatformError } from "@concordat/platform";
import { describe, expect, it } from "vitest";
import { platformStatuses } from "../native/errors.ts";
import { PASSWORD, USER_NAME } from "../testing/sign-in-world.ts";
import { iserverFailureOf } from "./errors.ts";
import { failed, type Headers, useIserver, wanted, who } from "./iserver.fixture.ts";

const { fixture, logged, manager, send, signIn } = useIserver();

describe("login", () => {
  it("begins a session with a cookie that scripts and other sites cannot use", async () => {
    const response = await send("POST", "login.rjson", { ...who, rememberme: false });
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toBe("application/rjson; charset=utf-8");
    expect(response.body).toBe('{\n  "succeed": true,\n  "referer": "/iserver/services"\n}');
    expect(response.cookies).toEqual([
      { name: "JSESSIONID", value: expect.any(String), path: "/iserver", httpOnly: true, sameSite: "Strict" },
    ]);
    const cookie = `JSESSIONID=${response.cookies[0]?.value}`;
    expect((await manager({ cookie })).json()).toEqual({
      uid: fixture.world.uid,
      scope: "tenant",
      kind: "iserver-token",
    });
  });

  it("takes the vendor client's JSON under the type of a form, without a suffix", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" };
    const response = await send("POST", "login", JSON.stringify({ ...who, rememberme: undefined }), headers);
    expect(response.json()).toEqual({ succeed: true, referer: "/iserver/services" });
  });

  it("remembers for two weeks when asked to, and ends sessions after eight hours", async () => {
    const both = await send("POST", "login.json", { ...who, rememberme: true });
    expect(both.cookies).toMatchObject([{ name: "JSESSIONID" }, { name: "rememberMe", maxAge: 1_209_600 }]);
    const session = `JSESSIONID=${both.cookies[0]?.value}`;
    const remembered = `rememberMe=${both.cookies[1]?.value}`;
    fixture.world.harness.clock.advance(8 * 3_600_000 - 1);
    expect((await manager({ cookie: session })).statusCode).toBe(200);
    fixture.world.harness.clock.advance(1);
    expect((await manager({ cookie: session })).statusCode).toBe(401);
    expect((await manager({ cookie: `${session}; ${remembered}` })).statusCode).toBe(200);
    fixture.world.harness.clock.advance(14 * 86_400_000);
    expect((await manager({ cookie: remembered })).statusCode).toBe(401);
  });

  it("names the page before as referer only where it is its own", async () => {
    const refererFrom = async (referer: string) =>
      (await send("POST", "login.json", who, { referer, "sec-fetch-site": "same-origin" })).json().referer;
    expect(await refererFrom("http://localhost/iserver/manager?a=1")).toBe("/iserver/manager?a=1");
    expect(await refererFrom("http://elsewhere/iserver/manager")).toBe("/iserver/services");
    expect(await refererFrom("javascript:alert(1)")).toBe("/iserver/services");
  });

  it.each<[string, object | string, number]>([
    ["a wrong password", { ...who, password: "wrong" }, 401],
    ["an unknown user", { ...who, username: "nobody" }, 401],
    ["a user of another tenant", { ...who, username: "other-company" }, 401],
    ["no password", { username: USER_NAME }, 400],
    ["an empty user", { ...who, username: "" }, 400],
    ["a list for a user", { ...who, username: [USER_NAME] }, 400],
    ["a malformed choice", { ...who, rememberme: "perhaps" }, 400],
    ["no JSON", `{"password":"${PASSWORD}"`, 400],
    ["a list", "[]", 400],
    ["nothing", "", 400],
    ["too much", `"${"a".repeat(300_000)}"`, 400],
  ])("refuses %s in its own form", async (_name, payload, status) => {
    const response = await send("POST", "login.rjson", payload);
    expect(response.json()).toEqual(failed(status));
    expect(response.statusCode).toBe(status);
    expect(response.headers["set-cookie"]).toBeUndefined();
    expect(response.body).not.toMatch(/canary|wrong"/);
  });

  it.each([
    [{ origin: "http://elsewhere" }],
    [{ origin: "null" }],
    [{ origin: "http://localhost:8090" }],
    [{ "sec-fetch-site": "cross-site" }],
    [{ "sec-fetch-site": "same-site" }],
    [{ referer: "http://elsewhere/page" }],
    [{ host: "a b" }],
  ])("refuses forged requests: %j", async (headers) => {
    expect((await send("POST", "login.rjson", who, headers)).statusCode).toBe(401);
  });

  it.each([[{ origin: "http://localhost" }], [{ "sec-fetch-site": "same-origin" }], [{ "sec-fetch-site": "none" }]])(
    "takes requests of its own pages: %j",
    async (headers) => {
      expect((await send("POST", "login.rjson", who, headers)).statusCode).toBe(200);
    },
  );

  it.each([
    ["login.rjson", { ...who, password: "wrong" }, who, 401],
    ["tokens.rjson", { ...wanted, password: "wrong" }, wanted, 400],
  ])("%s slows guesses and says when to come back", async (path, wrong, right, status) => {
    let refused = await send("POST", path, wrong);
    for (let tries = 0; tries < 50 && refused.headers["retry-after"] === undefined; tries++) {
      refused = await send("POST", path, wrong);
    }
    expect(refused.statusCode).toBe(status);
    expect(refused.json()).toEqual(failed(status));
    expect((await send("POST", path, right)).statusCode).toBe(status);
    fixture.world.harness.clock.advance(Number(refused.headers["retry-after"]) * 1_000);
    expect((await send("POST", path, right)).statusCode).toBe(200);
  });
});

describe("a session and its logout", () => {
  it("is good over a restart, and until it is ended", async () => {
    const cookie = await signIn({ ...who, rememberme: true });
    await fixture.changeRows();
    expect((await manager({ cookie })).statusCode).toBe(200);
    const [session = "", remembered = ""] = cookie.split("; ");
    const response = await send("POST", "logout.rjson", undefined, { cookie });
    expect(response.json()).toEqual({ succeed: true });
    expect(response.cookies).toMatchObject([
      { name: "JSESSIONID", value: "", maxAge: 0 },
      { name: "rememberMe", value: "", maxAge: 0 },
    ]);
    for (const each of [session, remembered]) expect((await manager({ cookie: each })).statusCode).toBe(401);
    expect(await fixture.world.harness.auditCount("iam:session:delete")).toBe(2);
  });

  it("ends by GET too, but not because of another site's page", async () => {
    const cookie = await signIn();
    expect((await send("GET", "logout", undefined, { cookie, "sec-fetch-site": "cross-site" })).statusCode).toBe(401);
    expect((await manager({ cookie })).statusCode).toBe(200);
    expect((await send("GET", "logout.json", undefined, { cookie })).json()).toEqual({ succeed: true });
    expect((await manager({ cookie })).statusCode).toBe(401);
  });

  it("lets pages of other origins read nothing changed and change nothing", async () => {
    const cookie = await signIn();
    const post = (headers: Headers) => manager({ cookie, ...headers }, { method: "POST" });
    expect((await post({ origin: "http://elsewhere" })).statusCode).toBe(401);
    expect((await post({ referer: "http://elsewhere/" })).statusCode).toBe(401);
    expect((await post({ "sec-fetch-site": "cross-site" })).statusCode).toBe(401);
    expect((await post({ origin: "http://localhost:80" })).statusCode).toBe(200);
    expect((await post({})).statusCode).toBe(200);
  });

  it("is good only under the name of the server that it was begun under", async () => {
    const cookie = await signIn(who, { host: "iserver.example:8090" });
    expect((await manager({ cookie, host: "iserver.example" })).statusCode).toBe(200);
    expect((await manager({ cookie, host: "127.0.0.1" })).statusCode).toBe(401);
  });

  it("stops counting when its user is disabled", async () => {
    const cookie = await signIn();
    await fixture.disableUser();
    expect((await manager({ cookie })).json()).toEqual(failed(401));
  });
});

it.each([
  [{}],
  [{ token: "wrong" }],
  [{ cookie: "JSESSIONID=wrong" }],
  [{ authorization: "Basic ???" }],
  [{ authorization: `Basic ${Buffer.from(`${USER_NAME}:wrong`).toString("base64")}` }],
])("%j is nobody", async (headers) => {
  const response = await manager(headers);
  expect(response.statusCode).toBe(401);
  expect(response.json()).toEqual(failed(401));
});

it("takes a user's name and password by Basic", async () => {
  const authorization = `Basic ${Buffer.from(`${USER_NAME}:${PASSWORD}`).toString("base64")}`;
  expect((await manager({ authorization })).json()).toEqual({
    uid: fixture.world.uid,
    scope: "tenant",
    kind: "password",
  });
});

it("has a documented status for every code of the platform", () => {
  for (const code of Object.keys(platformStatuses)) {
    // The keys of the table are the codes.
    const { status, body } = iserverFailureOf(new PlatformError(code as keyof typeof platformStatuses));
    expect([400, 401, 404, 500, 503], code).toContain(status);
    expect(body.error.code).toBe(status);
  }
});

it("never writes a secret to the log", async () => {
  await send("POST", "login.rjson", `{"password":"${PASSWORD}"`);
  expect(logged.join("\n")).not.toMatch(/canary/);
});
