import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { verifyReceipt } from "@concordat/verifier";
import { expect, test } from "vitest";
import { evidenceKey } from "../support/aliyun.ts";
import { type OfficialClient, officialClients } from "../support/clients.ts";
import { headerHash } from "../support/header-hash.ts";
import { createNativeApi } from "../support/native.ts";
import { createChooser, runSeed } from "../support/seed.ts";
import { type Bootstrap, newInstallation, type RunningServer, runCommand, startServer } from "../support/server.ts";
import { temporaryFolder } from "../support/temporary.ts";

const CONCURRENCY = 12;
const RECEIPTS_BY_COMMAND = 20;

interface Row {
  /** 32 digits: the date and zeros. */
  readonly id: string;
  readonly value: string;
}

/** Daily weather in Seattle, 2012 to 2015: real records from a package of public data sets. */
function weatherRows(): Row[] {
  const entry = createRequire(import.meta.url).resolve("vega-datasets");
  const text = readFileSync(join(dirname(entry), "../data/seattle-weather.csv"), "utf8");
  const [, ...lines] = text.trim().split(/\r?\n/);
  return lines.map((value) => ({ id: value.slice(0, 10).replaceAll("-", "").padEnd(32, "0"), value }));
}

/** Runs `work` over all items, a dozen at a time, each with the next client in turn. */
async function forEach<Item>(
  items: readonly Item[],
  clients: readonly OfficialClient[],
  work: (item: Item, client: OfficialClient) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) {
      const client = clients[index % clients.length];
      if (client !== undefined) await work(item, client);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

function recordOf(bootstrap: Bootstrap, row: Row) {
  return { ProductKey: bootstrap.aliyun.proofChain.productKey, Key: evidenceKey(bootstrap, row.id) };
}

/** Writes rows until all are there or the server is gone. @returns those that were acknowledged */
async function store(
  server: RunningServer,
  rows: readonly Row[],
  onAcknowledged: (count: number) => void = () => undefined,
): Promise<Row[]> {
  const acknowledged: Row[] = [];
  await forEach(rows, officialClients(server.bootstrap), async (row, client) => {
    const parameters = { ...recordOf(server.bootstrap, row), Value: row.value };
    const body = await client.call("SetData", parameters).catch(() => undefined);
    if (body === undefined) return;
    // A write that the killed server did not answer may be on chain: then, and only then, it is refused as repeated.
    expect([200, -317], `${client.name}: ${JSON.stringify(body)}`).toContain(body["Code"]);
    acknowledged.push(row);
    onAcknowledged(acknowledged.length);
  });
  return acknowledged;
}

async function expectValues(server: RunningServer, rows: readonly Row[]): Promise<void> {
  await forEach(rows, officialClients(server.bootstrap).reverse(), async (row, client) => {
    const body = await client.call("GetData", recordOf(server.bootstrap, row));
    expect(body, client.name).toMatchObject({ Code: 200, Success: true, Data: row.value });
  });
}

interface BlockChainInfo {
  readonly chainName: string;
  readonly blockHeight: number;
  readonly transactionHash: string;
  readonly timestamp: string;
  readonly blockHash: string;
  readonly previousHash: string;
  readonly dataHash: string;
}

async function readBlockInfos(server: RunningServer, rows: readonly Row[]): Promise<Map<string, BlockChainInfo>> {
  const infos = new Map<string, BlockChainInfo>();
  await forEach(rows, officialClients(server.bootstrap), async (row, client) => {
    const { Code, Data } = await client.call("GetBlockChainInfo", recordOf(server.bootstrap, row));
    expect(Code, client.name).toBe(200);
    infos.set(row.id, JSON.parse(String(Data)).blockChainInfo);
  });
  return infos;
}

test("official clients store a real data set; every record outlives a kill and the server itself", async () => {
  const choose = createChooser(runSeed("official clients"));
  const rows = weatherRows();
  expect(rows).toHaveLength(1_461);
  const installation = await newInstallation("clients");

  const first = await startServer(installation);
  const killAfter = choose.between(200, 1_200);
  let killed: Promise<void> | undefined;
  const acknowledged = await store(first, rows, (count) => {
    if (count >= killAfter) killed ??= first.kill();
  });
  await killed;
  expect(acknowledged.length).toBeGreaterThanOrEqual(killAfter);
  expect(acknowledged.length).toBeLessThan(rows.length);

  const server = await startServer(installation);
  await expectValues(server, acknowledged);
  const missing = rows.filter((row) => !acknowledged.includes(row));
  expect(await store(server, missing)).toHaveLength(missing.length);
  await expectValues(server, rows);

  const infos = await readBlockInfos(server, rows);
  const native = createNativeApi(server.bootstrap);
  const receipts = new Map<string, Awaited<ReturnType<typeof native.receipt>>>();
  for (const [id, { transactionHash }] of infos) receipts.set(id, await native.receipt(transactionHash));
  const trust = await native.trustBundle();
  const { checkpoint } = (await native.get(`/channels/${await native.channelId()}/checkpoint?block=10`)).body;
  expect(await server.stop()).toBe(0);

  // From here on the server is gone.
  const hashes = new Map([...infos.values()].map((info) => [info.blockHeight, info.blockHash]));
  for (const row of rows) {
    const info = infos.get(row.id);
    const verdict = verifyReceipt(receipts.get(row.id), trust);
    expect(verdict.reasons).toEqual([]);
    expect(verdict.status).toBe("valid");
    const { facts } = verdict;
    expect(facts).toMatchObject({
      block: info?.blockHeight,
      txId: info?.transactionHash,
      headerHash: info?.blockHash,
    });
    expect(Date.parse(facts?.transaction?.time ?? "")).toBe(Number(info?.timestamp));
    const write = facts?.transaction?.writes.find(({ key }) => key === recordOf(server.bootstrap, row).Key);
    expect(write?.value.value).toContain(JSON.stringify(row.value));
    const { blockHeight = 0, previousHash = "", dataHash = "", blockHash } = info ?? {};
    expect(headerHash(blockHeight, previousHash, dataHash)).toBe(blockHash);
    const before = hashes.get(blockHeight - 1);
    if (before !== undefined) expect(previousHash).toBe(before);
  }

  const folder = await temporaryFolder("receipts");
  const trustFile = join(folder, "trust.json");
  await writeFile(trustFile, JSON.stringify(trust));
  const verifyByCommand = async (name: string, receipt: unknown, ...options: string[]) => {
    const file = join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify(receipt));
    const { exitCode, stdout } = await runCommand(installation, ["verify-receipt", file, "--json", ...options]);
    return { exitCode, status: JSON.parse(stdout).status };
  };
  for (let count = 0; count < RECEIPTS_BY_COMMAND; count += 1) {
    const [id, receipt] = choose.oneOf([...receipts]);
    expect(await verifyByCommand(id, receipt, "--trust", trustFile)).toEqual({ exitCode: 0, status: "valid" });
  }
  const [, one] = choose.oneOf([...receipts]);
  expect(await verifyByCommand("no-trust", one)).toEqual({ exitCode: 1, status: "unauthenticated" });
  const forged = { ...one, leafIndex: one.leafIndex + 1 };
  const verdict = await verifyByCommand("forged", forged, "--trust", trustFile);
  expect(verdict).toEqual({ exitCode: 1, status: "invalid" });

  const checkpointFile = join(folder, "checkpoint");
  await writeFile(checkpointFile, String(checkpoint));
  const data = ["verify", "--data", installation.dataFolder];
  const whole = await runCommand(installation, data);
  expect(whole.exitCode, whole.stdout + whole.stderr).toBe(0);
  const since = await runCommand(installation, [...data, "--since", checkpointFile]);
  expect(since.exitCode, since.stdout + since.stderr).toBe(0);
});
