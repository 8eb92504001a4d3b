import { setTimeout as pause } from "node:timers/promises";
import { verifyReceipt } from "@concordat/verifier";
import { nodeCrypto } from "@concordat/verifier/node";
import { expect, test } from "vitest";
import { type Caller, createCaller, encodeParameters, evidenceKey, signedParameters } from "../support/aliyun.ts";
import { createNativeApi } from "../support/native.ts";
import { createChooser, runSeed } from "../support/seed.ts";
import { type Installation, newInstallation, type RunningServer, runCommand, startServer } from "../support/server.ts";

const KILLS = 100;
const WRITERS = 12;
const LIFE_MS_MAX = 400;
const VERIFY_EVERY = 10;
const RECEIPTS_CHECKED = 1_000;

interface Acknowledged {
  readonly id: string;
  readonly value: string;
  readonly txId: string;
}

interface Round {
  readonly acknowledged: Acknowledged[];
  /** A signed write that was acknowledged, as it went over the wire. */
  replay: string | undefined;
}

/** Writes until the server is gone. What it did not answer may or may not be there; what it answered must be. */
async function writeUntilDeath(server: RunningServer, caller: Caller, name: string, round: Round): Promise<void> {
  const { productKey } = server.bootstrap.aliyun.proofChain;
  for (let count = 0; ; count += 1) {
    const id = `${name}-${count}`;
    const value = `value of ${id}`;
    const parameters = { ProductKey: productKey, Key: evidenceKey(server.bootstrap, id), Value: value };
    const signed = encodeParameters(signedParameters("SetData", parameters, server.bootstrap.aliyun, "GET"));
    const answer = await caller.raw({ method: "GET", path: `/?${signed}` }).catch(() => undefined);
    if (answer === undefined || answer.status !== 200) return;
    expect(answer.body).toMatchObject({ Code: 200, Success: true });
    const [txId = ""] = answer.txIds;
    round.acknowledged.push({ id, value, txId });
    round.replay = signed;
  }
}

async function expectRecords(server: RunningServer, caller: Caller, records: readonly Acknowledged[]): Promise<void> {
  const { productKey } = server.bootstrap.aliyun.proofChain;
  const queue = records.values();
  const lost: string[] = [];
  const worker = async () => {
    for (const { id, value } of queue) {
      const Key = evidenceKey(server.bootstrap, id);
      const { body } = await caller.call("GetData", { ProductKey: productKey, Key });
      if (body["Code"] !== 200 || body["Data"] !== value) lost.push(`${id}: ${JSON.stringify(body)}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  expect(lost).toEqual([]);
}

async function expectVerified(installation: Installation): Promise<void> {
  const { exitCode, stdout, stderr } = await runCommand(installation, ["verify", "--data", installation.dataFolder]);
  expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
}

test(`nothing acknowledged is lost by ${KILLS} kills at random moments`, async () => {
  const choose = createChooser(runSeed("crash"));
  const installation = await newInstallation("crash");
  const all: Acknowledged[] = [];
  let last: Round = { acknowledged: [], replay: undefined };
  for (let kill = 0; kill < KILLS; kill += 1) {
    const server = await startServer(installation);
    const caller = createCaller(server.bootstrap);
    await expectRecords(server, caller, last.acknowledged);
    if (last.replay !== undefined) {
      const replayed = await caller.raw({ method: "GET", path: `/?${last.replay}` });
      expect(replayed.body).toMatchObject({ Code: "SignatureNonceUsed" });
    }
    const round: Round = { acknowledged: [], replay: undefined };
    const writers = Array.from({ length: WRITERS }, (_, writer) =>
      writeUntilDeath(server, caller, `${kill}-${writer}`, round),
    );
    await pause(choose.between(1, LIFE_MS_MAX));
    await server.kill();
    await Promise.all(writers);
    caller.close();
    all.push(...round.acknowledged);
    last = round;
    if (kill % VERIFY_EVERY === 0) await expectVerified(installation);
  }
  console.log(`${all.length} writes acknowledged`);
  expect(all.length).toBeGreaterThan(KILLS);
  await expectVerified(installation);

  const server = await startServer(installation);
  const caller = createCaller(server.bootstrap);
  await expectRecords(server, caller, all);
  const native = createNativeApi(server.bootstrap);
  const trust = await native.trustBundle();
  for (let count = 0; count < RECEIPTS_CHECKED; count += 1) {
    const { id, txId } = choose.oneOf(all);
    const receipt = await native.receipt(txId);
    const { status, reasons, facts } = verifyReceipt(receipt, trust, nodeCrypto);
    expect({ status, reasons, txId: facts?.txId }, id).toEqual({ status: "valid", reasons: [], txId });
  }
  caller.close();
  expect(await server.stop()).toBe(0);
});

test("kills while the server starts lose nothing either", async () => {
  const choose = createChooser(runSeed("crash at start"));
  const installation = await newInstallation("crash-start");
  const server = await startServer(installation);
  const caller = createCaller(server.bootstrap);
  const round: Round = { acknowledged: [], replay: undefined };
  const writers = Array.from({ length: WRITERS }, (_, writer) => writeUntilDeath(server, caller, `${writer}`, round));
  await pause(LIFE_MS_MAX);
  await server.kill();
  await Promise.all(writers);
  for (let kill = 0; kill < 15; kill += 1) {
    const words = ["up", "--data", installation.dataFolder, "--port", "0"];
    await runCommand(installation, words, { killAfterMs: choose.between(20, 900) });
  }
  await expectVerified(installation);
  const again = await startServer(installation);
  const reader = createCaller(again.bootstrap);
  await expectRecords(again, reader, round.acknowledged);
  reader.close();
  caller.close();
  expect(await again.stop()).toBe(0);
});
