import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { verifyConsistency, verifyLedger, verifyReceipt } from "@concordat/verifier/node";
import { beforeAll, expect, test } from "vitest";
import { createCaller, evidenceKey } from "../support/aliyun.ts";
import { createNativeApi } from "../support/native.ts";
import { repositoryRoot } from "../support/repository.ts";
import { newInstallation, startServer } from "../support/server.ts";
import { temporaryFolder } from "../support/temporary.ts";

const run = promisify(execFile);
const folder = join(repositoryRoot, "tests/second-implementation");
const WRITES = 150;
const SM_WRITES = 8;
const CONCURRENCY = 10;

/** Runs one of the Python scripts; it fails, with a sentence, where it disagrees. @returns what it counted */
async function check(script: string, ...words: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run("bash", [join(folder, "check.sh"), script, ...words], { maxBuffer: 16 * 1024 * 1024 });
  return JSON.parse(stdout);
}

beforeAll(async () => {
  await run("bash", [join(folder, "setup.sh")]);
});

test.each(["format-vectors.json", "sm-vectors.json"])("the Python implementation recomputes %s", async (name) => {
  const counts = await check("check_vectors.py", join(repositoryRoot, "packages/ledger/testdata", name));
  expect(Math.min(...Object.values(counts).map(Number))).toBeGreaterThan(0);
});

test("the Python implementation agrees with a ledger and receipts that the server made", async () => {
  const installation = await newInstallation("second");
  const receipts = await temporaryFolder("second-receipts");
  const server = await startServer(installation);
  const caller = createCaller(server.bootstrap);
  const native = createNativeApi(server.bootstrap);
  const ProductKey = server.bootstrap.aliyun.proofChain.productKey;
  const txIds: string[] = [];
  const numbers = Array.from({ length: WRITES }, (_, number) => number).values();
  const writer = async () => {
    for (const number of numbers) {
      const record = { ProductKey, Key: evidenceKey(server.bootstrap, `r${number % 100}`), Value: `value ${number}` };
      const answer = await caller.call("AttachData", record);
      txIds.push(...answer.txIds);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, writer));
  // A new organization on the channel: a configuration transaction, and two signatures from there on.
  const account = await native.send("POST", "/accounts", { name: "Carrier" });
  const carrier = account.body["principal"] as { readonly uid: string };
  const user = await native.send("POST", `/accounts/${carrier.uid}/users`, { name: "truck" });
  const truck = user.body["principal"] as { readonly uid: string };
  const members = `/chains/${server.bootstrap.aliyun.proofChain.bizChainId}/members`;
  expect((await native.send("POST", members, { memberUid: truck.uid })).status).toBe(201);
  const late = { ProductKey, Key: evidenceKey(server.bootstrap, "late"), Value: "signed by two" };
  txIds.push(...(await caller.call("SetData", late)).txIds);

  // An SM channel beside it, which a second organization joins too.
  const { status, body: sm } = await native.send("POST", "/chains", { name: "guomi", cryptography: "sm" });
  expect({ status, cryptography: sm["cryptography"] }).toEqual({ status: 201, cryptography: "sm" });
  const writeSm = async (id: string) => {
    const Key = `0001_${sm["bizChainCode"]}_${sm["dataTypeCode"]}_${id}`;
    const answer = await caller.call("SetData", { ProductKey: String(sm["bizChainCode"]), Key, Value: id });
    txIds.push(...answer.txIds);
  };
  for (let number = 0; number < SM_WRITES; number += 1) await writeSm(`sm-${number}`);
  const joined = await native.send("POST", `/chains/${sm["bizChainId"]}/members`, { memberUid: truck.uid });
  expect(joined.status).toBe(201);
  await writeSm("signed-by-two");
  const bundle = await native.trustBundle();
  const smReceipt = await native.receipt(txIds.at(-1) ?? "");
  expect(verifyReceipt(smReceipt, bundle)).toMatchObject({ status: "valid", reasons: [] });
  const { body: proof } = await native.get(`/channels/${sm["channelId"]}/consistency?from=2&to=6`);
  expect(verifyConsistency(proof, bundle)).toEqual({ status: "valid", reasons: [] });
  expect(smReceipt.checkpoint.match(/\n\u2014 /g)).toHaveLength(4);

  await mkdir(receipts, { recursive: true });
  for (const txId of txIds) {
    await writeFile(join(receipts, `${txId}.json`), JSON.stringify(await native.receipt(txId)));
  }
  caller.close();
  expect(await server.stop()).toBe(0);

  const counts = await check("check_ledger.py", installation.dataFolder, "--receipts", receipts);
  expect(txIds.length).toBeGreaterThan(WRITES / 2);
  expect(counts["receipts"]).toBe(txIds.length);
  expect(counts["blocks"]).toBeGreaterThan(20);
  const { channels } = await verifyLedger({ directory: installation.dataFolder });
  const roots = channels.map(({ origin, root }) => [origin, Buffer.from(root, "base64").toString("hex")]);
  expect(counts["roots"]).toEqual(Object.fromEntries(roots));

  const segment = join(channels[0]?.directory ?? "", "segments/000000000000.segment");
  const bytes = await readFile(segment);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(segment, bytes);
  await expect(check("check_ledger.py", installation.dataFolder)).rejects.toThrow("disagreement");
});
