import type { TokenKind } from "@concordat/platform";
import type { Bootstrap } from "./server.ts";
import type { WireAnswer, WireCall } from "./wire.ts";

/** What somebody signs in with, at one door or another. */
export interface SignInParts {
  readonly userName: string;
  readonly password: string;
  readonly tenantName: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface SignIn {
  readonly kind: TokenKind;
  readonly call: WireCall;
  /** The session's or token's text, as it is shown later; empty when the answer has none. */
  tokenOf(answer: WireAnswer): string;
}

export function administratorParts({ huawei, bif, oracle }: Bootstrap): SignInParts {
  const { userName, password, domainName: tenantName } = huawei;
  const { apiKey, apiSecret } = bif;
  const { clientId, clientSecret } = oracle;
  return { userName, password, tenantName, apiKey, apiSecret, clientId, clientSecret };
}

/** The sign-in of every API of the server. */
export function signInsOf(who: SignInParts): readonly SignIn[] {
  const { userName, password, tenantName, apiKey, apiSecret, clientId, clientSecret } = who;
  const user = { name: userName, password, domain: { name: tenantName } };
  const scope = { domain: { name: tenantName } };
  const oauthPassword = { grant_type: "password", username: userName, password };
  const client = { client_id: clientId, client_secret: clientSecret };
  return [
    {
      kind: "console",
      call: post("/api/v1/sessions", { userName, password, tenantName }),
      tokenOf: (answer) => cookieIn(answer, "concordat-session-[0-9a-f]{16}"),
    },
    {
      kind: "iam",
      call: post("/v3/auth/tokens", { auth: { identity: { methods: ["password"], password: { user } }, scope } }),
      tokenOf: ({ headers }) => String(headers["x-subject-token"] ?? ""),
    },
    {
      kind: "bif",
      call: post("/auth/getAccessToken", { api_key: apiKey, api_secret: apiSecret }),
      tokenOf: ({ body }) => textOf(Object(body["data"]).accessToken),
    },
    {
      kind: "oauth",
      call: form("/oauth2/v1/token", { grant_type: "client_credentials", ...client }),
      tokenOf: ({ body }) => textOf(body["access_token"]),
    },
    {
      kind: "oauth",
      call: form("/oauth2/v1/token", { ...oauthPassword, ...client }),
      tokenOf: ({ body }) => textOf(body["access_token"]),
    },
    {
      kind: "iserver-session",
      call: post("/iserver/services/security/login.rjson", { username: userName, password }),
      tokenOf: (answer) => cookieIn(answer, "JSESSIONID"),
    },
    {
      kind: "iserver-token",
      call: post("/iserver/services/security/tokens.rjson", {
        ...{ userName, password, clientType: "NONE", expiration: 60 },
      }),
      tokenOf: ({ status, text }) => (status < 300 ? text.replaceAll('"', "") : ""),
    },
  ];
}

function post(path: string, body: object): WireCall {
  return { method: "POST", path, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function form(path: string, fields: Readonly<Record<string, string>>): WireCall {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", path, headers, body: new URLSearchParams(fields).toString() };
}

function cookieIn({ headers }: WireAnswer, name: string): string {
  const lines = (headers["set-cookie"] ?? []).join("\n");
  return new RegExp(`^${name}=([^;]+)`, "m").exec(lines)?.[1] ?? "";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
