import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { verifyReceipt } from "@concordat/verifier";
import { nodeCrypto } from "@concordat/verifier/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { acs3Call } from "../support/acs3.ts";
import { encodeParameters, evidenceKey, signedParameters } from "../support/aliyun.ts";
import { queryControlStore } from "../support/data-files.ts";
import { RestartWorld } from "../support/restart-world.ts";
import { sdkHmacCall } from "../support/sdk-hmac.ts";
import { runCommand } from "../support/server.ts";
import {
  createPerson,
  PASSWORD,
  type Person,
  revoke,
  type Shown,
  sessionIdOf,
  signInEverywhere,
  useOf,
} from "../support/shown-tokens.ts";
import { signInsOf } from "../support/sign-ins.ts";
import { openTokenDoors } from "../support/token-doors.ts";
import type { WireCall } from "../support/wire.ts";

/** What was done before the server was killed, and what it answered. */
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

let world: RestartWorld;
let before: Before;

/** Calls that change something, sent once; each is to be refused when it comes again. */
async function sendSigned(): Promise<Before["signed"]> {
  const { aliyun, huawei } = world.server.bootstrap;
  const write = (id: string) => {
    const parameters = {
      ProductKey: aliyun.proofChain.productKey,
      Key: evidenceKey(world.server.bootstrap, id),
      Value: id,
    };
    return { method: "GET", path: `/?${encodeParameters(signedParameters("SetData", parameters, aliyun, "GET"))}` };
  };
  const project = (name: string) => JSON.stringify({ project: { name, domain_id: huawei.domainId } });
  const calls = [
    [
      "native, ACS3",
      acs3Call(world.host, "POST", "/api/v1/groups", { name: "signed" }, aliyun),
      { code: "NONCE_USED" },
    ],
    ["LTL SetData", write("once"), { Code: "SignatureNonceUsed" }],
    [
      "IAM createProject",
      sdkHmacCall(world.host, "POST", "/v3/projects", huawei, project("signed")),
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

/** Starts both kinds of rotation, kills the server as soon as they are on record, and looks at what it left. */
async function killDuringJobs(): Promise<Pick<Before, "jobIds" | "entryIds">> {
  const started = await Promise.all([
    world.done("rotateOrganizationAuthority", { mspId: firstMspId() }),
    world.done("rotateMasterKey"),
  ]);
  await world.server.kill();
  const jobIds = started.map(({ jobId }) => String(jobId));
  const [jobs, entries] = await queryControlStore(world.server.dataFolder, (database) => [
    database.prepare("SELECT job_id AS id, status FROM jobs").all(),
    database.prepare("SELECT entry_id AS id, tx_id AS tx FROM audit_entries").all(),
  ]);
  const statuses = (jobs ?? []).filter(({ id }) => jobIds.includes(String(id))).map(({ status }) => String(status));
  const waiting = (entries ?? []).filter(({ tx }) => tx === null);
  console.log(`at the kill: jobs ${statuses.join(", ")}; ${waiting.length} of ${entries?.length} entries waiting`);
  expect(statuses).toHaveLength(2);
  expect(statuses.filter((status) => !FINAL.includes(status))).not.toEqual([]);
  expect(waiting).not.toEqual([]);
  return { jobIds, entryIds: (entries ?? []).map(({ id }) => String(id)) };
}

async function until<Result>(ask: () => Promise<Result>, isIt: (result: Result) => boolean): Promise<Result> {
  for (;;) {
    const result = await ask();
    if (isIt(result)) return result;
    await pause(50);
  }
}

beforeAll(async () => {
  world = await RestartWorld.start("restart");
  // Each channel of an organization takes part in the rotation of its authority.
  for (let count = 0; count < 4; count++) await world.done("createChain", { name: `Chain-${count}` });
  const keeper = await createPerson(world, "keeper");
  const leaver = await createPerson(world, "leaver");
  const kept = await signInEverywhere(world, keeper);
  const ofLeaver = await signInEverywhere(world, leaver);
  // The text of a BIF token says the second of its end and no more: two of one second are one token.
  await pause(1_000);
  const revoked = await signInEverywhere(world, keeper);
  for (const shown of revoked) await revoke(world, shown);
  await world.done("updateUser", { uid: leaver.uid, enabled: false });
  const signed = await sendSigned();
  const idempotent: [WireCall, string][] = [];
  for (const call of [
    world.nativeCall("createApiKey", { uid: keeper.uid }),
    world.nativeCall("createProject", { name: "once" }),
  ]) {
    idempotent.push([call, (await world.send(call)).text]);
  }
  const authorities = await presentAuthorities(firstMspId());
  const left = await killDuringJobs();
  before = { keeper, leaver, kept, revoked, ofLeaver, signed, idempotent, authorities, ...left };
  await world.startAgain();
});
afterAll(() => world?.close());

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
  expect(await world.done("getCurrentSession", {}, { cookie })).toMatchObject({
    csrfToken,
    principal: { uid: keeper.uid },
  });
  const own = { uid: keeper.uid, oldPassword: PASSWORD, password: `${PASSWORD} 2` };
  expect((await world.send(world.nativeCall("setPassword", own, { cookie }))).body).toMatchObject({
    code: "CSRF_TOKEN_WRONG",
  });
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
  const keyCount = keyFile.trim().split("\n").length;
  expect(keyCount).toBeGreaterThanOrEqual(2);
  expect(await world.done("getMasterKey")).toMatchObject({ waitingCount: 0, keyCount });
  const authorities = await presentAuthorities(firstMspId());
  expect(authorities).toHaveLength(2);
  expect(authorities.filter((fingerprint) => !before.authorities.includes(fingerprint))).toHaveLength(1);
});

test("audit entries from before the kill are on the ledger, each with a receipt that verifies", async () => {
  const { entryIds } = before;
  const known = await until(
    () => world.entries(),
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
  const doors = await openTokenDoors(world.server, world.host);
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
  await world.startAgain();
  for (const id of jobIds) {
    expect(await world.done("getJob", { id })).toMatchObject({ status: "succeeded" });
    expect(await world.entries({ action: "platform:job:end", resourceId: id })).toHaveLength(1);
  }
  expect(await world.server.stop()).toBe(0);
  const { exitCode, stdout, stderr } = await runCommand(world.server, ["verify", "--data", world.server.dataFolder]);
  expect({ exitCode, stderr }, stdout).toMatchObject({ exitCode: 0 });
});
