import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Authenticator, createHttpServer, type FastifyInstance } from "@concordat/api-kit";
import { systemRandom } from "@concordat/base";
import type { Caller, TokenKind } from "@concordat/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bifAuthenticator, bifDialect } from "../bif/index.ts";
import { oauthAuthenticator, oracleStablecoinDialect } from "../oracle-stablecoin/index.ts";
import { iserverSessionAuthenticator, iserverTokenAuthenticator, supermapDialect } from "../supermap/index.ts";
import {
  API_KEY,
  API_SECRET,
  CLIENT_ID,
  CLIENT_SECRET,
  createSignInWorld,
  PASSWORD,
  type SignInWorld,
  USER_NAME,
} from "../testing/sign-in-world.ts";
import { createCallOrigins } from "./call-origin.ts";

const kinds: readonly TokenKind[] = ["iam", "bif", "oauth", "iserver-session", "iserver-token", "console"];
const logger = { info() {}, warn() {}, error() {} };

let world: SignInWorld;
let server: FastifyInstance;
const texts = new Map<TokenKind, string>();
const authenticators = new Map<string, Authenticator<Caller>>();

/** How a client shows a token to each authenticator, and the one kind that it is for. */
const doors: readonly {
  readonly name: string;
  readonly takes: TokenKind;
  readonly show: (text: string) => { headers?: Readonly<Record<string, string>>; payload?: object };
}[] = [
  { name: "accessToken of BIF", takes: "bif", show: (accessToken) => ({ payload: { accessToken } }) },
  { name: "OAuth bearer", takes: "oauth", show: (text) => ({ headers: { authorization: `Bearer ${text}` } }) },
  { name: "iServer token", takes: "iserver-token", show: (token) => ({ headers: { token } }) },
  {
    name: "iServer session",
    takes: "iserver-session",
    show: (text) => ({ headers: { cookie: `JSESSIONID=${text}` } }),
  },
  {
    name: "iServer remembered",
    takes: "iserver-session",
    show: (text) => ({ headers: { cookie: `rememberMe=${text}` } }),
  },
];

beforeAll(async () => {
  world = await createSignInWorld();
  const { platform, clock } = world.harness;
  const options = { platform, clock, random: systemRandom, logger };
  const dependencies = { platform, originOf: createCallOrigins(systemRandom) };
  authenticators.set("accessToken of BIF", bifAuthenticator(dependencies));
  authenticators.set("OAuth bearer", oauthAuthenticator(dependencies));
  authenticators.set("iServer token", iserverTokenAuthenticator(dependencies));
  authenticators.set("iServer session", iserverSessionAuthenticator(dependencies));
  authenticators.set("iServer remembered", iserverSessionAuthenticator(dependencies));
  server = createHttpServer();
  for (const dialect of [bifDialect(options), oracleStablecoinDialect(options), supermapDialect(options)]) {
    server.register(dialect);
  }
  server.post("/door/:name", async (request) => {
    const { name } = Object(request.params) as { readonly name: string };
    // No operation of these schemes looks at its row.
    const caller = await authenticators.get(name)?.authenticate(request, undefined as never);
    return { uid: caller?.principal.uid };
  });
  for (const kind of kinds) texts.set(kind, await issue(kind));
});
afterAll(async () => {
  await server.close();
  await world.harness.dispose();
});

/** From the dialect's own endpoint where there is one here. */
async function issue(kind: TokenKind): Promise<string> {
  const post = (url: string, payload: object | string, headers = {}) =>
    server.inject({ method: "POST", url, payload, headers });
  switch (kind) {
    case "bif":
      return (await post("/auth/getAccessToken", { api_key: API_KEY, api_secret: API_SECRET })).json().data.accessToken;
    case "oauth": {
      const form = `grant_type=client_credentials&client_id=${CLIENT_ID}&client_secret=${CLIENT_SECRET}`;
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      return (await post("/oauth2/v1/token", form, headers)).json().access_token;
    }
    case "iserver-session": {
      const response = await post("/iserver/services/security/login", { username: USER_NAME, password: PASSWORD });
      return response.cookies[0]?.value ?? "";
    }
    case "iserver-token": {
      const wanted = { userName: USER_NAME, password: PASSWORD, clientType: "NONE", expiration: 1 };
      return (await post("/iserver/services/security/tokens", wanted)).body;
    }
    default: {
      const { platform } = world.harness;
      const principal = platform.provisioning.directory.principal(world.uid);
      if (principal === undefined) throw new Error("The user is not there.");
      const scope = { kind: "unscoped" } as const;
      return (await platform.tokens.issue({ kind, principal, scope, lifetimeMs: 60_000 })).text;
    }
  }
}

it("leaves no token and no secret in clear on the disk", async () => {
  const { directory, platform } = world.harness;
  const bidKey = await platform.provisioning.bids.identity(world.uid);
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const contents = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name))),
  );
  expect(contents.length).toBeGreaterThan(0);
  const secrets = [...texts.values(), API_SECRET, CLIENT_SECRET, PASSWORD, bidKey.privateKey];
  for (const secret of secrets) {
    expect(
      contents.some((content) => content.includes(secret)),
      secret,
    ).toBe(false);
  }
  expect(contents.some((content) => content.includes(bidKey.bid))).toBe(true);
});

it.each([
  ["bif", ["getAccessToken"]],
  ["oracle-stablecoin", ["createToken", "listSigningKeys"]],
  ["supermap", ["createToken", "getTokenForm", "getlogout", "login", "postlogout"]],
])("the OpenAPI document of %s has its operations", async (dialect, names) => {
  const { paths } = (await server.inject(`/openapi/${dialect}.json`)).json();
  const found = Object.values<Record<string, { operationId: string }>>(paths).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  );
  expect(found.sort()).toEqual(names);
});

describe.each(doors)("$name", ({ name, takes, show }) => {
  it.each(kinds)(`a token of the kind %s opens it only if that is ${takes}`, async (kind) => {
    const url = `/door/${encodeURIComponent(name)}`;
    const response = await server.inject({ method: "POST", url, payload: {}, ...show(texts.get(kind) ?? "") });
    if (kind === takes) expect(response.json()).toEqual({ uid: world.uid });
    else expect(response.json()).not.toHaveProperty("uid");
    expect(response.statusCode === 200).toBe(kind === takes);
  });
});

describe.each(kinds)("the platform asked for the kind %s", (asked) => {
  it.each(kinds)("takes a token of the kind %s only if it is the same", async (kind) => {
    const { authentication } = world.harness.platform;
    const found = authentication.byToken(asked, texts.get(kind) ?? "", { sourceAddress: undefined, requestId: "" });
    if (kind === asked) expect((await found).caller.principal.uid).toBe(world.uid);
    else await expect(found).rejects.toMatchObject({ code: "CREDENTIALS_WRONG" });
  });
});
