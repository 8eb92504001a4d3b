import { acs3Call } from "./acs3.ts";
import { encodeParameters, signedParameters } from "./aliyun.ts";
import type { MisplacedSecret } from "./misplaced-secrets.ts";
import { sdkHmacCall } from "./sdk-hmac.ts";
import type { Bootstrap } from "./server.ts";
import { administratorParts, signInsOf } from "./sign-ins.ts";
import { loopbackAddress, type WireCall } from "./wire.ts";

/** The server answers and cuts the connection while more is coming in: what it answered may be lost on the way. */
export const CUT_OFF = "headers past the limit";

type Canary = (what: string) => string;
type Shot = (what: string, build: (secret: string) => WireCall) => MisplacedSecret;

/** Wrong secrets at every door of the server, and secrets in places that the vendors' APIs have no use for. */
export function wrongDoors(bootstrap: Bootstrap, canary: Canary): readonly MisplacedSecret[] {
  let shots = 0;
  const shot: Shot = (what, build) => {
    shots += 1;
    return { what, call: { from: loopbackAddress(shots), ...build(canary(what)) } };
  };
  return [...wrongSignIns(bootstrap, shot), ...wrongSignatures(bootstrap, shot), ...oddRequests(bootstrap, shot)];
}

function wrongSignIns(bootstrap: Bootstrap, shot: Shot): readonly MisplacedSecret[] {
  const right = administratorParts(bootstrap);
  const doors = signInsOf(right).map(({ kind }, index) => ({ kind, index }));
  const secrets = ["password", "apiSecret", "clientSecret"] as const;
  const names = ["userName", "apiKey", "clientId", "tenantName"] as const;
  const callOf = (index: number, changes: object): WireCall => {
    const call = signInsOf({ ...right, ...changes })[index]?.call;
    if (call === undefined) throw new Error("There is no such door.");
    return call;
  };
  return doors.flatMap(({ kind, index }) => [
    shot(`${kind} ${index}: every secret wrong`, (secret) =>
      callOf(index, Object.fromEntries(secrets.map((name) => [name, secret]))),
    ),
    shot(`${kind} ${index}: a secret in place of every name`, (secret) =>
      callOf(index, Object.fromEntries(names.map((name) => [name, secret]))),
    ),
    shot(`${kind} ${index}: far too long`, (secret) =>
      callOf(index, Object.fromEntries(secrets.map((name) => [name, secret.repeat(100)]))),
    ),
    shot(`${kind} ${index}: broken body`, (secret) => ({ ...callOf(index, {}), body: `{"password": "${secret}` })),
    shot(`${kind} ${index}: in the query of GET`, (secret) => ({
      method: "GET",
      path: `${callOf(index, {}).path}?password=${secret}&token=${secret}`,
    })),
    shot(`${kind} ${index}: in an unknown header and a cookie`, (secret) => ({
      ...callOf(index, { password: "wrong", apiSecret: "wrong", clientSecret: "wrong" }),
      headers: {
        ...callOf(index, {}).headers,
        "x-secret": secret,
        cookie: `JSESSIONID=${secret}; rememberMe=${secret}`,
      },
    })),
  ]);
}

function wrongSignatures({ url, aliyun }: Bootstrap, shot: Shot): readonly MisplacedSecret[] {
  const { host } = new URL(url);
  const { accessKeyId } = aliyun;
  const rpc = (secret: string, parameters: Readonly<Record<string, string>> = {}): WireCall => {
    const key = { accessKeyId, accessKeySecret: secret };
    return { method: "GET", path: `/?${encodeParameters(signedParameters("ListProofChain", parameters, key, "GET"))}` };
  };
  return [
    shot("LTL: wrong secret", (secret) => rpc(secret)),
    shot("LTL: as access key id", (secret) => ({
      ...rpc("x"),
      path: rpc("x").path.replace(accessKeyId, secret),
    })),
    shot("LTL: parameter of a wrongly signed call", (secret) => rpc("x", { Password: secret })),
    shot("LTL: wrong signature", (secret) => ({ ...rpc("x"), path: `${rpc("x").path}${secret}` })),
    shot("ACS3: wrong secret", (secret) =>
      acs3Call(host, "POST", "/api/v1/projects", { name: "never" }, { accessKeyId, accessKeySecret: secret }),
    ),
    shot("ACS3: as credential", (secret) =>
      acs3Call(host, "POST", "/api/v1/projects", { name: "never" }, { accessKeyId: secret, accessKeySecret: "x" }),
    ),
    shot("SDK-HMAC: wrong secret", (secret) =>
      sdkHmacCall(host, "GET", "/v3/projects", { accessKeyId, secretAccessKey: secret }),
    ),
    shot("SDK-HMAC: query of a wrongly signed call", (secret) =>
      sdkHmacCall(host, "GET", `/v3/projects?password=${secret}`, { accessKeyId, secretAccessKey: "x" }),
    ),
    shot("SDK-HMAC: in place of a signature", (secret) => ({
      method: "GET",
      path: "/v3/projects",
      headers: {
        host,
        "x-sdk-date": "20260101T000000Z",
        authorization: `SDK-HMAC-SHA256 Access=${accessKeyId}, SignedHeaders=host, Signature=${secret}`,
      },
    })),
    shot("IAM: wrong access key secret", (secret) => ({
      method: "POST",
      path: "/v3/auth/tokens",
      body: JSON.stringify({
        auth: {
          identity: {
            methods: ["hw_ak_sk"],
            hw_ak_sk: { access: { key: accessKeyId }, secret: { key: secret } },
          },
        },
      }),
    })),
    shot("IAM: wrong X-Auth-Token", (secret) => ({
      method: "GET",
      path: "/v3/auth/projects",
      headers: { "x-auth-token": secret },
    })),
    shot("IAM: unknown X-Subject-Token", (secret) => ({
      method: "GET",
      path: "/v3/auth/tokens",
      headers: { "x-auth-token": "x", "x-subject-token": secret },
    })),
  ];
}

function oddRequests({ bif }: Bootstrap, shot: Shot): readonly MisplacedSecret[] {
  const get = (path: string, headers: Readonly<Record<string, string>> = {}): WireCall => ({
    method: "GET",
    path,
    headers,
  });
  return [
    shot("no such place", (secret) => get(`/${secret}`)),
    shot("no such document", (secret) => get(`/openapi/${secret}.json`)),
    shot("no such IAM operation", (secret) => get(`/v3/${secret}?token=${secret}`)),
    shot("no such iServer resource", (secret) => get(`/iserver/services/${secret}.json?token=${secret}`)),
    shot(CUT_OFF, (secret) => get("/api/v1/users", { "x-long": secret.repeat(6_000) })),
    shot("method that nobody knows", (secret) => ({ method: "PATCH", path: `/auth/getAccessToken?secret=${secret}` })),
    shot("BIF: token in place of a secret", (secret) => ({
      method: "POST",
      path: "/auth/getAccessToken",
      body: JSON.stringify({ accessToken: secret, params: { api_key: bif.apiKey, api_secret: secret } }),
    })),
    shot("OAuth: wrong Basic", (secret) => ({
      method: "POST",
      path: "/oauth2/v1/token",
      headers: {
        authorization: `Basic ${Buffer.from(`someone:${secret}`).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials",
    })),
    shot("OAuth: as grant type and scope", (secret) => ({
      method: "POST",
      path: "/oauth2/v1/token",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: `grant_type=${secret}&scope=${secret}&refresh_token=${secret}`,
    })),
    ...["json", "xml", "html"].map((format) =>
      shot(`iServer: wrong password as ${format}`, (secret) => ({
        method: "POST",
        path: `/iserver/services/security/tokens.${format}`,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ userName: "nobody", password: secret, clientType: "NONE", expiration: 5 }),
      })),
    ),
    shot("iServer: broken XML", (secret) => ({
      method: "POST",
      path: "/iserver/services/security/tokens.xml",
      headers: { "content-type": "application/xml" },
      body: `<TokenParameter><password>${secret}</passw`,
    })),
  ];
}
