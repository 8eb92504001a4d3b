import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@concordat/base";
import type { Principal } from "@concordat/platform";
import { keyOf, openOverEngine } from "@concordat/platform/testing";
import { verifyLedger, verifyReceipt } from "@concordat/verifier/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/* The platform over the engine changes keys while writes go on; the verifier, which shares no code with it, judges what was written. */

type Opened = Awaited<ReturnType<typeof openOverEngine>>;

const folder = mkdtempSync(join(tmpdir(), "rotations-"));
let opened: Opened;
let administrator: Principal;
let count = 0;
/** Written so far, by any round. */
const txIds: string[] = [];

const open = async () => {
  opened = await openOverEngine(folder, systemClock);
  administrator = opened.boot.accessKey.principal;
};

async function write(): Promise<void> {
  const { proofChain, accessKey } = opened.boot;
  count++;
  const input = { chainCode: proofChain.chain.bizChainCode, key: keyOf(proofChain, count), value: `value ${count}` };
  const call = { accessKeyId: accessKey.accessKeyId, nonce: `nonce ${count}` };
  txIds.push(...(await opened.platform.evidence.set(administrator, input, call)).txIds);
}

/** Eight writers who write on until the work is done; a write that fails fails the test. */
async function writingDuring<Result>(work: () => Promise<Result>): Promise<Result> {
  let isDone = false;
  const writers = Array.from({ length: 8 }, async () => {
    while (!isDone) await write();
  });
  try {
    return await work();
  } finally {
    isDone = true;
    await Promise.all(writers);
  }
}

const trustBundle = () => opened.platform.receipts.trustBundle(administrator);

/** Every receipt, old and new, and the whole ledger hold under the bundle that is given out now. */
async function expectEverythingVerifies(): Promise<void> {
  const trust = await trustBundle();
  for (const txId of txIds) {
    const receipt = await opened.platform.receipts.byTransaction(administrator, txId, { withEnvelope: true });
    const { status, reasons } = verifyReceipt(receipt, trust);
    expect([txId, status, reasons]).toEqual([txId, "valid", []]);
  }
  const report = await verifyLedger({ directory: join(folder, "ledger"), trust });
  expect(report.faults).toEqual([]);
  const channel = report.channels.find(({ origin }) => origin?.endsWith(opened.boot.proofChain.chain.channelId));
  expect(channel).toMatchObject({ faults: [], authenticated: true });
}

async function ended(job: { readonly jobId: string }): Promise<void> {
  expect(await opened.platform.jobs.ended(job.jobId)).toMatchObject({ status: "succeeded", error: null });
}

beforeAll(async () => {
  await open();
  await write();
});
afterAll(async () => {
  await opened.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("under concurrent writes", () => {
  test("an organization's authority is rotated, and everything verifies", async () => {
    const { mspId } = administrator;
    const caller = opened.callerOf(administrator);
    const before = opened.platform.provisioning.directory.creator(administrator.uid).certificatePem;
    await writingDuring(async () => {
      await ended(await opened.platform.organizations.rotateAuthority(caller, { mspId, purpose: "identity" }));
      for (let more = 0; more < 20; more++) await write();
    });
    expect(opened.platform.provisioning.directory.creator(administrator.uid).certificatePem).not.toBe(before);
    const { channels } = await trustBundle();
    const organization = channels[0]?.organizations.find((each) => each.mspId === mspId);
    expect(organization?.caCertificates).toHaveLength(2);
    await expectEverythingVerifies();
  });

  test("its checkpoint key is rotated twice, old receipts verify, and each key has its blocks", async () => {
    const { mspId } = administrator;
    const caller = opened.callerOf(administrator);
    const first = await opened.platform.receipts.byTransaction(administrator, txIds[0] ?? "", { withEnvelope: false });
    const bundleOfBefore = await trustBundle();
    await writingDuring(async () => {
      for (let times = 0; times < 2; times++) {
        await ended(await opened.platform.organizations.rotateCheckpointKey(caller, mspId));
        for (let more = 0; more < 10; more++) await write();
      }
    });
    const { channelId } = opened.boot.proofChain.chain;
    const { channels } = await trustBundle();
    const channel = channels.find(({ origin }) => origin.endsWith(channelId));
    const keys = channel?.organizations.find((each) => each.mspId === mspId)?.checkpointKeys ?? [];
    expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(3);
    const borders = keys.map(({ fromBlock, toBlock }) => [fromBlock, toBlock]);
    const changes = [borders[0]?.[1], borders[1]?.[1]];
    expect(borders).toEqual([
      [0, changes[0]],
      [changes[0], changes[1]],
      [changes[1], null],
    ]);
    expect(verifyReceipt(first, bundleOfBefore).status).toBe("valid");
    expect(verifyReceipt(first, await trustBundle()).status).toBe("valid");
    await expectEverythingVerifies();
  });

  test("a bundle of before does not pass what a later key signed", async () => {
    const bundleOfBefore = await trustBundle();
    await ended(
      await opened.platform.organizations.rotateCheckpointKey(opened.callerOf(administrator), administrator.mspId),
    );
    await write();
    const last = txIds.at(-1) ?? "";
    const receipt = await opened.platform.receipts.byTransaction(administrator, last, { withEnvelope: false });
    expect(verifyReceipt(receipt, bundleOfBefore).status).not.toBe("valid");
    expect(verifyReceipt(receipt, await trustBundle()).status).toBe("valid");
  });
});

test("a restart goes on with the new keys", async () => {
  await opened.close();
  await open();
  await write();
  await expectEverythingVerifies();
});
