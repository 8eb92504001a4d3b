import { createHttpServer, type FastifyInstance, parseParameters } from "@concordat/api-kit";
import { silentLogger, systemRandom } from "@concordat/base";
import type { AccessKey } from "@concordat/platform";
import { Harness } from "@concordat/platform/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { rpcStringToSign } from "../signing/rpc.ts";
import { rpcHmac } from "../signing/secret-keys.ts";
import { formatTimestamp } from "../signing/timestamp.ts";
import { commonFields, encodeFields } from "../testing/ltl-harness.ts";
import { aliyunLtlDialect } from "./plugin.ts";

let harness: Harness;
let server: FastifyInstance;
let key: AccessKey;
beforeEach(async () => {
  harness = await Harness.start();
  key = (await harness.bootstrap()).accessKey;
  const { platform, clock } = harness;
  server = createHttpServer();
  const region = "cn-shanghai";
  server.register(aliyunLtlDialect({ platform, region, clock, random: systemRandom, logger: silentLogger }));
});
afterEach(async () => {
  await server.close();
  await harness.dispose();
});

/** The code of a signed call, or "ok". */
async function call(options: { secret?: string; accessKeyId?: string; from?: string; atMs?: number } = {}) {
  const { secret = key.secret, accessKeyId = key.accessKeyId, from = "192.0.2.1" } = options;
  const Timestamp = formatTimestamp(options.atMs ?? harness.clock.nowMs());
  const fields = { ...commonFields("ListProofChain"), AccessKeyId: accessKeyId, Timestamp, Num: "1", Size: "10" };
  const text = rpcStringToSign("GET", parseParameters(encodeFields(fields)));
  const Signature = rpcHmac({ ...key, secret }, text);
  const response = await server.inject({ url: `/?${encodeFields({ ...fields, Signature })}`, remoteAddress: from });
  return response.statusCode === 200 ? "ok" : response.json().Code;
}

const refused = async () => {
  await harness.platform.authentication.flushRefusals();
  return harness.store.database.selectFrom("auditEntries").selectAll().where("outcome", "=", "refused").execute();
};

it("slows wrong signatures from one address, and nobody elsewhere", async () => {
  expect(await call()).toBe("ok");
  for (let i = 0; i < 5; i++) expect(await call({ secret: "wrong" })).toBe("SignatureDoesNotMatch");
  expect(await call()).toBe("Throttling.User");
  expect(await call({ from: "198.51.100.1" })).toBe("ok");
  harness.clock.advance(1_000);
  expect(await call()).toBe("ok");
  expect(await call({ secret: "wrong" })).toBe("SignatureDoesNotMatch");
});

it("slows no tries of keys that are not there: they guess at no secret, and the answer says so", async () => {
  const accessKeyId = "LTAInobody";
  for (let i = 0; i < 50; i++) expect(await call({ accessKeyId })).toBe("InvalidAccessKeyId.NotFound");
});

it("slows nobody for a wrong clock", async () => {
  for (let i = 0; i < 10; i++) expect(await call({ atMs: 0 })).toBe("InvalidTimeStamp.Expired");
  expect(await call()).toBe("ok");
});

it("refuses a disabled principal's key like a disabled key", async () => {
  const { directory } = harness.platform.provisioning;
  await directory.change(async () => ({
    changes: directory
      .table("principals")
      .all()
      .map((row) => ({ table: "principals", row: { ...row, enabled: false } })),
    result: undefined,
  }));
  expect(await call()).toBe("InvalidAccessKeyId.Inactive");
});

it("counts refusals for the audit trail", async () => {
  for (let i = 0; i < 6; i++) await call({ secret: "wrong" });
  const entries = (await refused()).map(({ resourceId, occurrences, detail }) => ({
    resourceId,
    occurrences,
    code: JSON.parse(detail).code,
  }));
  expect(entries).toEqual([
    { resourceId: "signature", occurrences: 5, code: "CREDENTIALS_WRONG" },
    { resourceId: "signature", occurrences: 1, code: "CREDENTIALS_SLOWED" },
  ]);
});
