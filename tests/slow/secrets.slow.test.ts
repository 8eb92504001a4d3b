import { generateKeyPairSync, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, expect, test } from "vitest";
import { evidenceKey } from "../support/aliyun.ts";
import { chainTour } from "../support/chain-tour.ts";
import { readDataFolder, readFolder } from "../support/data-files.ts";
import { misplacedSecrets } from "../support/misplaced-secrets.ts";
import { nativeTour } from "../support/native-tour.ts";
import { createOpenSsl } from "../support/openssl.ts";
import { repositoryRoot } from "../support/repository.ts";
import { type Finding, SecretHunt } from "../support/secret-hunt.ts";
import { ltlCall, newDevice, useDevices, writePhaseData } from "../support/secret-ledger.ts";
import { SecretServer } from "../support/secret-server.ts";
import { useConsole, useIserver, useJobs, usePasswords, useSignatures } from "../support/secret-sessions.ts";
import { type Installation, newInstallation, runCommand } from "../support/server.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { basic, type WireCall } from "../support/wire.ts";
import { CUT_OFF, wrongDoors } from "../support/wrong-doors.ts";

/** Answers that repeat a secret to whoever sent it in a place where none belongs, because the vendor's form of the answer does. */
const echoes: readonly { readonly what: string; readonly why: string }[] = [
  {
    what: "LTL: parameter of a wrongly signed call",
    why: "SignatureDoesNotMatch ends with the server's string to sign, which is made of all parameters; official clients compare it",
  },
  {
    what: "SDK-HMAC: query of a wrongly signed call",
    why: "APIGW.0301 ends with the server's canonical request, which holds the query",
  },
];

/** What an unsealed private key looks like anywhere: the beginnings of its encodings. */
const keyMarks: Readonly<Record<string, string | Uint8Array>> = {
  "a private key in PEM": "PRIVATE KEY-----",
  "a private key of Ed25519": Buffer.from("302e020100300506032b657004220420", "hex"),
  "a private key of P-256": Buffer.from("020100301306072a8648ce3d020106082a8648ce3d030107", "hex"),
  "a private key of SM2": Buffer.from("020100301306072a8648ce3d020106082a811ccf5501822d", "hex"),
  "a private key of RSA": Buffer.from("020100300d06092a864886f70d010101050004", "hex"),
};

/** In clear on purpose, to show that the search finds what is there. */
const planted = {
  description: `planted-${randomUUID()}`,
  value: `planted-${randomUUID()}`,
  user: `planted-${randomUUID().slice(0, 8)}`,
};

let installation: Installation;
let server: SecretServer;
let audit = "";

beforeAll(async () => {
  installation = await newInstallation("secrets");
  server = await SecretServer.start(installation);
  for (const [name, mark] of Object.entries(keyMarks)) server.world.hunt.add(name, mark);
});

/** Writes a record by the LTL API. @returns its transaction and key */
async function writeEvidence() {
  const ProductKey = server.running.bootstrap.aliyun.proofChain.productKey;
  const Key = evidenceKey(server.running.bootstrap, "planted");
  const { headers } = await ltlCall(server, "SetData", { ProductKey, Key, Value: planted.value });
  return { tx: String(headers["concordat-tx"]), key: Key };
}

/** A certificate request for a key that is made here. */
async function certificateRequest(): Promise<string> {
  const openssl = await createOpenSsl("secrets");
  const words = [
    "req",
    "-new",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-subj",
    "/CN=reader",
  ];
  await openssl.run(...words, "-keyout", openssl.path("key.pem"), "-out", openssl.path("request.pem"));
  return readFile(openssl.path("request.pem"), "utf8");
}

/** A contract's folder, packed by the command that users have for it; base64. */
async function contractPackage(): Promise<string> {
  const output = join(await temporaryFolder("secrets-contract"), "general.tgz");
  const folder = join(repositoryRoot, "tests/chaincodes/general");
  const words = ["contract", "package", "--folder", folder, "--label", "general_1.0", "--output", output];
  expect(await runCommand(installation, words)).toMatchObject({ exitCode: 0 });
  return (await readFile(output)).toString("base64");
}

test("every operation of the native API is used with success", async () => {
  const { bootstrap } = server.running;
  const { proofChain } = bootstrap.aliyun;
  const { tx, key } = await writeEvidence();
  await useDevices(server);
  const options = {
    chain: { ...proofChain, bizChainCode: proofChain.productKey, channelId: `ltl-${proofChain.bizChainId}` },
    tx,
    evidenceKey: key,
    phaseData: await writePhaseData(server),
    tenantId: bootstrap.huawei.domainId,
    certificateRequest: await certificateRequest(),
    contractPackage: await contractPackage(),
    secret: (what: string) => server.world.canary(what),
    description: planted.description,
  };
  for (const { operation, input, startsJob } of [...nativeTour(options), ...chainTour(options)]) {
    const answer = await server.done(operation, input(server.made));
    if (startsJob === true) expect(await server.endOfJob(answer)).toMatchObject({ status: "succeeded" });
  }
  await usePasswords(server, planted.user);
  await useConsole(server);
  await useJobs(server);
  await server.done("deleteUser", { uid: server.made["createUser"]?.["uid"] });
  const unused = [...server.operations.keys()].filter((name) => !server.world.succeeded.has(name));
  expect(unused, "give these a step in a tour of tests/support").toEqual([]);
});

test("an answer with a secret is repeated for its idempotency key, and only there", async () => {
  const { uid } = server.running.bootstrap.aliyun;
  const headers = { ...server.administrator, "idempotency-key": randomUUID() };
  const first = await server.done("createApiKey", { uid }, headers);
  expect((await server.done("createApiKey", { uid }, headers)).text).toBe(first.text);
  const other = { ...server.administrator, "idempotency-key": randomUUID() };
  const created = await server.done("createAccount", { name: "Repeated" }, other);
  expect((await server.done("createAccount", { name: "Repeated" }, other)).text).toBe(created.text);
  expect((await server.native("createAccount", { name: "Else" }, other)).status).toBe(409);
  await newDevice(server, (await server.done("createDeviceProduct", { name: "gauge" })).body["productKey"], "aes-128");
  const [{ iotId: id }] = Object(server.made["createDeviceIdentities"])["devices"];
  expect((await server.native("exportDeviceIdentity", { id })).body).toMatchObject({
    code: "DEVICE_IDENTITY_EXPORTED",
  });
});

test("every door opens to right credentials", async () => {
  for (const kind of ["console", "iam", "bif", "oauth", "iserver-session", "iserver-token"]) await server.signIn(kind);
  await useSignatures(server);
  await useIserver(server);
});

test("a secret in a wrong place, and a wrong secret, is refused everywhere", async () => {
  const { world, operations, administrator, running } = server;
  const canary = (what: string) => world.canary(what);
  for (const operation of operations.values()) {
    for (const { what, call } of misplacedSecrets(operation, administrator, canary)) {
      const { status, text } = await world.send(what, call);
      expect(status, `${what}: ${text}`).toBeGreaterThanOrEqual(400);
    }
  }
  for (const { what, call } of wrongDoors(running.bootstrap, canary)) {
    const answer = await world.send(what, call).catch((error: unknown) => {
      if (what !== CUT_OFF) throw error;
    });
    if (answer === undefined) continue;
    const { status, text, body } = answer;
    // BIF says with HTTP 200 that it refuses; the form that asks for an iServer token is for everybody.
    const isRefused = status >= 400 || Number(body["errorCode"]) > 0;
    expect(isRefused || what.endsWith("in the query of GET"), `${what}: ${status} ${text}`).toBe(true);
  }
});

function signInCall(password: string, from: string): WireCall {
  const body = JSON.stringify({ userName: "administrator", password });
  return { method: "POST", path: "/api/v1/sessions", headers: { "content-type": "application/json" }, body, from };
}

test("callers without permission and floods of guesses are refused", async () => {
  const { world } = server;
  await server.done("createUser", { name: "stranger", password: world.canary("password of a stranger") });
  const stranger = String(server.made["createUser"]?.["uid"]);
  const { accessKey, accessKeySecret } = (await server.done("createAccessKey", { uid: stranger })).body;
  const headers = basic(Object(accessKey).accessKeyId, String(accessKeySecret));
  const { uid } = server.running.bootstrap.aliyun;
  for (const [name, input] of [
    ["createAccessKey", { uid }],
    ["createApiKey", { uid }],
    ["setPassword", { uid, password: world.canary("password that may not be set") }],
    ["createOAuthClient", { uid, name: "till", grantTypes: ["password"], scopes: [] }],
    ["createUser", { name: "never", password: world.canary("password of nobody") }],
    ["rotateMasterKey", {}],
  ] as const) {
    expect([403, 404], name).toContain((await server.native(name, input, headers)).status);
  }
  const guess = () => world.send("flood of guesses", signInCall(world.canary("guess"), "127.0.0.4"));
  await Promise.all(Array.from({ length: 24 }, guess));
  for (let tries = 0; tries < 8; tries++) await guess();
});

test("a control store that fails is told in answers and log without what was to be written", async () => {
  const { world } = server;
  const uid = String(server.made["createUser"]?.["uid"]);
  const setPassword = () => server.native("setPassword", { uid, password: world.canary("password in a fault") });
  const database = new DatabaseSync(join(installation.dataFolder, "control.sqlite"), { timeout: 5_000 });
  database.exec("BEGIN IMMEDIATE");
  expect((await setPassword()).status).toBe(503);
  const { password } = server.running.bootstrap.huawei;
  expect((await world.send("sign-in with a locked store", signInCall(password, "127.0.0.5"))).status).toBe(503);
  database.exec("ROLLBACK");
  database.exec("ALTER TABLE passwords RENAME TO passwords_away");
  expect((await setPassword()).status).toBe(500);
  database.exec("ALTER TABLE passwords_away RENAME TO passwords");
  database.close();
  expect((await setPassword()).status).toBe(200);
  const seen = [...world.statuses.keys()];
  expect(seen).toEqual(expect.arrayContaining([400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503]));
});

test("commands that fail keep what they were given", async () => {
  const { world } = server;
  const folder = ["--data", installation.dataFolder];
  const secret = { CONCORDAT_ACCESS_KEY_SECRET: world.canary("access key secret of a command") };
  const elsewhere = await newInstallation("secrets-elsewhere");
  const up = ["up", "--data", elsewhere.dataFolder, "--port", "0"];
  const address = `postgres://user:${world.canary("password of a database")}@127.0.0.1:1/none`;
  for (const { exitCode, stdout, stderr } of [
    await runCommand(installation, ["chain", "list", ...folder, "--access-key-id", "LTAI0"], { environment: secret }),
    await runCommand(elsewhere, up, { environment: { CONCORDAT_MASTER_KEY: world.canary("malformed master key") } }),
    await runCommand(elsewhere, up, { environment: { CONCORDAT_DATABASE: address }, killAfterMs: 5_000 }),
  ]) {
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/^concordat: /m);
    server.printed += stdout + stderr;
  }
});

test("no secret is in what the server printed, answered or wrote into its audit trail", async () => {
  const { world } = server;
  // A stop brings what was only counted so far into the trail.
  expect(await server.running.stop()).toBe(0);
  server.printed += server.running.output();
  await server.run();
  await server.signIn("iam");
  for (let after: string | undefined = ""; after !== undefined; ) {
    const { body, text } = await server.done("listAuditEntries", { pageSize: 100, ...(after && { after }) });
    audit += text;
    after = typeof body["next"] === "string" ? body["next"] : undefined;
  }
  expect(audit).toContain('"outcome":"refused"');
  server.printed += server.running.output();
  expect(server.printed).toContain("native call failed");
  const statuses = [...world.statuses].map(([status, count]) => `${count}x ${status}`);
  console.log(`${world.hunt.size} secrets, answers: ${statuses.join(", ")}`);
  expect(world.unexpected).toEqual([]);
  expect(world.hunt.search("output", server.printed)).toEqual([]);
  expect(world.hunt.search("audit trail", audit)).toEqual([]);
  const answered = world.searchAnswers();
  const isOf = (what: string) => (finding: Finding) => finding.where.endsWith(` of ${what}`);
  expect(answered.filter((finding) => !echoes.some(({ what }) => isOf(what)(finding)))).toEqual([]);
  expect(echoes.filter(({ what }) => !answered.some(isOf(what)))).toEqual([]);
});

test("no secret is in the data folder, neither right after a kill nor after the first secrets were forgotten", async () => {
  await server.done("createAccessKey", { uid: server.running.bootstrap.aliyun.uid });
  await server.running.kill();
  const { hunt } = server.world;
  const findings = async (isWanted: (path: string) => boolean) => {
    const files = await readDataFolder(installation.dataFolder);
    return files.filter(({ path }) => isWanted(path)).flatMap(({ path, bytes }) => hunt.search(path, bytes));
  };
  expect(await findings((path) => path !== "bootstrap.json")).toEqual([]);
  expect(await findings((path) => path === "bootstrap.json")).not.toEqual([]);
  const { exitCode } = await runCommand(installation, ["bootstrap", "--forget", "--data", installation.dataFolder]);
  expect(exitCode).toBe(0);
  expect(await findings(() => true)).toEqual([]);
  const config = await readFolder(installation.configFolder);
  const beside = config.flatMap(({ path, bytes }) => hunt.search(path, bytes));
  expect(beside.filter(({ secret }) => !secret.startsWith("master key"))).toEqual([]);
});

test("the search finds what is in clear, at every place that it looks at", async () => {
  const hunt = new SecretHunt();
  for (const [name, value] of Object.entries(planted)) hunt.add(name, value);
  hunt.add("url", server.running.bootstrap.url);
  expect(hunt.search("", server.printed)).toMatchObject([{ secret: "url" }]);
  expect(hunt.search("", audit)).toContainEqual({ secret: "user", form: "as it is", where: "" });
  const files = await readDataFolder(installation.dataFolder);
  const found = files.flatMap(({ path, bytes }) => hunt.search(path, bytes));
  const places = (secret: string) => found.filter((each) => each.secret === secret).map(({ where }) => where);
  expect(places("description")).toContain("control.sqlite, table enterprise_projects");
  expect(places("description").filter((path) => /^control\.sqlite(-wal)?$/.test(path))).not.toEqual([]);
  expect(places("value")).toEqual(
    expect.arrayContaining([expect.stringMatching(/\.segment$/), expect.stringMatching(/derived\/state, rows$/)]),
  );
  expect(places("user").filter((path) => path.startsWith("channels/audit/segments/"))).not.toEqual([]);
});

test("the search finds a private key in every form", () => {
  const hunt = new SecretHunt();
  for (const [name, mark] of Object.entries(keyMarks)) hunt.add(name, mark);
  for (const [name, key] of [
    ["a private key of Ed25519", generateKeyPairSync("ed25519").privateKey],
    ["a private key of P-256", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey],
    ["a private key of RSA", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
  ] as const) {
    const der = key.export({ format: "der", type: "pkcs8" });
    const pem = key.export({ format: "pem", type: "pkcs8" }).toString();
    for (const text of [
      der.toString("hex"),
      der.toString("base64"),
      `x${der.toString("base64url")}`,
      JSON.stringify(pem),
    ]) {
      expect(
        hunt.search("", text).map(({ secret }) => secret),
        text,
      ).toContain(name);
    }
    expect(hunt.search("", Buffer.concat([Buffer.from("x"), der]))).toMatchObject([{ secret: name }]);
  }
});
