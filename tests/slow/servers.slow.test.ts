import { randomUUID } from "node:crypto";
import { cp, readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { silentLogger } from "@concordat/base";
import { openPostgresControlStore } from "@concordat/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { acs3Call, type SignedCall } from "../support/acs3.ts";
import { type AccessKey, type Caller, createCaller, evidenceKey } from "../support/aliyun.ts";
import { createNativeApi } from "../support/native.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { type Installation, newInstallation, type RunningServer, runCommand, startServer } from "../support/server.ts";

/** How old a server's view of what others committed may be. */
const DIRECTORY_AGE_MAX_MS = 1_000;
const AWAY_MS = 10_000;

let postgres: PostgresServer;
let database: string;
let home: RunningServer;
let guest: RunningServer;
let homeCaller: Caller;
let guestCaller: Caller;

/** Two servers with data folders of their own and one master key. */
async function installations(): Promise<readonly [Installation, Installation]> {
  const first = await newInstallation("servers");
  return [first, { ...first, dataFolder: `${first.dataFolder}-2` }];
}

const start = (installation: Installation) =>
  startServer(installation, { environment: { CONCORDAT_DATABASE: database } });

beforeAll(async () => {
  postgres = await startPostgres();
  database = await postgres.createDatabase();
  const [one, two] = await installations();
  // At once, on an empty database: one migrates, one becomes the home, both find the same installation.
  const servers = await Promise.all([start(one), start(two)]);
  const places = await Promise.all(servers.map(async ({ bootstrap }) => (await health(bootstrap.url)).ledger));
  expect(places.filter((place) => place === "elsewhere")).toHaveLength(1);
  const [first, second] = servers;
  [home, guest] = places[0] === "elsewhere" ? [second, first] : [first, second];
  homeCaller = createCaller(home.bootstrap);
  guestCaller = createCaller(guest.bootstrap);
});
afterAll(async () => {
  homeCaller?.close();
  guestCaller?.close();
  await Promise.all([home?.stop(), guest?.stop()]);
  await postgres?.dispose();
});

async function health(
  url: string,
): Promise<{ readonly status: number; readonly ledger?: string; readonly failedChannels?: readonly string[] }> {
  const response = await fetch(`${url}/healthz`);
  return { ...JSON.parse(await response.text()), status: response.status };
}

const native = (server: RunningServer, key?: AccessKey) => createNativeApi(server.bootstrap, key);

function setData(caller: Caller, id: string, key?: AccessKey) {
  const parameters = {
    ProductKey: home.bootstrap.aliyun.proofChain.productKey,
    Key: evidenceKey(home.bootstrap, id),
    Value: `value of ${id}`,
  };
  return caller.call("SetData", parameters, key === undefined ? {} : { key });
}

function keyOf(body: Readonly<Record<string, unknown>>): AccessKey {
  const { accessKey } = body;
  // As the API's description has it.
  return accessKey as AccessKey;
}

async function createAccount(server: RunningServer, name: string): Promise<AccessKey> {
  const { status, body } = await native(server).send("POST", "/accounts", { name });
  expect(status).toBe(201);
  return keyOf(body);
}

/** What another server shows once its view may not be older than the change any more. */
async function afterOneSecond<Result>(work: () => Promise<Result>): Promise<Result> {
  await pause(DIRECTORY_AGE_MAX_MS);
  return work();
}

test("two servers that start at once are one installation", async () => {
  const { url: _home, aliyun: homeAliyun } = home.bootstrap;
  const { url: _guest, aliyun: guestAliyun } = guest.bootstrap;
  expect({ ...guestAliyun, endpoint: "" }).toEqual({ ...homeAliyun, endpoint: "" });
  expect(await health(home.bootstrap.url)).toMatchObject({ status: 200, failedChannels: [] });
});

test("accounts and keys made on one server work on the other within a second, and stop working as soon", async () => {
  const ofGuest = await createAccount(guest, "made-on-guest");
  const ofHome = await createAccount(home, "made-on-home");
  const [onHome, onGuest] = await afterOneSecond(() =>
    Promise.all([native(home, ofGuest).get("/chains"), native(guest, ofHome).get("/chains")]),
  );
  expect([onHome.status, onGuest.status]).toEqual([200, 200]);
  const off = await native(home).send("PUT", `/access-keys/${ofGuest.accessKeyId}`, { active: false });
  expect(off.status).toBeLessThan(300);
  expect((await afterOneSecond(() => native(guest, ofGuest).get("/chains"))).status).toBe(401);
});

test("the server without the ledger names its home", async () => {
  const refused = await setData(guestCaller, "elsewhere");
  expect(refused.status).toBe(503);
  expect(refused.body).toMatchObject({ Code: "ServiceUnavailable" });
  expect(refused.text).toContain(home.bootstrap.url);
  const { status, body } = await native(guest).send("POST", "/chains", { name: "elsewhere" });
  expect(status).toBe(503);
  expect(body).toMatchObject({ code: "HOME_ELSEWHERE", title: expect.stringContaining(home.bootstrap.url) });
  expect((await setData(homeCaller, "here")).body).toMatchObject({ Success: true });
});

test("a signed call that one server took is a replay on the other", async () => {
  // Behind one name, as a balancer shows them: the host is part of what is signed.
  const call = acs3Call("localhost", "POST", "/api/v1/accounts", { name: "signed-once" }, home.bootstrap.aliyun);
  expect((await send(home, call)).status).toBe(201);
  const again = { ...call, headers: { ...call.headers, "idempotency-key": randomUUID() } };
  for (const server of [guest, home, guest]) {
    const { status, text } = await send(server, again);
    expect(status).toBe(401);
    expect(JSON.parse(text)).toMatchObject({ code: "NONCE_USED" });
  }
});

test("a write of evidence leaves nothing in the control store", async () => {
  const store = await openPostgresControlStore({ url: database }, { log: silentLogger });
  const nonces = () => store.database.selectFrom("callNonces").selectAll().execute();
  const before = await nonces();
  for (let count = 0; count < 20; count += 1) {
    expect((await setData(homeCaller, `light-${count}`)).body).toMatchObject({ Success: true });
  }
  expect(await nonces()).toEqual(before);
  await store.close();
});

function send(server: RunningServer, call: SignedCall) {
  const { hostname, port } = new URL(server.bootstrap.url);
  const endpoint = `http://${hostname}:${port}`;
  const caller = createCaller({ ...server.bootstrap, aliyun: { ...server.bootstrap.aliyun, endpoint } });
  return caller.raw(call).finally(() => caller.close());
}

test("the ledger stays with its home: another server without it begins none", async () => {
  await guest.stop();
  await home.stop();
  guest = await start(guest);
  guestCaller = again(guestCaller, guest);
  expect(await health(guest.bootstrap.url)).toMatchObject({ status: 200, ledger: "elsewhere" });
  expect((await setData(guestCaller, "nobody")).status).toBe(503);
  home = await start(home);
  homeCaller = again(homeCaller, home);
  expect((await setData(homeCaller, "back")).body).toMatchObject({ Success: true });
});

test("after a crash the home comes back by itself, and a copy of its data folder is refused", async () => {
  const copy = `${home.dataFolder}-copy`;
  await home.kill();
  await cp(home.dataFolder, copy, { recursive: true });
  home = await start(home);
  homeCaller = again(homeCaller, home);
  expect((await setData(homeCaller, "after-the-crash")).body).toMatchObject({ Success: true });
  const words = ["up", "--data", copy, "--port", "0", "--database", database];
  const { exitCode, stdout, stderr } = await runCommand(home, words);
  expect(exitCode, stdout).toBe(1);
  expect(stderr).toContain(home.bootstrap.url);
  expect(stdout + stderr).not.toContain(new URL(database).password);
  expect((await setData(homeCaller, "after-the-copy")).body).toMatchObject({ Success: true });
  const verified = await runCommand(home, ["verify", "--data", home.dataFolder]);
  expect(verified.exitCode, verified.stderr).toBe(0);
});

/** A caller of the same server, which answers elsewhere since it was started again. */
function again(caller: Caller, server: RunningServer): Caller {
  caller.close();
  return createCaller(server.bootstrap);
}

test("while PostgreSQL is away calls answer 503 and never 500; afterwards everything is there and works", async () => {
  const made: AccessKey[] = [];
  const written: string[] = [];
  const statuses = new Map<number, number>();
  const unexpected: string[] = [];
  let count = 0;
  let isDone = false;
  const note = (status: number, text: string) => {
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (![200, 201, 503].includes(status)) unexpected.push(`${status}: ${text}`);
  };
  const makeAccounts = async (server: RunningServer) => {
    while (!isDone) {
      const { status, body } = await native(server).send("POST", "/accounts", { name: `away-${++count}` });
      note(status, JSON.stringify(body));
      if (status === 201) made.push(keyOf(body));
      await pause(20);
    }
  };
  const write = async () => {
    while (!isDone) {
      const id = `away-${++count}`;
      const { status, text, body } = await setData(homeCaller, id);
      note(status, text);
      if (body["Success"] === true) written.push(id);
      await pause(5);
    }
  };
  const work = [makeAccounts(home), makeAccounts(guest), write(), write()];
  await pause(1_000);
  await postgres.stop();
  const madeBefore = made.length;
  await pause(AWAY_MS / 2);
  for (const server of [home, guest]) expect((await health(server.bootstrap.url)).status).toBe(503);
  await pause(AWAY_MS / 2);
  await postgres.start();
  await Promise.all([untilHealthy(home), untilHealthy(guest)]);
  const [accountsBack, writesBack] = [made.length, written.length];
  while (made.length < accountsBack + 4 || written.length < writesBack + 4) await pause(20);
  isDone = true;
  await Promise.all(work);
  expect(unexpected).toEqual([]);
  expect(madeBefore).toBeGreaterThan(0);
  expect(statuses.get(503)).toBeGreaterThan(0);
  // Nothing that was acknowledged is lost, on either server.
  await afterOneSecond(async () => {
    for (const key of made) {
      for (const server of [home, guest]) expect((await native(server, key).get("/chains")).status).toBe(200);
    }
  });
  const ProductKey = home.bootstrap.aliyun.proofChain.productKey;
  for (const id of written) {
    const { body } = await homeCaller.call("GetData", { ProductKey, Key: evidenceKey(home.bootstrap, id) });
    expect(body["Data"]).toBe(`value of ${id}`);
  }
});

async function untilHealthy(server: RunningServer): Promise<void> {
  for (;;) {
    const answer = await health(server.bootstrap.url).catch(() => ({ status: 0 }));
    if (answer.status === 200) return;
    await pause(50);
  }
}

test("the database's password appears in no output, nor among the words of a process", async () => {
  const { password } = new URL(database);
  expect(password.length).toBeGreaterThan(10);
  await guest.stop();
  guest = await startServer(guest, { serverArguments: ["--database", database] });
  expect(await readFile(`/proc/${guest.pid}/cmdline`, "utf8")).not.toContain(password);
  for (const server of [home, guest]) expect(server.output()).not.toContain(password);
});
