import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, systemRandom } from "@concordat/base";
import { evidenceContract } from "@concordat/contracts";
import { createCheckpointKey, createOrganization, issuePrincipalCertificate } from "@concordat/identity";
import { type CheckpointSignerKey, type Ledger, openLedger, originOf } from "@concordat/ledger";
import { verifyConsistency, verifyLedger, verifyReceipt } from "@concordat/verifier/node";
import { afterAll, beforeAll, expect, test } from "vitest";

/* The engine writes an SM channel; the verifier, which shares no code with it, judges what it wrote. */

const installationId = "00112233445566ff";
const channelId = "cold-chain";
const dependencies = { clock: systemClock, random: systemRandom };
const folder = mkdtempSync(join(tmpdir(), "sm-channel-"));
const source = join(folder, "source");
const imported = join(folder, "imported");
const open = (directory: string) => openLedger({ directory, installationId, contracts: [evidenceContract] });

let ledger: Ledger;
let truckPem: string;
let signers: readonly CheckpointSignerKey[];
let trust: { readonly format: string; readonly channels: readonly unknown[] };
const txIds: string[] = [];

async function write(to: Ledger, load: string): Promise<string> {
  const creator = { mspId: "FoodsMSP", certificatePem: truckPem };
  const args = [`0001_HB5jyvZWzwcMFSFg_0X58_${load}`, "3.5 C"];
  return (await to.submit({ channelId, creator, contract: evidenceContract.name, fn: "set", args })).txId;
}

beforeAll(async () => {
  const { identity, privateKeys } = await createOrganization({ name: "Foods", mspId: "FoodsMSP" }, dependencies);
  const ca = { certificatePem: identity.caCertificatePem, privateKeyDer: privateKeys.ca };
  const attributes = { tenant: "foods", principal: "truck" };
  truckPem = (await issuePrincipalCertificate(ca, { uid: "truck", attributes }, dependencies)).certificatePem;
  const sm2 = await createCheckpointKey(ca, dependencies, "SM2");
  signers = [privateKeys.checkpoint, sm2.privateKeyDer].map((privateKeyDer) => ({ mspId: "FoodsMSP", privateKeyDer }));
  ledger = await open(source);
  const organization = {
    mspId: "FoodsMSP",
    displayName: "Foods",
    caCertificates: [identity.caCertificatePem],
    checkpointKeys: [identity.checkpointKey, sm2.key],
  };
  await ledger.createChannel(
    {
      channelId,
      origin: originOf(installationId, channelId),
      displayName: "Cold chain",
      organizations: [organization],
      blockCutting: { messageCountMax: 500, bytesMax: 2_000_000, timeoutMs: 2_000, cutWhenIdle: true },
      stateDatabase: "goleveldb",
      cryptography: "sm",
      recordRefusals: false,
      contracts: [evidenceContract.name],
    },
    signers,
  );
  for (let load = 0; load < 20; load += 1) txIds.push(await write(ledger, `load-${load}`));
  trust = { format: "concordat-trust/1", channels: [await ledger.trust(channelId)] };
});

afterAll(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

test("receipts and consistency proofs are valid", async () => {
  for (const txId of txIds) {
    const receipt = await ledger.receipt(channelId, txId, { withEnvelope: true });
    expect(receipt.sm3InclusionPath).toHaveLength(receipt.inclusionPath.length);
    expect(verifyReceipt(receipt, trust)).toMatchObject({ status: "valid", reasons: [] });
  }
  const proof = await ledger.consistencyProof(channelId, 3, 17);
  expect(verifyConsistency(proof, trust)).toEqual({ status: "valid", reasons: [] });
});

test("the whole ledger verifies, and after an import goes on verifying", async () => {
  const { valid, channels } = await verifyLedger({ directory: source, trust });
  expect({ valid, authenticated: channels[0]?.authenticated }).toEqual({ valid: true, authenticated: true });
  await ledger.exportSnapshot(channelId, join(folder, "snapshot"));
  const other = await open(imported);
  const [channel] = trust.channels;
  await other.importSnapshot(join(folder, "snapshot"), signers, channel as Parameters<Ledger["importSnapshot"]>[2]);
  const txId = await write(other, "after");
  expect(verifyReceipt(await other.receipt(channelId, txId), trust).status).toBe("valid");
  await other.close();
  expect(await verifyLedger({ directory: imported, trust })).toMatchObject({ valid: true });

  const base = join(imported, "channels", channelId, "snapshot", "base.json");
  const json = JSON.parse(readFileSync(base, "utf8"));
  json.sm3Frontier.hashes[0] = Buffer.alloc(32, 1).toString("base64");
  writeFileSync(base, JSON.stringify(json));
  const report = await verifyLedger({ directory: imported, trust });
  expect(report.channels[0]?.faults[0]?.message).toContain("SM3 frontier");
});

test("no changed byte of a stored checkpoint passes", async () => {
  const stored = join(source, "channels", channelId, "segments");
  const [name = ""] = readdirSync(stored);
  const bytes = readFileSync(join(stored, name));
  const note = Buffer.from(await ledger.checkpoint(channelId, 7));
  const start = bytes.indexOf(note);
  expect(start).toBeGreaterThan(0);
  const text = note.toString();
  const marks = ["\nsm3 ", "\n\u2014 ", text.slice(text.lastIndexOf("\n\u2014 "))];
  const copy = join(folder, "copy");
  for (const mark of marks) {
    const at = start + note.indexOf(mark) + Buffer.byteLength(mark.slice(0, 3)) + 60;
    const changed = Buffer.from(bytes);
    changed[at] = changed[at] === 0x41 ? 0x42 : 0x41;
    cpSync(source, copy, { recursive: true });
    writeFileSync(join(copy, "channels", channelId, "segments", name), changed);
    expect(await verifyLedger({ directory: copy, trust })).toMatchObject({ valid: false });
    rmSync(copy, { recursive: true });
  }
});
