import { cp, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base64ToBytes, bytesToHex, hexToBytes } from "@concordat/base";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { leafRecordHash } from "../checkpoint/leaf-record.ts";
import { type Checkpoint, parseCheckpoint } from "../checkpoint/note.ts";
import { verifyCheckpointSignatures } from "../checkpoint/sign.ts";
import { SHA256_TREE, SM3_TREE } from "../merkle/hash.ts";
import { isConsistent, rootOfInclusion } from "../merkle/verify.ts";
import type { Ledger, Receipt, SubmitRequest, TrustBundleChannel } from "../ports.ts";
import { contracts } from "../testing/kv-contract.ts";
import {
  createTestOrganization,
  TEST_INSTALLATION,
  type TestOrganization,
  testChannelConfig,
} from "../testing/organizations.ts";
import { openLedger } from "./ledger.ts";

let org1: TestOrganization;
let org2: TestOrganization;
let international: TestOrganization;
let directory: string;
let ledger: Ledger;

beforeAll(async () => {
  org1 = await createTestOrganization("Org1MSP", "sm");
  org2 = await createTestOrganization("Org2MSP", "sm");
  international = await createTestOrganization("Org3MSP");
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "concordat-sm-"));
  ledger = await open();
});

afterEach(async () => {
  await ledger.close().catch(() => undefined);
  await rm(directory, { recursive: true, force: true });
});

const open = (folder = directory) => openLedger({ directory: folder, installationId: TEST_INSTALLATION, contracts });
const smConfig = (...organizations: TestOrganization[]) => testChannelConfig(organizations, { cryptography: "sm" });
const put = (key: string): SubmitRequest => ({
  channelId: "ch1",
  creator: org1.creator,
  contract: "kv",
  fn: "put",
  args: [key, `"value of ${key}"`],
});

async function write(count: number): Promise<string[]> {
  const txIds: string[] = [];
  for (let at = 0; at < count; at += 1) txIds.push((await ledger.submit(put(`k${txIds.length}`))).txId);
  return txIds;
}

/** Whether both paths lead to both signed roots. */
function holds({ leaf, leafIndex, inclusionPath, sm3InclusionPath, checkpoint }: Receipt): boolean {
  const { size, root, sm3Root } = parseCheckpoint(checkpoint);
  const fields = { ...leaf, envelopeSha256: hexToBytes(leaf.envelopeSha256) };
  const reached = [SHA256_TREE, SM3_TREE].map((tree) => {
    const path = (tree === SM3_TREE ? (sm3InclusionPath ?? []) : inclusionPath).map(base64ToBytes);
    return rootOfInclusion(leafIndex, size, leafRecordHash(fields, tree), path, tree);
  });
  const hex = (hash: Uint8Array | undefined) => hash && bytesToHex(hash);
  expect(reached.map(hex)).toEqual([root, sm3Root].map(hex));
  return true;
}

function signedBy(checkpoint: Checkpoint, trust: TrustBundleChannel): string[] {
  const keys = trust.organizations.flatMap(({ mspId, checkpointKeys }) =>
    checkpointKeys
      .filter(({ fromBlock }) => fromBlock <= checkpoint.block)
      .map(({ algorithm, publicKey }) => ({ mspId, algorithm, publicKey: base64ToBytes(publicKey) })),
  );
  expect(verifyCheckpointSignatures(checkpoint, keys).missing).toEqual([]);
  expect(checkpoint.signatures).toHaveLength(keys.length);
  return keys.map(({ mspId, algorithm }) => `${mspId} ${algorithm}`);
}

describe("an SM channel", () => {
  it("signs an SM3 root beside the SHA-256 one, with SM2 beside Ed25519, by every organization", async () => {
    await ledger.createChannel(smConfig(org1), org1.signers);
    const [txId = ""] = await write(5);
    await ledger.updateChannel(smConfig(org1, org2), [...org1.signers, ...org2.signers]);
    const [later = ""] = await write(1);
    const trust = await ledger.trust("ch1");
    const first = await ledger.receipt("ch1", txId);
    expect(holds(first)).toBe(true);
    expect(signedBy(parseCheckpoint(first.checkpoint), trust)).toEqual(["Org1MSP Ed25519", "Org1MSP SM2"]);
    const last = await ledger.receipt("ch1", later);
    expect(holds(last)).toBe(true);
    expect(signedBy(parseCheckpoint(last.checkpoint), trust)).toHaveLength(4);
    expect((await ledger.config("ch1")).cryptography).toBe("sm");
  });

  it("proves with both trees that one checkpoint extends another", async () => {
    await ledger.createChannel(smConfig(org1), org1.signers);
    await write(6);
    const proof = await ledger.consistencyProof("ch1", 2, 6);
    const [m, n] = [parseCheckpoint(proof.fromCheckpoint), parseCheckpoint(proof.toCheckpoint)];
    const none = new Uint8Array(0);
    const roots = { m: m.sm3Root ?? none, n: n.sm3Root ?? none };
    const path = (proof.sm3Path ?? []).map(base64ToBytes);
    expect(isConsistent({ m: m.size, n: n.size }, roots, path, SM3_TREE)).toBe(true);
    expect(isConsistent({ m: m.size, n: n.size }, { m: m.root, n: n.root }, path, SHA256_TREE)).toBe(false);
  });

  it("goes on after a restart, with its derived trees lost, cut or changed", async () => {
    await ledger.createChannel(smConfig(org1), org1.signers);
    const txIds = await write(7);
    const expected = await Promise.all(txIds.map((txId) => ledger.receipt("ch1", txId)));
    // Waits until the derived data holds every block, so that there are rows to damage.
    await ledger.stateHash("ch1");
    await cp(directory, `${directory}-killed`, { recursive: true });
    await ledger.close();
    const rows = join("channels", "ch1", "derived", "tree", "rows-sm3");
    const damages: ((path: string) => Promise<unknown>)[] = [
      (path) => rm(path),
      async (path) => writeFile(path, (await readFile(path)).subarray(0, 40)),
      async (path) => writeFile(path, (await readFile(path)).fill(1, 64, 70)),
      async (path) => writeFile(path, await readFile(join(path, "..", "rows"))),
    ];
    try {
      for (const damage of damages) {
        for (const source of [directory, `${directory}-killed`]) {
          const copy = `${directory}-copy`;
          await cp(source, copy, { recursive: true });
          await damage(join(copy, rows));
          ledger = await open(copy);
          await ledger.unlockChannel("ch1", org1.signers);
          expect(await Promise.all(txIds.map((txId) => ledger.receipt("ch1", txId)))).toEqual(expected);
          const [next = ""] = await write(1);
          expect(holds(await ledger.receipt("ch1", next))).toBe(true);
          await ledger.close();
          await rm(copy, { recursive: true });
        }
      }
    } finally {
      await rm(`${directory}-killed`, { recursive: true, force: true });
      await rm(`${directory}-copy`, { recursive: true, force: true });
    }
  });

  it("heals its SM3 tree when the rows change while it is open", async () => {
    await ledger.createChannel(smConfig(org1), org1.signers);
    const txIds = await write(4);
    await ledger.stateHash("ch1");
    const rows = join(directory, "channels", "ch1", "derived", "tree", "rows-sm3");
    const { size } = await stat(rows);
    await writeFile(rows, Buffer.alloc(size, 7));
    for (const txId of txIds) expect(holds(await ledger.receipt("ch1", txId))).toBe(true);
  });

  it("is exported and imported with both trees", async () => {
    await ledger.createChannel(smConfig(org1), org1.signers);
    await write(5);
    const trust = await ledger.trust("ch1");
    await ledger.exportSnapshot("ch1", join(directory, "snapshot"));
    const elsewhere = `${directory}-elsewhere`;
    const other = await open(elsewhere);
    try {
      await other.importSnapshot(join(directory, "snapshot"), org1.signers, trust);
      const { txId } = await other.submit(put("after"));
      const receipt = await other.receipt("ch1", txId);
      expect(holds(receipt)).toBe(true);
      expect(signedBy(parseCheckpoint(receipt.checkpoint), trust)).toHaveLength(2);
    } finally {
      await other.close();
      await rm(elsewhere, { recursive: true });
    }
  });

  it("takes no snapshot whose SM2 signature does not hold", async () => {
    await ledger.createChannel(smConfig(org1), org1.signers);
    const snapshot = join(directory, "snapshot");
    await ledger.exportSnapshot("ch1", snapshot);
    const trust = await ledger.trust("ch1");
    const [organization] = trust.organizations;
    const forger = await createTestOrganization("Org1MSP", "sm");
    const swapped = (organization?.checkpointKeys ?? []).map((key) => {
      const foreign = forger.config.checkpointKeys.find(({ algorithm }) => algorithm === key.algorithm);
      if (key.algorithm !== "SM2" || foreign === undefined) return key;
      return { ...key, publicKey: Buffer.from(foreign.publicKey).toString("base64") };
    });
    const foreignTrust = { ...trust, organizations: [{ ...(organization ?? fail()), checkpointKeys: swapped }] };
    const other = await open(join(directory, "other"));
    await expect(other.importSnapshot(snapshot, [], foreignTrust)).rejects.toMatchObject({ code: "SNAPSHOT_INVALID" });
    await other.close();
  });

  it("needs a key of each algorithm from every organization, and stays an SM channel", async () => {
    const mixed = ledger.createChannel(smConfig(org1, international), [...org1.signers, ...international.signers]);
    await expect(mixed).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    const plain = ledger.createChannel(testChannelConfig([org1]), org1.signers);
    await expect(plain).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(ledger.createChannel(smConfig(org1), [org1.signer])).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await ledger.createChannel(smConfig(org1), org1.signers);
    const turned = ledger.updateChannel(testChannelConfig([international]), international.signers);
    await expect(turned).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});

function fail(): never {
  throw new Error("The bundle has no organization.");
}
