import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import type { TokenKind } from "@concordat/platform";
import { verifyReceipt } from "@concordat/verifier";
import { nodeCrypto } from "@concordat/verifier/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { acs3Call } from "../support/acs3.ts";
import { encodeParameters, evidenceKey, signedParameters } from "../support/aliyun.ts";
import { type ApiOperation, callOf, readApiOperations } from "../support/api-operations.ts";
import { sdkHmacCall } from "../support/sdk-hmac.ts";
import { newInstallation, type RunningServer, runCommand, startServer } from "../support/world.server.ts";
import { type SignInParts, signInsOf } from "../support/sign-ins.ts";
import { openTokenDoors } from "../support/token-doors.ts";
import { basic, createWire, type Wire, type WireAnswer, type WireCall } from "../support/wire.ts";

interface Shown {
  readonly kind: TokenKind;
  readonly token: string;
  /** The pair of name and value, for kinds that travel so. */
  readonly cookie: string;
  readonly csrfToken: string;
}

interface Person extends SignInParts {
  readonly uid: string;
}

/** What was done before the world.server was killed, and what it answered. */
interface Before {
  readonly keeper: Person;
  readonly leaver: Person;
  readonly kept: readonly Shown[];
  readonly revoked: readonly Shown[];
  readonly ofLeaver: readonly Shown[];
  readonly signed: readonly (readonly [what: string, call: WireCall, refusal: object])[];
  readonly idempotent: readonly (readonly [call: WireCall, answer: string])[];
  readonly jobIds: readonly string[];
  readonly authorities: readonly string[];
  readonly entryIds: readonly string[];
}

const FINAL = ["succeeded", "failed", "cancelled"];
const PASSWORD = "a long Password of tests";

let world: RestartWorld;
let before: Before;

async function createPerson(userName: string): Promise<Person> {
  const uid = String((await world.done("createUser", { name: userName, password: PASSWORD }))["uid"]);
  const { apiKey, apiSecret } = await world.done("createApiKey", { uid });
  const wanted = { uid, name: "app", grantTypes: ["client_credentials", "password"], scopes: [] };
  const { client, clientSecret } = await world.done("createOAuthClient", wanted);
  return {
    ...{ uid, userName, password: PASSWORD, tenantName: world.server.bootstrap.huawei.domainName },
    ...{ apiKey: Object(apiKey).apiKey, apiSecret: String(apiSecret) },
    ...{ clientId: Object(client).clientId, clientSecret: String(clientSecret) },
  };
}

async function signInEverywhere(who: Person): Promise<readonly Shown[]> {
  const shown: Shown[] = [];
  for (const { kind, call, tokenOf } of signInsOf(who)) {
    const answer = await world.send(call);
    const token = tokenOf(answer);
    expect(token, `${kind}: ${answer.status} ${answer.text}`).not.toBe("");
    const [cookie = ""] = (answer.headers["set-cookie"]?.[0] ?? "").split(";", 1);
    shown.push({ kind, token, cookie, csrfToken: String(answer.body["csrfToken"] ?? "") });
  }
  return shown;
}

const sessionIdOf = ({ token }: Shown) => createHash("sha256").update(token).digest("hex");

/** How a session or token is shown to the operations that take it. */
function useOf({ kind, token, cookie }: Shown): WireCall | undefined {
  if (kind === "console") return { method: "GET", path: "/api/v1/sessions/current", headers: { cookie } };
  const headers = { "x-auth-token": token };
  return kind === "iam" ? { method: "GET", path: "/v3/auth/projects", headers } : undefined;
}

/** Each in its own API's words where there are some. */
async function revoke(shown: Shown): Promise<void> {
  const { kind, token, cookie, csrfToken } = shown;
  const own: Partial<Record<TokenKind, WireCall>> = {
    console: world.nativeCall("deleteCurrentSession", {}, { cookie, "x-csrf-token": csrfToken }),
    iam: { method: "DELETE", path: "/v3/auth/tokens", headers: { "x-auth-token": token, "x-subject-token": token } },
    "iserver-session": { method: "GET", path: "/iserver/services/security/logout.json", headers: { cookie } },
  };
  const answer = await world.send(own[kind] ?? world.nativeCall("revokeSession", { id: sessionIdOf(shown) }));
  expect(answer.status, `${kind}: ${answer.text}`).toBeLessThan(300);
}

/** Calls that change something, sent once; each is to be refused when it comes again. */
async function sendSigned(): Promise<Before["signed"]> {
  const { aliyun, huawei } = world.server.bootstrap;
  const write = (id: string) => {
    const parameters = { ProductKey: aliyun.proofChain.productKey, Key: evidenceKey(world.server.bootstrap, id), Value: id };
    return { method: "GET", path: `/?${encodeParameters(signedParameters("SetData", parameters, aliyun, "GET"))}` };
  };
  const project = (name: string) => JSON.stringify({ project: { name, domain_id: huawei.domainId } });
  const calls = [
    ["native, ACS3", acs3Call(host, "POST", "/api/v1/groups", { name: "signed" }, aliyun), { code: "NONCE_USED" }],
    ["LTL SetData", write("once"), { Code: "SignatureNonceUsed" }],
    [
      "IAM createProject",
      sdkHmacCall(host, "POST", "/v3/projects", huawei, project("signed")),
      { error_code: "APIGW.0301" },
    ],
  ] as const;
  for (const [what, call] of calls) {
    const { status, text } = await world.send(call);
    expect(status, `${what}: ${text}`).toBeLessThan(300);
  }
  const again: readonly [string, WireCall, object] = [
    "LTL SetData of the same key, signed anew",
    write("once"),
    { Code: -317 },
  ];
  return [...calls, again];
}

async function presentAuthorities(mspId: string): Promise<readonly string[]> {
  const { authorities } = await world.done("getOrganization", { mspId });
  const list: readonly { standing: string; fingerprint: string }[] = Array.isArray(authorities) ? authorities : [];
  return list.filter(({ standing }) => standing === "present").map(({ fingerprint }) => fingerprint);
}

const firstMspId = () => `Org${world.server.bootstrap.aliyun.uid}MSP`;

/** Starts both kinds of rotation and kills the world.server as soon as they are on record. @returns the jobs that had not ended */
async function killDuringJobs(): Promise<readonly string[]> {
  const started = await Promise.all([
    world.done("rotateOrganizationAuthority", { mspId: firstMspId() }),
    world.done("rotateMasterKey"),
  ]);
  await world.server.kill();
  const jobIds = started.map(({ jobId }) => String(jobId));
  const database = new DatabaseSync(join(world.server.dataFolder, "control.sqlite"));
  const statuses = jobIds.map((id) => database.prepare("SELECT status FROM jobs WHERE job_id = ?").get(id)?.["status"]);
  database.close();
  console.log(`jobs at the kill: ${statuses.join(", ")}`);
  expect(statuses.some((status) => !FINAL.includes(String(status)))).toBe(true);
  return jobIds;
}

async function until<Result>(ask: () => Promise<Result>, isIt: (result: Result) => boolean): Promise<Result> {
  for (;;) {
    const result = await ask();
    if (isIt(result)) return result;
    await pause(50);
  }
}

beforeAll(async () => {
  await start(await newInstallation("restart"));
  host = new URL(world.server.bootstrap.url).host;
  const all = await readApiOperations(wire, "/openapi/native.json");
  operations = new Map(all.map((operation) => [operation.name, operation]));
  // Each channel of an organization takes part in the rotation of its authority.
  for (let count = 0; count < 4; count++) await world.done("createChain", { name: `Chain-${count}` });
  const keeper = await createPerson("keeper");
  const leaver = await createPerson("leaver");
  const kept = await signInEverywhere(keeper);
  const ofLeaver = await signInEverywhere(leaver);
  // The text of a BIF token says the second of its end and no more: two of one second are one token.
  await pause(1_000);
  const revoked = await signInEverywhere(keeper);
  for (const shown of revoked) await revoke(shown);
  await world.done("updateUser", { uid: leaver.uid, enabled: false });
  const signed = await sendSigned();
  const idempotent: [WireCall, string][] = [];
  for (const call of [world.nativeCall("createApiKey", { uid: keeper.uid }), world.nativeCall("createProject", { name: "once" })]) {
    idempotent.push([call, (await world.send(call)).text]);
  }
  const authorities = await presentAuthorities(firstMspId());
  // Entries of the last moments have not reached the ledger when the world.server is killed.
  for (let count = 0; count < 10; count++) await world.done("createGroup", { name: `group-${count}` });
  const entryIds = (await world.entries()).map(({ entryId }) => entryId);
  const jobIds = await killDuringJobs();
  before = { keeper, leaver, kept, revoked, ofLeaver, signed, idempotent, jobIds, authorities, entryIds };
  await start(world.server);
});
afterAll(() => wire?.close());

test("sessions and tokens made before the kill count after it; revoked ones and those of a disabled user do not", async () => {
  const { keeper, leaver, kept, revoked, ofLeaver } = before;
  const { sessions } = await world.done("listSessions", { uid: keeper.uid });
  const ids = (Array.isArray(sessions) ? sessions : []).map(({ sessionId }) => sessionId);
  expect(ids.toSorted()).toEqual(kept.map(sessionIdOf).toSorted());
  for (const [list, status] of [
    [kept, 200],
    [revoked, 401],
    [ofLeaver, 401],
  ] as const) {
    const calls = list.flatMap((shown) => useOf(shown) ?? []);
    expect(calls).toHaveLength(2);
    for (const call of calls) {
      const answer = await world.send(call);
      expect(answer.status, `${call.path}: ${answer.text}`).toBe(status);
    }
  }
  const console = kept.find(({ kind }) => kind === "console");
  const { cookie = "", csrfToken = "" } = console ?? {};
  expect(await world.done("getCurrentSession", {}, { cookie })).toMatchObject({ csrfToken, principal: { uid: keeper.uid } });
  const own = { uid: keeper.uid, oldPassword: PASSWORD, password: `${PASSWORD} 2` };
  expect((await world.send(world.nativeCall("setPassword", own, { cookie }))).body).toMatchObject({ code: "CSRF_TOKEN_WRONG" });
  for (const { kind, call, tokenOf } of signInsOf(leaver)) {
    expect(tokenOf(await world.send(call)), `sign-in ${kind} of the disabled user`).toBe("");
  }
});

test("a signed call that changed something before the kill is refused as a replay after it", async () => {
  for (const [what, call, refusal] of before.signed) {
    const { body, text } = await world.send(call);
    expect(body, `${what}: ${text}`).toMatchObject(refusal);
  }
  const groups = await world.done("listGroups", { name: "signed" });
  const projects = await world.done("listProjects", { name: "signed" });
  expect([groups["total"], projects["total"]]).toEqual([1, 1]);
});

test("an idempotent call that is repeated after the kill is answered as before, and nothing is made twice", async () => {
  const { idempotent, keeper } = before;
  for (const [call, answer] of idempotent) {
    expect((await world.send(call)).text).toBe(answer);
    const other = { ...call, body: JSON.stringify({ name: "other" }), path: "/api/v1/projects" };
    const headers = { ...call.headers, "content-type": "application/json" };
    expect((await world.send({ ...other, headers })).body).toMatchObject({ code: "IDEMPOTENCY_CONFLICT" });
  }
  const { apiKeys } = await world.done("listApiKeys", { uid: keeper.uid });
  expect(apiKeys).toHaveLength(2);
  expect(await world.done("listProjects", { name: "once" })).toMatchObject({ total: 1 });
});

test("jobs that ran at the kill end once, with their effect", async () => {
  for (const id of before.jobIds) {
    const job = await until(
      () => world.done("getJob", { id }),
      ({ status }) => FINAL.includes(String(status)),
    );
    expect(job).toMatchObject({ status: "succeeded", progress: 100, error: null });
    const ends = await world.entries({ action: "platform:job:end", resourceId: id });
    expect(ends).toHaveLength(1);
  }
  const keyFile = await readFile(join(world.server.configFolder, "concordat/master.key"), "utf8");
  expect(await world.done("showMasterKey").catch(() => world.done("getMasterKey"))).toMatchObject({ waitingCount: 0 });
  expect(keyFile.trim().split("\n").length).toBeGreaterThanOrEqual(2);
  const authorities = await presentAuthorities(firstMspId());
  expect(authorities).toHaveLength(2);
  expect(authorities.filter((fingerprint) => !before.authorities.includes(fingerprint))).toHaveLength(1);
});

test("audit entries from before the kill are on the ledger, each with a receipt that verifies", async () => {
  const { entryIds } = before;
  const known = await until(
    async () => (await world.entries()).concat(await olderEntries()),
    (list) => list.every(({ txId }) => txId !== null),
  );
  const transactions = new Map(known.map(({ entryId, txId }) => [entryId, txId]));
  const trust = await world.done("getTrustBundle");
  expect(entryIds.length).toBeGreaterThan(20);
  for (const entryId of entryIds) {
    const receipt = await world.done("getAuditReceipt", { id: entryId, envelope: true });
    const { status, reasons, facts } = verifyReceipt(receipt, trust, nodeCrypto);
    expect({ status, reasons, txId: facts?.txId }).toEqual({
      status: "valid",
      reasons: [],
      txId: transactions.get(entryId),
    });
    expect(facts?.transaction?.writes?.filter(({ key }) => key === entryId)).toHaveLength(1);
  }
});

test("tokens that no operation asks for yet are told by their authenticators, after a second kill", async () => {
  const { keeper, kept, revoked, ofLeaver, jobIds } = before;
  await world.server.kill();
  const doors = await openTokenDoors(world.server, host);
  const asked = (list: readonly Shown[]) => list.filter((shown) => useOf(shown) === undefined);
  const knock = async (list: readonly Shown[]) =>
    Promise.all(asked(list).map(async ({ kind, token }) => `${kind} ${await doors.knock(kind, token)}`));
  try {
    const kinds = ["bif", "oauth", "oauth", "iserver-session", "iserver-token"];
    expect(await knock(kept)).toEqual(kinds.map((kind) => `${kind} ${keeper.uid}`));
    expect(await knock(revoked)).toEqual(kinds.map((kind) => `${kind} undefined`));
    expect(await knock(ofLeaver)).toEqual(kinds.map((kind) => `${kind} undefined`));
  } finally {
    await doors.close();
  }
  await start(world.server);
  for (const id of jobIds) {
    expect(await world.done("getJob", { id })).toMatchObject({ status: "succeeded" });
    expect(await world.entries({ action: "platform:job:end", resourceId: id })).toHaveLength(1);
  }
  expect(await world.server.stop()).toBe(0);
  const { exitCode, stdout, stderr } = await runCommand(world.server, ["verify", "--data", world.server.dataFolder]);
  expect({ exitCode, stderr }, stdout).toMatchObject({ exitCode: 0 });
});
