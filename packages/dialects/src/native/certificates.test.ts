import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createHttpServer } from "@concordat/api-kit";
import { systemRandom } from "@concordat/base";
import type { MspFile } from "@concordat/platform";
import { type Cast, createCast, Harness } from "@concordat/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nativeDialect } from "./plugin.ts";

const logger = { info() {}, warn() {}, error() {} };
const server = createHttpServer();
let harness: Harness;
let cast: Cast;
const authorizations = new Map<string, string>();
let calls = 0;

beforeAll(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
  for (const { accessKeyId, uid } of (await harness.store.load()).state.accessKeys) {
    const secret = harness.platform.findAccessKey(accessKeyId)?.secret ?? "";
    authorizations.set(uid, `Basic ${Buffer.from(`${accessKeyId}:${secret}`).toString("base64")}`);
  }
  const { platform, clock } = harness;
  server.register(nativeDialect({ platform, clock, random: systemRandom, logger }));
});
afterAll(async () => {
  await server.close();
  await harness.dispose();
});

const call = async (uid: string, method: "GET" | "POST", path: string, payload: object | undefined) => {
  const headers = {
    authorization: authorizations.get(uid) ?? "",
    ...(method === "POST" ? { "idempotency-key": `call-${++calls}`, "content-type": "application/json" } : {}),
  };
  const response = await server.inject({
    method,
    url: `/api/v1${path}`,
    headers,
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: response.statusCode, body: response.json() };
};
const get = (path: string, uid = cast.memberAccount.uid) => call(uid, "GET", path, undefined);
const post = (path: string, payload: object = {}, uid = cast.memberAccount.uid) => call(uid, "POST", path, payload);
const home = () => `/organizations/${cast.memberAccount.mspId}`;

describe("certificates", () => {
  it("are enrolled, shown, frozen, unfrozen, renewed and revoked", async () => {
    const attributes = { department: "logistics" };
    const enrolled = await post(`${home()}/certificates`, {
      role: "peer",
      commonName: "peer0",
      attributes,
      validDays: 90,
    });
    expect([enrolled.status, enrolled.body.privateKeyPem]).toEqual([201, expect.stringContaining("PRIVATE KEY")]);
    const { certificate } = enrolled.body;
    const path = `${home()}/certificates/identity/${certificate.serialNumber}`;
    expect(await get(path)).toEqual({ status: 200, body: certificate });
    expect((await post(`${path}/freeze`)).body).toMatchObject({ status: "frozen", reason: "certificateHold" });
    expect(await post(`${path}/freeze`)).toMatchObject({ status: 409, body: { code: "CERTIFICATE_STATE_REFUSED" } });
    expect((await post(`${path}/unfreeze`)).body).toMatchObject({ status: "good" });
    const renewed = await post(`${path}/renew`);
    expect(renewed).toMatchObject({ status: 200, body: { commonName: "peer0", isCurrent: true } });
    expect((await get(path)).body.isCurrent).toBe(false);
    const revoked = await post(`${path}/revoke`, { reason: "superseded" });
    expect(revoked.body).toMatchObject({ status: "revoked", reason: "superseded" });
    const { revocationLists } = (await get(`${home()}/revocation-lists/identity`)).body;
    expect(revocationLists).toMatchObject([{ entryCount: 1, isRetired: false }]);
    const listed = await get("/certificates?role=peer&currentOnly=true");
    expect(listed.body).toEqual({ total: 1, certificates: [renewed.body] });
  });

  it("answers a repeated enrolment the same, and keeps its key sealed", async () => {
    const headers = {
      authorization: authorizations.get(cast.memberAccount.uid) ?? "",
      "idempotency-key": "the-same",
      "content-type": "application/json",
    };
    const payload = { role: "client", commonName: "app" };
    const send = () => server.inject({ method: "POST", url: `/api/v1${home()}/certificates`, headers, payload });
    const first = await send();
    expect((await send()).body).toBe(first.body);
    const stored = JSON.stringify(await harness.store.database.selectFrom("idempotency").selectAll().execute());
    expect(stored).not.toContain("PRIVATE KEY");
    expect((await get("/certificates?commonName=app")).body.total).toBe(1);
  });

  it("give a user a new one", async () => {
    const { uid } = cast.memberPrincipal;
    const answer = await post(`/principals/${uid}/certificates`, { validDays: 30 });
    expect(answer).toMatchObject({ status: 201, body: { uid, role: "client", isCurrent: true } });
    expect(await post("/principals/1000000000000009/certificates", {}, cast.administrator.uid)).toMatchObject({
      status: 404,
      body: { code: "USER_UNKNOWN" },
    });
  });

  it("are refused with the documented codes", async () => {
    const enrol = `${home()}/certificates`;
    expect(await post(enrol, { role: "boss", commonName: "x" })).toMatchObject({ status: 400 });
    expect(await post(enrol, { role: "server", commonName: "x" })).toMatchObject({
      status: 422,
      body: { code: "CERTIFICATE_REQUEST_INVALID" },
    });
    expect(await post(enrol, { role: "peer", commonName: "x", certificateRequest: "no" })).toMatchObject({
      status: 422,
      body: { code: "CERTIFICATE_REQUEST_INVALID" },
    });
    expect(await get(`${home()}/certificates/identity/1`)).toMatchObject({
      status: 404,
      body: { code: "CERTIFICATE_UNKNOWN" },
    });
    expect(await get("/organizations/NobodyMSP", cast.administrator.uid)).toMatchObject({
      status: 404,
      body: { code: "ORGANIZATION_UNKNOWN" },
    });
    for (const path of [home(), `${home()}/msp`, `${home()}/revocation-lists/tls`]) {
      expect(await get(path, cast.stranger.uid)).toMatchObject({ status: 403, body: { code: "ACCESS_DENIED" } });
    }
  });
});

describe("the rehearsal and the alarms", () => {
  it("tell what ends", async () => {
    const rehearsal = await get("/certificate-rehearsal?days=40");
    expect(rehearsal.body).toMatchObject({
      stops: [],
      renewed: [{ users: [{ kind: "principal" }, {}, {}].slice(0, 2) }],
    });
    const far = await get("/certificate-rehearsal?days=7400");
    expect(far.body.stops.length).toBeGreaterThan(4);
    expect(await get("/certificate-rehearsal?days=1&atMs=1")).toMatchObject({ status: 400 });
    expect((await get("/alarms")).body).toEqual({ total: 0, alarms: [] });
    const row = {
      alarmId: "0605768a5300d5762fc3c00180692870",
      tenantId: null,
      kind: "certificate-expiry",
      resource: "listener/1",
      severity: "major",
      message: "It expires.",
      raisedMs: 1,
      clearedMs: 2,
    } as const;
    await harness.platform.provisioning.directory.change(async () => ({
      changes: [{ table: "alarms", row }],
      result: undefined,
    }));
    expect((await get("/alarms", cast.administrator.uid)).body).toEqual({ total: 1, alarms: [row] });
    expect((await get("/alarms?openOnly=true", cast.administrator.uid)).body.total).toBe(0);
    expect((await get("/alarms")).body.total).toBe(0);
  });
});

describe("organizations", () => {
  it("show their authorities, and a tenant its own", async () => {
    const own = (await get("/organizations")).body;
    expect(own).toMatchObject({ total: 1, organizations: [{ mspId: cast.memberAccount.mspId }] });
    expect((await get(home())).body).toEqual(own.organizations[0]);
    expect((await get("/organizations?pageSize=2&page=2", cast.administrator.uid)).body.organizations).toHaveLength(2);
    expect(JSON.stringify(own)).not.toContain("PRIVATE");
  });

  it("rotate authority and checkpoint key, as jobs", async () => {
    const before = (await get(home())).body;
    for (const rotation of ["authority-rotations", "checkpoint-key-rotations"]) {
      const begun = await post(`${home()}/${rotation}`);
      expect(begun).toEqual({ status: 202, body: { jobId: expect.any(String) } });
      expect(await harness.platform.jobs.ended(begun.body.jobId)).toMatchObject({ status: "succeeded" });
    }
    const after = (await get(home())).body;
    const standings = after.authorities.map(({ purpose, standing }: Record<string, string>) => [purpose, standing]);
    expect(standings).toEqual([
      ["identity", "present"],
      ["identity", "retired"],
      ["tls", "present"],
    ]);
    expect(after.checkpointKeys[0].publicKey).not.toBe(before.checkpointKeys[0].publicKey);
    expect(await post(`${home()}/authority-rotations`, {}, cast.stranger.uid)).toMatchObject({ status: 403 });
  });

  it("export an MSP folder in which openssl verifies a holder's certificate, and its revocation", async () => {
    const input = { role: "peer", commonName: "peer7", withFolder: true };
    const { body } = await post(`${home()}/certificates`, input);
    const files: readonly MspFile[] = body.files;
    const paths = files.map(({ path, secret }) => (secret ? `${path} secret` : path));
    expect(paths).toEqual(
      expect.arrayContaining([
        "msp/config.yaml",
        "msp/cacerts/ca-cert.pem",
        "msp/tlscacerts/tlsca-cert.pem",
        "msp/signcerts/cert.pem",
        expect.stringMatching(/^msp\/keystore\/[0-9a-f]{64}_sk secret$/),
      ]),
    );
    const path = `${home()}/certificates/identity/${body.certificate.serialNumber}`;
    const folder = await mkdtemp(join(tmpdir(), "concordat-msp-"));
    try {
      expect(await verifies(folder, files)).toBe(true);
      await post(`${path}/revoke`, { reason: "keyCompromise" });
      const exported = await get(`${home()}/msp?serialNumber=${body.certificate.serialNumber}`);
      expect(JSON.stringify(exported.body)).not.toContain("PRIVATE KEY");
      expect(await verifies(folder, exported.body.files)).toBe(false);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Writes the folder and asks openssl, with all authorities and revocation lists in it. */
async function verifies(folder: string, files: readonly MspFile[]): Promise<boolean> {
  const textsOf = (path: string) => files.filter((file) => file.path.startsWith(path)).map(({ text }) => text);
  for (const { path, text } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await writeFile(join(folder, "authorities.pem"), textsOf("msp/cacerts/").join(""));
  await writeFile(join(folder, "lists.pem"), textsOf("msp/crls/").join(""));
  const trust = ["-CAfile", join(folder, "authorities.pem"), "-crl_check", "-CRLfile", join(folder, "lists.pem")];
  const time = ["-attime", String(Math.floor(harness.clock.nowMs() / 1000))];
  const args = ["verify", ...trust, ...time, join(folder, "msp/signcerts/cert.pem")];
  return promisify(execFile)("openssl", args).then(
    () => true,
    (error: { readonly stderr: string }) => {
      expect(error.stderr).toContain("certificate revoked");
      return false;
    },
  );
}
