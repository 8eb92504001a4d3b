import { createHttpServer } from "@concordat/api-kit";
import { systemRandom } from "@concordat/base";
import { Harness } from "@concordat/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { nativeDialect } from "./plugin.ts";

const logger = { info() {}, warn() {}, error() {} };
const server = createHttpServer();
let harness: Harness;
const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
let administrator = "";
let stranger = "";

beforeAll(async () => {
  harness = await Harness.start();
  const { accessKey } = await harness.bootstrap();
  administrator = basic(accessKey.accessKeyId, accessKey.secret);
  const caller = harness.callerOf(accessKey.principal);
  const other = await harness.platform.accounts.createAccount(caller, { name: "other-company" });
  stranger = basic(other.accessKey.accessKeyId, other.accessKey.secret);
  const { platform, clock } = harness;
  server.register(nativeDialect({ platform, clock, random: systemRandom, logger }));
});
afterAll(async () => {
  await server.close();
  await harness.dispose();
});

const list = (authorization: string) => server.inject({ url: "/api/v1/signing-keys", headers: { authorization } });
const rotate = (authorization: string, purpose: string, key: string) =>
  server.inject({
    method: "POST",
    url: `/api/v1/signing-keys/${purpose}/rotations`,
    headers: { authorization, "idempotency-key": key },
  });

it("rotateSigningKey makes another key, once for each idempotency key, and listSigningKeys shows both", async () => {
  expect((await list(administrator)).json()).toEqual({ signingKeys: [] });
  const first = await rotate(administrator, "oauth", "one");
  expect(first.json()).toMatchObject({ purpose: "oauth", retiredMs: null });
  expect((await rotate(administrator, "oauth", "one")).json()).toEqual(first.json());
  const second = await rotate(administrator, "oauth", "two");
  const { signingKeys } = (await list(administrator)).json();
  expect(signingKeys).toMatchObject([
    { keyId: first.json().keyId, retiredMs: harness.clock.nowMs() },
    { keyId: second.json().keyId, retiredMs: null },
  ]);
});

it("is for installation administrators, and for purposes that there are", async () => {
  expect((await list(stranger)).statusCode).toBe(403);
  expect((await rotate(stranger, "oauth", "three")).statusCode).toBe(403);
  expect((await rotate(administrator, "tls", "four")).statusCode).toBe(400);
});
