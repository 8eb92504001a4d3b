import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { beforeAll, expect, test } from "vitest";
import { newInstallation, type RunningServer, startServer } from "../support/server.ts";

let server: RunningServer;

beforeAll(async () => {
  server = await startServer(await newInstallation("sign-in"));
});

const post = (url: string, body: object | URLSearchParams, headers: Readonly<Record<string, string>> = {}) =>
  fetch(url, {
    method: "POST",
    headers: { ...(body instanceof URLSearchParams ? {} : { "content-type": "application/json" }), ...headers },
    body: body instanceof URLSearchParams ? body : JSON.stringify(body),
  });
/** The members that a test names are there, or its expectations fail. */
const json = async <Body>(response: Response): Promise<Body> => (await response.json()) as Body;
const basic = (id: string, secret: string) => ({ authorization: `Basic ${btoa(`${id}:${secret}`)}` });

/** One token of every kind that the endpoints here give, by what the first run handed out. */
async function signInEverywhere(): Promise<{ readonly bif: string; readonly oauth: string; readonly iserver: string }> {
  const { bif, oracle, supermap, url } = server.bootstrap;
  const credentials = { api_key: bif.apiKey, api_secret: bif.apiSecret };
  const given = await post(`${bif.endpoint}/auth/getAccessToken`, credentials);
  const { data } = await json<{ data: { accessToken: string } }>(given);
  expect(decodeJwt(data.accessToken)).toMatchObject({ apiKey: bif.apiKey, iss: "BIF-CHAIN", bid: bif.backboneBid });

  const grant = new URLSearchParams({ grant_type: "client_credentials" });
  const client = basic(oracle.clientId, oracle.clientSecret);
  const oauth = await json<{ access_token: string }>(await post(oracle.tokenEndpoint, grant, client));
  const byPassword = new URLSearchParams({
    grant_type: "password",
    username: supermap.userName,
    password: supermap.password,
  });
  const ofUser = await json<{ access_token: string }>(await post(oracle.tokenEndpoint, byPassword, client));
  expect(decodeJwt(ofUser.access_token)).toMatchObject({ sub: supermap.userName, sub_type: "user" });

  const who = { username: supermap.userName, password: supermap.password };
  const login = await post(`${supermap.endpoint}/services/security/login.rjson`, who, { origin: url });
  expect(await login.json()).toMatchObject({ succeed: true });
  expect(login.headers.getSetCookie()).toEqual([expect.stringMatching(/^JSESSIONID=.*; HttpOnly; SameSite=Strict$/)]);
  const wanted = { userName: who.username, password: who.password, clientType: "RequestIP", expiration: 10 };
  const token = await (await post(`${supermap.endpoint}/services/security/tokens.rjson`, wanted)).text();
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  return { bif: data.accessToken, oauth: oauth.access_token, iserver: token };
}

async function sessionKinds(): Promise<readonly string[]> {
  const { accessKeyId, accessKeySecret } = server.bootstrap.aliyun;
  const response = await fetch(`${server.bootstrap.url}/api/v1/sessions`, {
    headers: basic(accessKeyId, accessKeySecret),
  });
  const { sessions } = await json<{ sessions: readonly { kind: string }[] }>(response);
  return sessions.map(({ kind }) => kind).sort();
}

test("every token of before is on record and verifies after the process was killed", async () => {
  const { oauth } = await signInEverywhere();
  const kinds = await sessionKinds();
  expect(kinds).toEqual(["bif", "iserver-session", "iserver-token", "oauth", "oauth"]);
  await server.kill();
  server = await startServer(server);
  expect(await sessionKinds()).toEqual(kinds);
  const keys = createRemoteJWKSet(new URL(`${server.bootstrap.url}/admin/v1/SigningCert/jwk`));
  const { payload } = await jwtVerify(oauth, keys, { algorithms: ["RS256"] });
  expect(payload["client_id"]).toBe(server.bootstrap.oracle.clientId);
});

test("refusals say nothing of the secrets that they were asked with, nor does the process", async () => {
  const { bif, oracle, supermap } = server.bootstrap;
  const answers = await Promise.all([
    post(`${bif.endpoint}/auth/getAccessToken`, { api_key: bif.apiKey, api_secret: "canary-1" }),
    post(oracle.tokenEndpoint, new URLSearchParams({ grant_type: "password" }), basic(oracle.clientId, "canary-2")),
    post(`${supermap.endpoint}/services/security/login.json`, { username: "nobody", password: "canary-3" }),
    post(`${supermap.endpoint}/services/security/tokens.xml`, { userName: "nobody", password: "canary-4" }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 401, 400]);
  const bodies = await Promise.all(answers.map((answer) => answer.text()));
  expect([...bodies, server.output()].join("\n")).not.toContain("canary");
});
