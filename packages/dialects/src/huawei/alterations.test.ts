import { hash } from "node:crypto";
import type { AccessKey } from "@concordat/platform";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatSdkDate, SDK_DATE_WINDOW_MS } from "./signing/sdk-date.ts";
import { type Answer, type Call, createIamWorld, type IamWorld } from "./testing/iam-world.ts";
import { sendRaw } from "./testing/raw-http.ts";
import type { SignedByNode } from "./testing/sign-by-node.ts";

/**
 * One good request, altered in one way at a time. The good one is sent again after each: it must still pass, and by passing it keeps
 * the altered ones from being slowed as guesses.
 */
let world: IamWorld;
let disabledKey: AccessKey;

beforeAll(async () => {
  world = await createIamWorld();
  disabledKey = world.robot.accessKey;
  const { accessKeyId } = disabledKey;
  await world.harness.platform.credentials.accessKeys.setActive(world.account.caller, { accessKeyId, active: false });
});
afterAll(() => world.dispose());

/** A list with filters and the `{}` that the Node client sends along. */
function call(): Call {
  const { projectId } = world.project;
  return {
    method: "GET",
    path: "/v3/projects",
    query: { enabled: "true", name: world.project.name },
    headers: { "X-Project-Id": projectId },
  };
}

const good = () => world.sign(call());

/** The same request with one header line changed, or dropped for undefined. */
function header(request: SignedByNode, name: string, change: (value: string) => string | undefined): SignedByNode {
  const headers = request.headers.flatMap(([line, value]): (readonly [string, string])[] => {
    if (line.toLowerCase() !== name) return [[line, value]];
    const changed = change(value);
    return changed === undefined ? [] : [[line, changed]];
  });
  return { ...request, headers };
}

const added = (request: SignedByNode, ...lines: readonly (readonly [string, string])[]): SignedByNode => ({
  ...request,
  headers: [...request.headers, ...lines],
});
const authorization = (request: SignedByNode, change: (value: string) => string) =>
  header(request, "authorization", change);
const signature = (request: SignedByNode, change: (hex: string) => string) =>
  authorization(request, (value) => value.replace(/[0-9a-f]{64}$/, change));
const target = (request: SignedByNode, from: string, to: string): SignedByNode => ({
  ...request,
  target: request.target.replace(from, to),
});
const signedWith = (headers: Readonly<Record<string, string>>) =>
  world.sign({ ...call(), headers: { ...call().headers, ...headers } });
const signedAt = (offsetMs: number) =>
  signedWith({ "X-Sdk-Date": formatSdkDate(world.harness.clock.nowMs() + offsetMs) });
const keyId = () => world.account.accessKey.accessKeyId;

const DIFFERS = "verify aksk signature fail, canonicalRequest:GET|/v3/projects/|";
const UNREADABLE = "calc aksk signature fail:";
const NO_CREDENTIAL = "x-auth-token not found";

interface Alteration {
  readonly name: string;
  readonly request: () => SignedByNode;
  /** How the message goes on after the gateway's opening words. */
  readonly tail: string | (() => string);
}

const alterations: readonly Alteration[] = [
  {
    name: "another method",
    request: () => ({ ...good(), method: "POST" }),
    tail: "verify aksk signature fail, canonicalRequest:POST|/v3/projects/|",
  },
  {
    name: "another path",
    request: () => target(good(), "/v3/projects", "/v3/auth/projects"),
    tail: "verify aksk signature fail, canonicalRequest:GET|/v3/auth/projects/|",
  },
  { name: "a query part added", request: () => target(good(), "?", "?domain_id=1&"), tail: `${DIFFERS}domain_id=1&` },
  { name: "a query part removed", request: () => target(good(), "enabled=true&", ""), tail: `${DIFFERS}name=` },
  {
    name: "the query removed",
    request: () => target(good(), /\?.*/.exec(good().target)?.[0] ?? "", ""),
    tail: DIFFERS,
  },
  { name: "a query value changed", request: () => target(good(), "true", "false"), tail: DIFFERS },
  { name: "a query value emptied", request: () => target(good(), "=true", "="), tail: DIFFERS },
  { name: "a query name changed", request: () => target(good(), "enabled", "Enabled"), tail: DIFFERS },
  { name: "a query value escaped twice", request: () => target(good(), "true", "%2574rue"), tail: DIFFERS },
  { name: "a query part given twice", request: () => target(good(), "?", "?enabled=true&"), tail: DIFFERS },
  { name: "X-Project-Id changed", request: () => header(good(), "x-project-id", () => "0".repeat(32)), tail: DIFFERS },
  {
    name: "X-Project-Id removed",
    request: () => header(good(), "x-project-id", () => undefined),
    tail: `${UNREADABLE}the header x-project-id is missing`,
  },
  {
    name: "X-Project-Id given twice",
    request: () => added(good(), ["X-Project-Id", world.project.projectId]),
    tail: `${UNREADABLE}the header x-project-id is there more than once`,
  },
  {
    name: "the host given twice",
    request: () => added(good(), ["Host", "iam.example.test"]),
    tail: `${UNREADABLE}the header host is there more than once`,
  },
  { name: "another host", request: () => header(good(), "host", () => "iam.example.test"), tail: DIFFERS },
  { name: "another port", request: () => header(good(), "host", (host) => host.replace(/\d$/, "x")), tail: DIFFERS },
  { name: "no port", request: () => header(good(), "host", (host) => host.replace(/:.*/, "")), tail: DIFFERS },
  { name: "another content type", request: () => header(good(), "content-type", () => "text/plain"), tail: DIFFERS },
  {
    name: "the content type removed",
    request: () => header(good(), "content-type", () => undefined),
    tail: `${UNREADABLE}the header content-type is missing`,
  },
  {
    name: "X-Domain-Id added",
    request: () => added(good(), ["X-Domain-Id", world.tenant.tenantId]),
    tail: `${UNREADABLE}the header x-domain-id is not signed`,
  },
  {
    name: "X-Security-Token added",
    request: () => added(good(), ["X-Security-Token", "token"]),
    tail: `${UNREADABLE}the header x-security-token is not signed`,
  },
  {
    name: "a header added to the signed ones",
    request: () =>
      authorization(added(good(), ["User-Agent", "agent"]), (value) => value.replace("host;", "host;user-agent;")),
    tail: DIFFERS,
  },
  {
    name: "a header dropped from the signed ones",
    request: () => authorization(good(), (value) => value.replace("content-type;", "")),
    tail: DIFFERS,
  },
  {
    name: "the host dropped from the signed headers",
    request: () => authorization(good(), (value) => value.replace("host;", "")),
    tail: `${UNREADABLE}the header host is not signed`,
  },
  {
    name: "X-Project-Id dropped from the signed headers",
    request: () => authorization(good(), (value) => value.replace("x-project-id;", "")),
    tail: `${UNREADABLE}the header x-project-id is not signed`,
  },
  {
    name: "the signed headers in another order",
    request: () => authorization(good(), (value) => value.replace("content-type;host", "host;content-type")),
    tail: `${UNREADABLE}the signed headers must be in ascending order, each once`,
  },
  { name: "another body", request: () => ({ ...good(), body: "[]" }), tail: DIFFERS },
  { name: "a longer body", request: () => ({ ...good(), body: "{} " }), tail: DIFFERS },
  { name: "the body removed", request: () => ({ ...good(), body: "" }), tail: DIFFERS },
  {
    name: "the body's digest added, unsigned",
    request: () => added(good(), ["X-Sdk-Content-Sha256", hash("sha256", "{}", "hex")]),
    tail: `${UNREADABLE}the header x-sdk-content-sha256 is not signed`,
  },
  {
    name: "another body's digest, signed",
    request: () => signedWith({ "X-Sdk-Content-Sha256": hash("sha256", "[]", "hex") }),
    tail: `${UNREADABLE}x-sdk-content-sha256 is not the digest of the body`,
  },
  {
    name: "a body left out of the signature",
    request: () => signedWith({ "X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD" }),
    tail: `${UNREADABLE}the signature must cover the body of this operation`,
  },
  {
    name: "a date 16 minutes ahead, signed",
    request: () => signedAt(SDK_DATE_WINDOW_MS + 60_000),
    tail: () => expired(SDK_DATE_WINDOW_MS + 60_000),
  },
  {
    name: "a date 16 minutes back, signed",
    request: () => signedAt(-SDK_DATE_WINDOW_MS - 60_000),
    tail: () => expired(-SDK_DATE_WINDOW_MS - 60_000),
  },
  {
    name: "a date one second later",
    request: () => header(good(), "x-sdk-date", () => formatSdkDate(world.harness.clock.nowMs() + 1_000)),
    tail: DIFFERS,
  },
  {
    name: "a malformed date",
    request: () => header(good(), "x-sdk-date", () => new Date(world.harness.clock.nowMs()).toISOString()),
    tail: `${UNREADABLE}x-sdk-date must be of the form YYYYMMDDTHHMMSSZ`,
  },
  {
    name: "the date removed",
    request: () => header(good(), "x-sdk-date", () => undefined),
    tail: `${UNREADABLE}the header x-sdk-date is missing`,
  },
  {
    name: "an unknown access key",
    request: () => authorization(good(), (value) => value.replace(keyId(), "LTAIunknown")),
    tail: "ak LTAIunknown not exist",
  },
  {
    name: "a disabled access key",
    request: () => world.sign(call(), disabledKey),
    tail: () => `Get secretKey failed,ak:${disabledKey.accessKeyId},err:ak not exist`,
  },
  {
    name: "another caller's access key",
    request: () => authorization(good(), (value) => value.replace(keyId(), world.stranger.accessKey.accessKeyId)),
    tail: DIFFERS,
  },
  { name: "a truncated signature", request: () => signature(good(), (hex) => hex.slice(0, -2)), tail: DIFFERS },
  { name: "a longer signature", request: () => signature(good(), (hex) => `${hex}00`), tail: DIFFERS },
  { name: "an upper-case signature", request: () => signature(good(), (hex) => hex.toUpperCase()), tail: DIFFERS },
  {
    name: "one bit of the signature",
    request: () =>
      signature(good(), (hex) => `${(Number.parseInt(hex.charAt(0), 16) ^ 1).toString(16)}${hex.slice(1)}`),
    tail: DIFFERS,
  },
  {
    name: "no signature",
    request: () => signature(good(), () => ""),
    tail: `${UNREADABLE}the authorization header is malformed`,
  },
  {
    name: "the other algorithm's name",
    request: () => authorization(good(), (value) => value.replace("SHA256", "SM3")),
    tail: DIFFERS,
  },
  {
    name: "an unknown algorithm's name",
    request: () => authorization(good(), (value) => value.replace("SHA256", "SHA1")),
    tail: `${UNREADABLE}the algorithm SDK-HMAC-SHA1 is not supported`,
  },
  {
    name: "the algorithm's name in lower case",
    request: () => authorization(good(), (value) => value.replace("SDK-HMAC-SHA256", "sdk-hmac-sha256")),
    tail: NO_CREDENTIAL,
  },
  {
    name: "Authorization given twice",
    request: () => added(good(), ...good().headers.filter(([name]) => name === "Authorization")),
    tail: `${UNREADABLE}the header authorization is there more than once`,
  },
  {
    name: "Authorization removed",
    request: () => header(good(), "authorization", () => undefined),
    tail: NO_CREDENTIAL,
  },
];

function expired(offsetMs: number): string {
  const nowMs = world.harness.clock.nowMs();
  const times = `signature time:${formatSdkDate(nowMs + offsetMs)},server time:${formatSdkDate(nowMs)}`;
  return `calc aksk signature fail:signature expired, ${times}`;
}

function expectGatewayRefusal(answer: Answer, tail: string): void {
  const { error_msg: message, error_code: code, request_id: requestId, ...rest } = answer.body;
  expect({ status: answer.status, code, rest }).toEqual({ status: 401, code: "APIGW.0301", rest: {} });
  expect(String(message).startsWith(`Incorrect IAM authentication information: ${tail}`), String(message)).toBe(true);
  expect(requestId).toMatch(/^[0-9a-f]{32}$/);
  expect(answer.headers.get("x-request-id")).toBe(requestId);
}

it("has at least the thirty alterations that were promised, each once", () => {
  expect(new Set(alterations.map(({ name }) => name)).size).toBe(alterations.length);
  expect(alterations.length).toBeGreaterThanOrEqual(30);
});

it("is answered with a refusal, never with a fault, however it is altered", async () => {
  const character = fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f);
  const place = fc.nat({ max: 10_000 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("target", "header", "body"), place, place, character, async (part, a, b, code) => {
      const request = good();
      const put = (text: string) => {
        const at = b % (text.length + 1);
        return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
      };
      const headers = request.headers.map(([name, value], index): readonly [string, string] =>
        part === "header" && index === a % request.headers.length ? [name, put(value)] : [name, value],
      );
      const target =
        part === "target" ? `/v3/${put(request.target.slice(4))}`.replaceAll(/[ #]/g, "%") : request.target;
      const body = part === "body" ? put(request.body) : request.body;
      const { status } = await sendRaw(world.port, { ...request, target, headers, body });
      expect([200, 400, 401, 403, 404]).toContain(status);
      // Keeps the altered ones from being slowed.
      if (status !== 200) await world.send(good());
    }),
    { numRuns: 150 },
  );
  expect(world.faults).toEqual([]);
});

describe("a signed request", () => {
  it.each(alterations)("is refused with $name", async ({ request, tail }) => {
    expectGatewayRefusal(await world.send(request()), typeof tail === "string" ? tail : tail());
    expect((await world.send(good())).status).toBe(200);
  });

  it.each<[string, () => SignedByNode]>([
    ["its query in another order", () => target(good(), /\?.*/.exec(good().target)?.[0] ?? "", reordered())],
    ["an empty query part", () => target(good(), "&", "&&")],
    ["an escape that is not needed", () => target(good(), "true", "%74rue")],
    ["a slash at the end of its path", () => target(good(), "/v3/projects", "/v3/projects/")],
    [
      "header names in other letters",
      () => ({ ...good(), headers: good().headers.map(([n, v]) => [n.toUpperCase(), v]) }),
    ],
    ["spaces around a value", () => header(good(), "x-project-id", (value) => `  ${value} `)],
    ["a header that the server does not act on", () => added(good(), ["X-Forwarded-For", "10.0.0.1"])],
    ["a token beside it, which is not looked at", () => added(good(), ["X-Auth-Token", "no token"])],
    ["its body's digest, signed", () => signedWith({ "X-Sdk-Content-Sha256": hash("sha256", "{}", "hex") })],
  ])("means the same with %s", async (_name, request) => {
    const answer = await world.send(request());
    expect({ status: answer.status, body: answer.body }).toMatchObject({
      status: 200,
      body: { projects: [{ id: world.project.projectId }] },
    });
  });

  it("is not rescued by a token when its signature is wrong", async () => {
    const { uid } = world.account.principal;
    const principal = world.harness.platform.provisioning.directory.principal(uid);
    if (principal === undefined) throw new Error("The account is gone.");
    const scope = { kind: "tenant", tenantId: world.tenant.tenantId } as const;
    const { text } = await world.harness.platform.tokens.issue({ kind: "iam", principal, scope, lifetimeMs: 60_000 });
    expect((await world.call({ method: "GET", path: "/v3/projects" }, text)).status).toBe(200);
    const wrong = added(
      signature(good(), (hex) => `${hex}00`),
      ["X-Auth-Token", text],
    );
    expectGatewayRefusal(await world.send(wrong), DIFFERS);
    expect((await world.send(good())).status).toBe(200);
  });

  it("is locked out after five wrong ones in a row, and let in again later", async () => {
    const wrong = () => signature(good(), (hex) => `${hex}00`);
    for (let attempt = 0; attempt < 5; attempt += 1) expectGatewayRefusal(await world.send(wrong()), DIFFERS);
    for (const request of [wrong(), good()]) {
      expectGatewayRefusal(await world.send(request), "AK access failed to reach the limit,forbidden");
    }
    world.harness.clock.advance(5 * 60_000);
    expect((await world.send(good())).status).toBe(200);
  });
});

function reordered(): string {
  const [first = "", ...rest] = (/\?(.*)/.exec(good().target)?.[1] ?? "").split("&");
  return `?${[...rest, first].join("&")}`;
}
