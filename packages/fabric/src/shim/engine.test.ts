import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { silentLogger, systemClock, systemRandom } from "@concordat/base";
import { createOrganization, issuePrincipalCertificate } from "@concordat/identity";
import { type Contract, type Creator, type Ledger, openLedger, originOf } from "@concordat/ledger";
import { decodeResults } from "@concordat/ledger/endorsement";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CallSimulation, ContractConnection, ContractListener } from "../contracts/ports.ts";
import { createContractStreams } from "./contract-streams.ts";
import { callRequest, textOf } from "./testing/calls.ts";
import { startChaincode } from "./testing/chaincodes.ts";
import { PROPOSAL_SECONDS } from "./testing/proposal.ts";

const installationId = "0123456789abcdef";
const channelId = "mychannel";
const packageId = "sample_1:ab";

/** Fills the namespace that the chaincode then works on. */
const filler: Contract = {
  name: "sample",
  version: "1",
  functions: {
    async fill({ stub }, ...pairs) {
      for (let at = 0; at < pairs.length; at += 2)
        await stub.putState(pairs[at] ?? "", Buffer.from(pairs[at + 1] ?? ""));
      return "";
    },
    async remove({ stub }, key = "") {
      await stub.deleteState(key);
      return "";
    },
  },
};

let folder: string;
let ledger: Ledger;
let creator: Creator;
let listener: ContractListener;
let worker: Worker;
let connection: ContractConnection;

async function createChannel(): Promise<void> {
  const dependencies = { clock: systemClock, random: systemRandom };
  const mspId = "Org1MSP";
  const { identity, privateKeys } = await createOrganization({ name: mspId, mspId }, dependencies);
  const ca = { certificatePem: identity.caCertificatePem, privateKeyDer: privateKeys.ca };
  const attributes = { tenant: "1000000000000001", principal: "1000000000000001" };
  const { certificatePem } = await issuePrincipalCertificate(ca, { uid: "1000000000000001", attributes }, dependencies);
  creator = { mspId, certificatePem };
  const organization = {
    mspId,
    displayName: mspId,
    caCertificates: [identity.caCertificatePem],
    checkpointKeys: [identity.checkpointKey],
  };
  await ledger.createChannel(
    {
      channelId,
      origin: originOf(installationId, channelId),
      displayName: "Channel",
      organizations: [organization],
      blockCutting: { messageCountMax: 500, bytesMax: 2 * 1024 * 1024, timeoutMs: 2_000, cutWhenIdle: true },
      stateDatabase: "couchdb",
      cryptography: "international",
      recordRefusals: false,
      contracts: ["sample"],
    },
    [{ mspId, privateKeyDer: privateKeys.checkpoint }],
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "shim-"));
  ledger = await openLedger({ directory: join(folder, "ledger"), installationId, contracts: [filler] });
  await createChannel();
  const numbered = Array.from({ length: 450 }, (_, at) => [
    `k${1000 + at}`,
    JSON.stringify({ n: at, even: at % 2 === 0 }),
  ]);
  await submit("fill", ...numbered.flat());
  await submit("fill", "h", "1");
  await submit("fill", "h", "2");
  await submit("remove", "h");
  const socketPath = join(folder, "s");
  listener = await createContractStreams({}, { clock: systemClock, log: silentLogger }).listen({
    socketPath,
    packageId,
  });
  worker = startChaincode({ kind: "dial", socketPath, packageId });
  connection = await listener.connection;
});

afterAll(async () => {
  await worker.terminate();
  await listener.close();
  await ledger.close();
  await rm(folder, { recursive: true, force: true });
});

async function submit(fn: string, ...args: string[]): Promise<void> {
  await ledger.submit({ channelId, creator, contract: "sample", fn, args });
}

let made = 0;

async function run(...args: string[]) {
  made += 1;
  const txId = made.toString(16).padStart(64, "0");
  const timestamp = { seconds: PROPOSAL_SECONDS, nanos: 0 };
  const { simulationId } = await ledger.openSimulation({ channelId, txId, timestamp });
  const simulation: CallSimulation = { step: (step) => ledger.simulate(simulationId, step) };
  const response = await connection.call(callRequest(simulation, args, { txId }));
  const { results } = await ledger.finishSimulation(simulationId);
  return { response, text: textOf(response), results };
}

async function ask(...args: string[]): Promise<unknown> {
  const { response, text } = await run(...args);
  expect(response).toMatchObject({ status: 200, message: "" });
  return JSON.parse(text);
}

test("reads and writes become the same read-write set each time", async () => {
  const [first, second] = [await run("put", "a", "1"), await run("put", "a", "1")];
  expect(Buffer.from(first.results).equals(second.results)).toBe(true);
  expect(decodeResults(first.results)).toMatchObject([{ namespace: "sample", writes: [{ key: "a" }] }]);
  const read = await run("get", "k1000");
  expect(read.text).toBe('{"n":0,"even":true}');
  expect(decodeResults(read.results)).toMatchObject([{ namespace: "sample", reads: [{ key: "k1000" }], writes: [] }]);
});

test("ranges and pages over the engine's own batches", async () => {
  expect(await ask("range", "", "")).toHaveLength(450);
  expect(await ask("range", "k1000", "k1002")).toHaveLength(2);
  const keys: string[] = [];
  let bookmark = "";
  do {
    const { text } = await run("page", "", "", "120", bookmark);
    const page: { readonly rows: string; readonly bookmark: string } = JSON.parse(text);
    keys.push(...JSON.parse(page.rows));
    bookmark = page.bookmark;
  } while (bookmark !== "");
  expect(keys).toHaveLength(450);
  expect(new Set(keys).size).toBe(450);
});

test("rich queries, whole and paged", async () => {
  expect(await ask("query", '{"selector":{"even":true}}')).toHaveLength(225);
  const page = await ask("queryPage", '{"selector":{"n":{"$lt":5}}}', "3", "");
  expect(page).toMatchObject({ fetchedRecordsCount: 3 });
  const { response } = await run("query", "no JSON");
  expect(response.status).toBe(500);
  expect(response.message).toMatch(/^GET_QUERY_RESULT failed: transaction ID: [0-9a-f]{64}: ./);
});

test("history, newest first", async () => {
  const rows = await ask("history", "h");
  expect(rows).toEqual([
    expect.stringMatching(/^[0-9a-f]{64}=deleted$/),
    expect.stringMatching(/=2$/),
    expect.stringMatching(/=1$/),
  ]);
});

test("key-level endorsement parameters become metadata writes", async () => {
  const { response, results } = await run("setPolicy", "k1000", "policy");
  expect(response).toMatchObject({ status: 200 });
  expect(decodeResults(results)?.[0]?.metadataWrites).toMatchObject([
    { key: "k1000", entries: [{ name: "VALIDATION_PARAMETER" }] },
  ]);
  expect((await run("policy", "k1000")).text).toBe("");
});

test("what the engine refuses reaches the contract", async () => {
  const { response } = await run("put", "", "v");
  expect(response.status).toBe(500);
  expect(response.message).toMatch(/^PUT_STATE failed: transaction ID: [0-9a-f]{64}: ./);
});

test("100 at once, each in its own simulation", async () => {
  const all = await Promise.all(Array.from({ length: 100 }, (_, at) => run("put", `c${at}`, "v")));
  expect(all.map(({ results }) => decodeResults(results)?.[0]?.writes[0]?.key)).toEqual(
    Array.from({ length: 100 }, (_, at) => `c${at}`),
  );
});
