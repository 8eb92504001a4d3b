import { randomUUID } from "node:crypto";
import { type AnyOperation, compileTable, createClient, createHttpServer, type Transport } from "@concordat/api-kit";
import { type Logger, systemRandom } from "@concordat/base";
import type { PlatformErrorCode } from "@concordat/platform";
import { Harness } from "@concordat/platform/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { acs3CanonicalRequest, acs3StringToSign, bodyHashOf } from "../signing/acs3.ts";
import { acs3Hmac } from "../signing/secret-keys.ts";
import { formatTimestamp } from "../signing/timestamp.ts";
import { ACCOUNT, BIZ_CHAIN_ID, FakePlatform, refuseWith } from "../testing/fake-platform.ts";
import { platformStatuses } from "./errors.ts";
import { nativeDialect } from "./plugin.ts";
import { chainRoutes } from "./routes/chains.ts";
import { channelRoutes } from "./routes/channels.ts";
import { receiptRoutes } from "./routes/receipts.ts";
import { signInRoutes } from "./routes/sessions.ts";
import { routes } from "./routes/table.ts";

const dataRoutes = { ...receiptRoutes, ...channelRoutes, ...chainRoutes };

/** Callers, keys and repeated calls are the real platform's; of the data services only what they are handed is looked at here. */
const harness = await Harness.start();
const { clock } = harness;
const { accessKey: adminKey } = await harness.bootstrap();
const admin = harness.callerOf(adminKey.principal);
const { credentials, accounts } = harness.platform;
const { accessKey: userKey } = await accounts.createRamUser(admin, {
  accountUid: admin.principal.uid,
  name: "truck-9",
});
const inactiveKey = await credentials.accessKeys.create(admin, { uid: userKey.principal.uid });
await credentials.accessKeys.setActive(admin, { accessKeyId: inactiveKey.accessKey.accessKeyId, active: false });

const platform = new FakePlatform();
const { evidence, chains, receipts } = platform;
const faults: string[] = [];
const logger: Logger = { info() {}, warn() {}, error: (message) => faults.push(message) };
const server = createHttpServer();
server.register(
  nativeDialect({
    platform: { ...harness.platform, evidence, chains, receipts, accounts: platform.accounts },
    clock,
    random: systemRandom,
    logger,
  }),
);
beforeAll(() => server.ready());
afterAll(async () => {
  await server.close();
  await harness.dispose();
});

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
const authorization = basic(adminKey.accessKeyId, adminKey.secret);
const freshKey = () => randomUUID();

const transport: Transport = async ({ operation: { operation }, fields }) => {
  let path = operation.path;
  const query = new URLSearchParams();
  const body: Record<string, unknown> = {};
  for (const { field, value } of fields) {
    if (field.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(String(value)));
    else if (field.in === "query") query.set(field.name, String(value));
    else body[field.name] = value;
  }
  const response = await server.inject({
    method: operation.methods[0] ?? "GET",
    url: `${path}?${query}`,
    headers: { authorization, ...(operation.mutating ? { "idempotency-key": freshKey() } : {}) },
    ...(Object.keys(body).length > 0 ? { payload: body } : {}),
  });
  expect(response.statusCode, response.body).toBe(operation.status);
  return { data: response.body === "" ? undefined : response.json() };
};

describe("every row", () => {
  const client = createClient(routes, transport);

  it.each([...compileTable(routes)])("%s: its example fits its schemas", (_name, compiled) => {
    const { input, output } = compiled.operation.example;
    const sent = compiled.encodeInput(Object(input));
    expect(compiled.decodeInput((wire) => sent.find(({ field }) => field === wire)?.value)).toEqual({
      ok: true,
      input,
    });
    expect(compiled.isOutput(output)).toBe(true);
  });

  it.each(Object.entries<AnyOperation>(dataRoutes))("%s: client, HTTP, handler and back", async (name, row) => {
    const call = client[name as keyof typeof routes] as (input: unknown) => Promise<unknown>;
    // The client checks the answer against the row's output schema.
    await expect(call(row.example.input)).resolves.toBeDefined();
  });

  it("hands input over and answers what the platform says", async () => {
    const tx = "ab".repeat(32);
    expect(await client.getReceipt({ tx, envelope: true })).toMatchObject({
      leaf: { txId: tx },
      envelope: "ZW52ZWxvcGU=",
    });
    expect(await client.getReceipt({ tx })).not.toHaveProperty("envelope");
    const found = await client.findReceipts({ chainCode: "c", valueHash: "AB".repeat(32) });
    expect(found.receipts).toMatchObject([{ leaf: { txId: tx } }]);
    expect(await client.getCheckpoint({ channelId: "ltl-1", block: 7 })).toEqual({ checkpoint: "ltl-1\n7\n" });
    expect(await client.getConsistencyProof({ channelId: "ltl-1", fromBlock: 2, toBlock: 5 })).toMatchObject({
      fromSize: 3,
      toSize: 6,
    });
    const blockCutting = { cutWhenIdle: false, timeoutMs: 3_000 };
    expect(await client.createChain({ name: "Ripening", blockCutting })).toMatchObject({
      name: "Ripening",
      dataTypeCode: "0X58",
      blockCutting: { ...blockCutting, messageCountMax: 500 },
    });
    expect(await client.createChain({ name: "Guomi", cryptography: "sm" })).toMatchObject({ cryptography: "sm" });
    const quotas = { memberQuota: 3, phaseQuota: 7 };
    expect(await client.createChain({ name: "Rice", service: "collaboration", quotas })).toMatchObject({
      service: "collaboration",
      ...quotas,
      phaseGroupQuota: 200,
      memberId: "5300000000000001",
      locked: false,
    });
    const update = { name: "Warm", expiresMs: 5, quotas };
    expect(await client.updateChain({ bizChainId: BIZ_CHAIN_ID, ...update })).toMatchObject({
      name: "Warm",
      expiresMs: 5,
      ...quotas,
      countQuota: 10_000_000,
    });
    for (const service of ["proof", "collaboration"] as const) {
      expect(await client.listChains({ service })).toMatchObject({ total: 1, chains: [{ service }] });
    }
    expect(await client.getChannelStateHash({ channelId: "ltl-1" })).toEqual({
      stateHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await client.createRamUser({ accountUid: ACCOUNT.uid, name: "truck-7" })).accessKey.accessKeySecret).toBe(
      "new-secret",
    );
  });

  it("offers the trust bundle as a download", async () => {
    const response = await server.inject({ url: "/api/v1/trust-bundle", headers: { authorization } });
    expect(response.headers["content-disposition"]).toBe('attachment; filename="concordat-trust.json"');
  });

  it("is in the OpenAPI document", async () => {
    const { paths } = (await server.inject("/openapi/native.json")).json();
    const ids = Object.values<Record<string, { operationId: string }>>(paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(ids.sort()).toEqual(Object.keys({ ...routes, ...signInRoutes }).sort());
    const { schema } = paths["/api/v1/chains"].post.requestBody.content["application/json"];
    expect(schema.properties.blockCutting).toMatchObject({
      additionalProperties: false,
      properties: { timeoutMs: { type: "integer", minimum: 1, maximum: 60_000 }, cutWhenIdle: { type: "boolean" } },
    });
  });
});

describe("refusals", () => {
  const get = (url: string, headers: Record<string, string> = { authorization }) => server.inject({ url, headers });

  it.each(Object.entries(platformStatuses))("%s answers %i", async (code, status) => {
    platform.fail(refuseWith(code as PlatformErrorCode));
    const response = await get("/api/v1/channels/ltl-1");
    expect(response.statusCode).toBe(status);
    expect(response.headers["content-type"]).toMatch(/^application\/problem\+json/);
    expect(response.json()).toMatchObject({ code, status, title: `Refused with ${code}.` });
    expect(response.json().type).toMatch(/^urn:concordat:error:[a-z-]+$/);
  });

  it.each([
    ["no credentials", {}, "AUTHENTICATION_REQUIRED"],
    ["a wrong secret", { authorization: basic(adminKey.accessKeyId, "wrong") }, "CREDENTIALS_WRONG"],
    ["an unknown key", { authorization: basic(`LTAI${"0".repeat(20)}`, adminKey.secret) }, "CREDENTIALS_WRONG"],
    ["an unknown user", { authorization: basic("nobody", "password") }, "CREDENTIALS_WRONG"],
    ["no secret", { authorization: basic(adminKey.accessKeyId, "") }, "AUTHORIZATION_MALFORMED"],
    [
      "a disabled key",
      { authorization: basic(inactiveKey.accessKey.accessKeyId, inactiveKey.secret) },
      "ACCESS_KEY_INACTIVE",
    ],
    ["broken base64", { authorization: "Basic %%%" }, "AUTHORIZATION_MALFORMED"],
    ["a broken signature header", { authorization: "ACS3-HMAC-SHA256 x" }, "SIGNATURE_INCOMPLETE"],
  ])("%s", async (_what, headers, code) => {
    const response = await get("/api/v1/chains", headers as Record<string, string>);
    expect([response.statusCode, response.json().code]).toEqual([401, code]);
    expect(response.headers["www-authenticate"]).toContain("Basic");
  });

  it.each([
    ["/api/v1/receipts/xyz", 400, "FIELD_MALFORMED"],
    ["/api/v1/receipts", 400, "FIELD_MISSING"],
    ["/api/v1/receipts?chainCode=c", 400, "FIELD_MALFORMED"],
    [`/api/v1/receipts?chainCode=c&key=k&valueHash=${"0".repeat(64)}`, 400, "FIELD_MALFORMED"],
    ["/api/v1/chains?size=3", 400, "FIELD_UNKNOWN"],
    ["/api/v1/chains?page=1&page=2", 400, "FIELD_REPEATED"],
    ["/api/v1/chains?name=%ff", 400, "PARAMETERS_MALFORMED"],
    ["/api/v1/channels/ltl-1/consistency?from=1", 400, "FIELD_MISSING"],
    ["/api/v1/nothing", 404, "OPERATION_UNKNOWN"],
  ])("%s", async (url, status, code) => {
    const response = await get(url);
    expect([response.statusCode, response.json().code]).toEqual([status, code]);
  });

  it("the state hash is for installation administrators", async () => {
    const response = await get("/api/v1/channels/ltl-1/state-hash", {
      authorization: basic(userKey.accessKeyId, userKey.secret),
    });
    expect([response.statusCode, response.json().code]).toEqual([403, "ACCESS_DENIED"]);
  });

  it("an unexpected error tells nothing and is logged", async () => {
    platform.fail(new Error("a secret"));
    const response = await get("/api/v1/channels/ltl-1");
    expect(response.json()).toMatchObject({ code: "INTERNAL", status: 500 });
    expect(response.body).not.toContain("a secret");
    expect(faults).toContain("native call failed");
  });
});

describe("calls that change something", () => {
  const post = (payload: string | object, headers: Record<string, string> = {}) =>
    server.inject({
      method: "POST",
      url: "/api/v1/chains",
      headers: { authorization, "content-type": "application/json", ...headers },
      payload,
    });
  beforeEach(() => {
    platform.calls.length = 0;
  });

  it("need an idempotency key", async () => {
    const response = await post({ name: "Cold" });
    expect([response.statusCode, response.json().code]).toEqual([400, "IDEMPOTENCY_KEY_MISSING"]);
    expect(platform.calls).toEqual([]);
  });

  it("run once for a key, and refuse the key for another request", async () => {
    const headers = { "idempotency-key": freshKey() };
    const first = await post({ name: "Cold", remark: "r" }, headers);
    const again = await post({ remark: "r", name: "Cold" }, headers);
    expect([again.statusCode, again.body]).toEqual([201, first.body]);
    expect(platform.calls).toEqual(["chains.create"]);
    const cutting = { name: "Cold", blockCutting: { timeoutMs: 5, cutWhenIdle: false } };
    const reordered = { blockCutting: { cutWhenIdle: false, timeoutMs: 5 }, name: "Cold" };
    const cuttingHeaders = { "idempotency-key": freshKey() };
    expect((await post(cutting, cuttingHeaders)).body).toBe((await post(reordered, cuttingHeaders)).body);
    const other = await post({ name: "Warm" }, headers);
    expect([other.statusCode, other.json().code]).toEqual([409, "IDEMPOTENCY_CONFLICT"]);
  });

  it.each([
    ["no JSON", "{", "BODY_MALFORMED", 400],
    ["a list", "[]", "BODY_MALFORMED", 400],
    ["a field of the wrong type", { name: 5 }, "FIELD_MALFORMED", 400],
    ["an unknown field", { name: "Cold", colour: "red" }, "FIELD_UNKNOWN", 400],
    ["an unknown choice", { name: "Cold", edition: "gold" }, "FIELD_MALFORMED", 400],
    ["a missing field", {}, "FIELD_MISSING", 400],
    ["a number below its bound", { name: "Cold", blockCutting: { timeoutMs: 0 } }, "FIELD_MALFORMED", 400],
    ["a number above its bound", { name: "Cold", blockCutting: { timeoutMs: 60_001 } }, "FIELD_MALFORMED", 400],
    ["another cryptography", { name: "Cold", cryptography: "rot13" }, "FIELD_MALFORMED", 400],
    ["an unknown member", { name: "Cold", blockCutting: { timeout: 5 } }, "FIELD_MALFORMED", 400],
    ["another service", { name: "Cold", service: "bakery" }, "FIELD_MALFORMED", 400],
    ["an unknown quota", { name: "Cold", quotas: { members: 5 } }, "FIELD_MALFORMED", 400],
    ["a quota below zero", { name: "Cold", quotas: { memberQuota: -1 } }, "FIELD_MALFORMED", 400],
  ])("%s", async (_what, payload, code, status) => {
    const response = await post(payload, { "idempotency-key": freshKey() });
    expect([response.statusCode, response.json().code]).toEqual([status, code]);
    expect(platform.calls).toEqual([]);
  });

  it("refuse other content types", async () => {
    const response = await post("name=Cold", {
      "content-type": "application/x-www-form-urlencoded",
      "idempotency-key": freshKey(),
    });
    expect([response.statusCode, response.json().code]).toEqual([415, "MEDIA_TYPE_UNSUPPORTED"]);
  });
});

describe("the header signature", () => {
  function signed(nonce: string, payload: string): Record<string, string> {
    const headers: Record<string, string> = {
      host: "localhost:80",
      "x-acs-content-sha256": bodyHashOf(Buffer.from(payload)),
      "x-acs-date": formatTimestamp(clock.nowMs()),
      "x-acs-signature-nonce": nonce,
    };
    const canonical = acs3CanonicalRequest({
      method: "POST",
      path: "/api/v1/chains",
      query: [],
      header: (name) => headers[name],
      signedHeaders: Object.keys(headers),
      bodyHash: headers["x-acs-content-sha256"] ?? "",
    });
    const signature = acs3Hmac(adminKey, acs3StringToSign(canonical));
    const names = Object.keys(headers).sort().join(";");
    return {
      ...headers,
      authorization: `ACS3-HMAC-SHA256 Credential=${adminKey.accessKeyId}, SignedHeaders=${names}, Signature=${signature}`,
    };
  }

  const send = (headers: Record<string, string>, payload: string) =>
    server.inject({
      method: "POST",
      url: "/api/v1/chains",
      headers: { ...headers, "content-type": "application/json", "idempotency-key": freshKey() },
      payload,
    });

  it("authenticates once, over the real path and body", async () => {
    const payload = '{"name":"Cold"}';
    const headers = signed("n1", payload);
    expect((await send(headers, '{"name":"Warm"}')).json().code).toBe("SIGNATURE_INCOMPLETE");
    expect((await send({ ...headers, "x-acs-extra": "1" }, payload)).json().code).toBe("SIGNATURE_INCOMPLETE");
    expect((await send({ ...headers, "x-acs-date": formatTimestamp(clock.nowMs() + 1000) }, payload)).json().code).toBe(
      "SIGNATURE_WRONG",
    );
    expect((await send(headers, payload)).statusCode).toBe(201);
    expect((await send(headers, payload)).json().code).toBe("NONCE_USED");
  });
});
