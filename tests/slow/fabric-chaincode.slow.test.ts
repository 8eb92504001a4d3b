import { join } from "node:path";
import { type Contract, GatewayError, type Network } from "@hyperledger/fabric-gateway";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  connectGateway,
  createTestNetwork,
  type GatewayConnection,
  type TestNetwork,
} from "../support/fabric-network.ts";
import { repositoryRoot } from "../support/repository.ts";
import { newInstallation, type RunningServer, startServer } from "../support/server.ts";

/* A contract on the official fabric-contract-api, called through the official Gateway client: what it may do, and what it must not. */

const CHANNEL = "goods";

let server: RunningServer;
let network: TestNetwork;
let connected: GatewayConnection;
let channel: Network;
let general: Contract;
let faulty: Contract;

beforeAll(async () => {
  server = await startServer(await newInstallation("fabric-chaincode"), {
    serverArguments: ["--contract-timeout", "4"],
  });
  network = await createTestNetwork(server, { organizations: ["AlphaMSP", "BetaMSP"] });
  await network.createChannel(CHANNEL);
  await network.deploy(CHANNEL, "general");
  // A package of its own: as on Fabric, two contracts of one package are one process, which cannot call itself.
  const folder = join(repositoryRoot, "tests/chaincodes/general");
  await network.define(CHANNEL, "second", await network.install(folder, "second_1.0"));
  connected = connectGateway(await network.connection());
  channel = connected.gateway.getNetwork(CHANNEL);
  general = channel.getContract("general", "General");
  faulty = channel.getContract("general", "Faulty");
});

afterAll(async () => {
  connected?.close();
  await server?.stop();
});

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const evaluate = async (fn: string, ...args: string[]) => text(await general.evaluateTransaction(fn, ...args));
const submit = async (fn: string, ...args: string[]) => text(await general.submitTransaction(fn, ...args));

interface Page {
  readonly keys: readonly string[];
  readonly count: number;
  readonly bookmark: string;
}

async function pages(fn: string, ...args: string[]): Promise<readonly string[][]> {
  const found: string[][] = [];
  for (let bookmark = ""; ; ) {
    const page: Page = JSON.parse(await evaluate(fn, ...args, "2", bookmark));
    if (page.count === 0) return found;
    expect(page.keys).toHaveLength(page.count);
    found.push([...page.keys]);
    if (page.bookmark === "" || found.length > 10) return found;
    bookmark = page.bookmark;
  }
}

test("ranges, in pages too, ascending and end exclusive", async () => {
  for (const key of ["r-3", "r-1", "r-5", "r-2", "r-4"]) await submit("put", key, key);
  expect(JSON.parse(await evaluate("range", "r-1", "r-5"))).toEqual(["r-1", "r-2", "r-3", "r-4"]);
  expect((await pages("rangePage", "r-1", "r-6")).flat()).toEqual(["r-1", "r-2", "r-3", "r-4", "r-5"]);
  await submit("delete", "r-3");
  expect(JSON.parse(await evaluate("range", "r-1", "r-6"))).toEqual(["r-1", "r-2", "r-4", "r-5"]);
});

test("composite keys, which no plain range shows", async () => {
  await submit("putComposite", "colour~name", '["red","apple"]', "1");
  await submit("putComposite", "colour~name", '["red","cherry"]', "1");
  await submit("putComposite", "colour~name", '["green","pear"]', "1");
  expect(JSON.parse(await evaluate("byComposite", "colour~name", '["red"]'))).toEqual([
    { objectType: "colour~name", attributes: ["red", "apple"] },
    { objectType: "colour~name", attributes: ["red", "cherry"] },
  ]);
  expect(await evaluate("range", "", "")).not.toContain("colour");
});

test("rich queries, in pages too", async () => {
  for (const [key, size] of [
    ["q-1", 5],
    ["q-2", 6],
    ["q-3", 7],
    ["q-4", 8],
    ["q-5", 3],
  ] as const) {
    await submit("put", key, JSON.stringify({ kind: "shoe", size }));
  }
  const query = (size: number) => JSON.stringify({ selector: { kind: "shoe", size: { $gt: size } } });
  expect(JSON.parse(await evaluate("select", query(5))).toSorted()).toEqual(["q-2", "q-3", "q-4"]);
  const found = await pages("selectPage", query(4));
  expect(found.length).toBeGreaterThan(1);
  expect(found.flat().toSorted()).toEqual(["q-1", "q-2", "q-3", "q-4"]);
});

test("the history of a key, newest first", async () => {
  await submit("put", "h", "one");
  await submit("delete", "h");
  await submit("put", "h", "two");
  const history = JSON.parse(await evaluate("history", "h"));
  expect(history.map(({ value, isDelete }: { value: string; isDelete: boolean }) => [value, isDelete])).toEqual([
    ["two", false],
    ["", true],
    ["one", false],
  ]);
  expect(new Set(history.map(({ txId }: { txId: string }) => txId)).size).toBe(3);
});

test("calls of another chaincode: its writes are part of the transaction, and its refusals end it", async () => {
  expect(await submit("call", "second", '["General:put","across","1"]', "")).toBe("1");
  const second = channel.getContract("second", "General");
  expect(text(await second.evaluateTransaction("get", "across"))).toBe("1");
  await expect(general.evaluateTransaction("get", "across")).rejects.toThrow();
  await expect(general.submitTransaction("call", "second", '["General:get","nothing"]', "")).rejects.toThrow();
  await expect(general.submitTransaction("call", "missing", '["get"]', "")).rejects.toThrow();
});

test("values of a megabyte, as arguments, as writes and as results", async () => {
  const megabyte = "m".repeat(1024 * 1024);
  expect(await submit("put", "large", megabyte)).toBe(megabyte);
  expect(await evaluate("get", "large")).toBe(megabyte);
  await submit("fill", "filled", String(1024 * 1024));
  expect(await evaluate("size", "filled")).toBe(String(1024 * 1024));
});

test("a crash fails its own call, leaves nothing, and is over soon", async () => {
  await expect(faulty.submitTransaction("crash")).rejects.toThrow(GatewayError);
  await expect.poll(() => evaluate("range", "", "crashed~").catch(() => ""), { timeout: 60_000 }).not.toBe("");
  await expect(general.evaluateTransaction("get", "crashed")).rejects.toThrow();
  await expect.poll(() => submit("put", "after-crash", "1").catch(() => ""), { timeout: 60_000 }).toBe("1");
  const { body } = await network.api.get(`/channels/${CHANNEL}/contracts/general/logs?lines=500`);
  expect(JSON.stringify(body)).toMatch(/exit|ended/);
});

test("an infinite loop is stopped by the timeout, and the contract works again", async () => {
  await expect(faulty.evaluateTransaction("spin")).rejects.toThrow(GatewayError);
  await expect.poll(() => submit("put", "after-spin", "1").catch(() => ""), { timeout: 60_000 }).toBe("1");
});

test("a result that differs between two organizations is refused", async () => {
  await expect(faulty.submitTransaction("differ", "d")).rejects.toThrow(GatewayError);
  await expect(general.evaluateTransaction("get", "d")).rejects.toThrow();
});

test("what it prints is in its logs", async () => {
  await faulty.evaluateTransaction("log", "a line of its own");
  const { body } = await network.api.get(`/channels/${CHANNEL}/contracts/general/logs?lines=500`);
  const lines = body["lines"] as readonly { readonly text: string; readonly stream: string }[];
  expect(lines.some(({ text: line }) => line.includes("a line of its own"))).toBe(true);
});

test("an upgrade takes the next sequence, keeps the state, and leaves what was endorsed before it behind", async () => {
  await submit("put", "kept", "before");
  const endorsed = await general.newProposal("put", { arguments: ["late", "1"] }).endorse();
  const folder = join(repositoryRoot, "tests/chaincodes/general");
  const packageId = await network.install(folder, "general_2.0");
  await network.define(CHANNEL, "general", packageId, { sequence: 2, version: "2.0" });
  expect(await evaluate("get", "kept")).toBe("before");
  const { successful } = await (await endorsed.submit()).getStatus();
  expect(successful).toBe(false);
  expect(await submit("put", "kept", "after")).toBe("after");
});
