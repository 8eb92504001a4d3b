import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { silentLogger, systemClock } from "@concordat/base";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ContractConnection, ContractListener, ContractResponse } from "../contracts/ports.ts";
import { createContractStreams } from "./contract-streams.ts";
import { callRequest, textOf } from "./testing/calls.ts";
import { clientCertificatePem } from "./testing/certificate.ts";
import { startChaincode } from "./testing/chaincodes.ts";
import { MemorySimulation, type MemoryState, memoryState } from "./testing/memory-simulation.ts";
import { PROPOSAL_SECONDS } from "./testing/proposal.ts";

const packageId = "sample_1.0:00ff";
const streams = createContractStreams({}, { clock: systemClock, log: silentLogger });
let folder: string;
let listener: ContractListener;
let worker: Worker;
let connection: ContractConnection;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "shim-"));
  const socketPath = join(folder, "s");
  listener = await streams.listen({ socketPath, packageId });
  worker = startChaincode({ kind: "dial", socketPath, packageId });
  connection = await listener.connection;
});

afterAll(async () => {
  await worker.terminate();
  await listener.close();
  await rm(folder, { recursive: true, force: true });
});

type More = Parameters<typeof callRequest>[2];

async function run(state: MemoryState, args: readonly string[], more: More = {}) {
  const simulation = new MemorySimulation(state);
  const response = await connection.call(callRequest(simulation, args, more));
  return { response, simulation, text: textOf(response) };
}

function expectSuccess(response: ContractResponse): void {
  expect(response).toMatchObject({ status: 200, message: "" });
}

const many = memoryState(Object.fromEntries(Array.from({ length: 250 }, (_, at) => [`k${1000 + at}`, `${at}`])));

describe("the official shim, dialling in", () => {
  test("the socket is the owner's alone", async () => {
    expect((await stat(join(folder, "s"))).mode & 0o777).toBe(0o600);
  });

  test("put, get and delete become steps in the contract's namespace", async () => {
    const state = memoryState({ old: "value" });
    const put = await run(state, ["put", "a", "é"]);
    expectSuccess(put.response);
    expect(put.simulation.steps).toEqual([
      { kind: "put", namespace: "sample", key: "a", value: expect.objectContaining({ length: 2 }) },
    ]);
    put.simulation.commit();
    expect((await run(state, ["get", "a"])).text).toBe("é");
    expect((await run(state, ["get", "missing"])).text).toBe("");
    const removal = await run(state, ["remove", "old"]);
    expect([...removal.simulation.writes]).toEqual([["old", undefined]]);
  });

  test("a range is handed out in batches and to its end", async () => {
    const all: string[] = JSON.parse((await run(many, ["range", "", ""])).text);
    expect(all).toHaveLength(250);
    expect(all.at(-1)).toBe("k1249=249");
    expect(JSON.parse((await run(many, ["range", "k1000", "k1003"])).text)).toEqual(["k1000=0", "k1001=1", "k1002=2"]);
    expect((await run(many, ["range", "x", "y"])).text).toBe("[]");
  });

  test.each([0, 1, 2, 3, 4, 6, 7])("a range of %i rows ends where the rows end", async (count) => {
    const end = `k${1000 + count}`;
    const found: string[] = JSON.parse((await run(many, ["range", "k1000", end])).text);
    expect(found).toHaveLength(count);
  });

  test("composite keys", async () => {
    const state = memoryState({ plain: "1" });
    for (const [color, name] of [
      ["red", "a"],
      ["red", "b"],
      ["blue", "c"],
    ] as const) {
      const { simulation, response } = await run(state, ["putComposite", color, name]);
      expectSuccess(response);
      simulation.commit();
    }
    expect(JSON.parse((await run(state, ["composite", "red"])).text)).toEqual(["red/a", "red/b"]);
  });

  test("pages follow each other by bookmark, and a large one is whole", async () => {
    const first = JSON.parse((await run(many, ["page", "", "", "2", ""])).text);
    expect(first).toEqual({ rows: '["k1000=0","k1001=1"]', fetchedRecordsCount: 2, bookmark: "k1002" });
    const second = JSON.parse((await run(many, ["page", "", "", "248", first.bookmark])).text);
    expect(JSON.parse(second.rows)).toHaveLength(248);
    expect(second).toMatchObject({ fetchedRecordsCount: 248, bookmark: "" });
  });

  test("rich queries, whole and paged", async () => {
    const state = memoryState({ a: '{"c":"red"}', b: '{"c":"blue"}', c: '{"c":"red"}', d: "no JSON" });
    const query = JSON.stringify({ selector: { c: "red" } });
    expect(JSON.parse((await run(state, ["query", query])).text)).toEqual(['a={"c":"red"}', 'c={"c":"red"}']);
    const page = JSON.parse((await run(state, ["queryPage", query, "1", ""])).text);
    expect(page).toEqual({ rows: JSON.stringify(['a={"c":"red"}']), fetchedRecordsCount: 1, bookmark: "c" });
  });

  test("the history of a key, newest first", async () => {
    const state = memoryState();
    for (const args of [
      ["put", "k", "1"],
      ["put", "k", "2"],
      ["remove", "k"],
      ["put", "k", "4"],
    ]) {
      (await run(state, args)).simulation.commit();
    }
    expect(JSON.parse((await run(state, ["history", "k"])).text)).toEqual([
      "tx-k=4",
      "tx-k=deleted",
      "tx-k=2",
      "tx-k=1",
    ]);
  });

  test("the validation parameter of a key", async () => {
    const state = memoryState();
    const { simulation, response } = await run(state, ["setPolicy", "k", "policy"]);
    expectSuccess(response);
    expect(simulation.steps[0]).toMatchObject({ kind: "put-metadata", key: "k", name: "VALIDATION_PARAMETER" });
    simulation.commit();
    expect((await run(state, ["policy", "k"])).text).toBe("policy");
    expect((await run(state, ["policy", "other"])).text).toBe("");
  });

  test("an event", async () => {
    const { response } = await run(memoryState(), ["emit", "sold", "payload"]);
    expect(response.event).toEqual({ name: "sold", payload: expect.anything() });
    expect(Buffer.from(response.event?.payload ?? []).toString()).toBe("payload");
  });

  test("creator, transient data, time and binding come from the proposal", async () => {
    const { text } = await run(memoryState(), ["whoami"]);
    expect(JSON.parse(text)).toMatchObject({
      mspid: "Org1MSP",
      msp: "Org1MSP",
      bytes: clientCertificatePem.length,
      id: "x509::/OU=client/CN=user1::/CN=ca.org1",
      role: "buyer",
    });
    const other = await run(memoryState(), ["transaction"], {
      txId: "the-id",
      transient: { secret: "s" },
    });
    expect(JSON.parse(other.text)).toMatchObject({
      tx: "the-id",
      channel: "mychannel",
      time: new Date(PROPOSAL_SECONDS * 1000).toISOString(),
      secret: "s",
      binding: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test("a call of another chaincode, with its channel, its answer and its failure", async () => {
    const invoked: unknown[] = [];
    const invoke: More = {
      invoke: async (target, args) => {
        invoked.push([target, ...args.map((arg) => Buffer.from(arg).toString())]);
        if (target === "gone") throw new Error("secret detail");
        const status = target === "angry" ? 500 : 200;
        return { status, message: "m", payload: Buffer.from("from there"), event: undefined };
      },
    };
    const answer = await run(memoryState(), ["call", "other", "", '["fn","x"]'], invoke);
    expect(JSON.parse(answer.text)).toEqual({ status: 200, message: "m", payload: "from there" });
    const angry = await run(memoryState(), ["call", "angry", "otherchannel", '["fn"]'], invoke);
    expect(angry.response.status).toBe(200);
    expect(invoked).toEqual([
      ["other", "fn", "x"],
      ["angry/otherchannel", "fn"],
    ]);
    const gone = await run(memoryState(), ["call", "gone", "", '["fn"]'], invoke);
    expect(gone.response.status).toBe(500);
    expect(gone.response.message).toContain("INVOKE_CHAINCODE failed: transaction ID:");
    expect(gone.response.message).not.toContain("secret detail");
  });

  test.each(["get", "put", "hash", "purge", "range"])("private data is refused in clear words: %s", async (kind) => {
    const { response, simulation } = await run(memoryState(), ["privateData", kind]);
    expect(response).toMatchObject({ status: 500 });
    expect(response.message).toMatch(/failed: transaction ID: tx\d+: private data collections are not supported/);
    expect(simulation.steps).toEqual([]);
  });

  test("what a step refuses reaches the contract with its text", async () => {
    const { response } = await run(memoryState(), ["put", "", "v"], { txId: "bad" });
    expect(response.message).toBe("PUT_STATE failed: transaction ID: bad: The key is empty.");
  });

  test("a contract's failure is its response", async () => {
    expect((await run(memoryState(), ["fail", "no funds"])).response).toMatchObject({
      status: 500,
      message: "no funds",
    });
    expect((await run(memoryState(), ["nothing"])).response.status).toBe(500);
  });

  test("INIT runs the function too", async () => {
    const { response, simulation } = await run(memoryState(), ["put", "a", "1"], { isInit: true });
    expectSuccess(response);
    expect([...simulation.writes.keys()]).toEqual(["a"]);
  });

  test("a value of a megabyte, both ways, and many of them in one range", async () => {
    const big = "x".repeat(1024 * 1024);
    const { simulation, response } = await run(memoryState(), ["put", "big", big]);
    expectSuccess(response);
    expect(simulation.writes.get("big")?.length).toBe(big.length);
    const state = memoryState(Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`b${at}`, big])));
    expect((await run(state, ["get", "b0"])).text).toBe(big);
    const rows: string[] = JSON.parse((await run(memoryState({ a: big, b: big }), ["range", "", ""])).text);
    expect(rows.map((row) => row.length)).toEqual([big.length + 2, big.length + 2]);
    expect(JSON.parse((await run(state, ["range", "b0", "b2"])).text)).toHaveLength(12);
  });

  test("queries that stay open are closed when the transaction ends, and are limited", async () => {
    const few = await run(many, ["careless", "10"]);
    expectSuccess(few.response);
    expect(few.simulation.openCursors).toBe(0);
    const tooMany = await run(many, ["careless", "65"]);
    expect(tooMany.response.message).toContain("64 open queries at most");
    expect(tooMany.simulation.openCursors).toBe(0);
  });

  test("a write that the contract did not wait for is still part of the transaction", async () => {
    const { response, simulation } = await run(memoryState(), ["forgetful", "k"]);
    expectSuccess(response);
    expect([...simulation.writes.keys()]).toEqual(["k"]);
  });

  test("200 transactions at once", async () => {
    const results = await Promise.all(
      Array.from({ length: 200 }, async (_, at) => {
        const { simulation, response } = await run(memoryState(), ["put", `k${at}`, `v${at}`]);
        expectSuccess(response);
        return [...simulation.writes].map(([key, value]) => `${key}=${Buffer.from(value ?? []).toString()}`);
      }),
    );
    expect(results).toEqual(Array.from({ length: 200 }, (_, at) => [`k${at}=v${at}`]));
  });

  test("a transaction that is running already is not run twice", async () => {
    const state = memoryState();
    const first = run(state, ["put", "a", "1"], { txId: "same" });
    expect((await run(state, ["put", "a", "1"], { txId: "same" })).response).toMatchObject({
      status: 500,
      message: "txid: same(mychannel) exists",
    });
    expectSuccess((await first).response);
  });
});
