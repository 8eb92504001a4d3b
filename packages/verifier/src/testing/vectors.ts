import { createHash } from "node:crypto";
import { FixtureChannel } from "./channel.ts";
import { sha256 } from "./envelopes.ts";
import { fixtureKey } from "./keys.ts";
import { note } from "./note.ts";
import { auditPath, consistencyPath, treeRoot } from "./tree.ts";

const ORIGIN = "concordat/0123456789abcdef/ltl-1";
const TREE_SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1000];
const PROOF_SIZES = [1, 2, 3, 7, 8, 9, 1000];

/**
 * The vectors of the format page: everything in them is deterministic (Ed25519 seeds are SHA-256 of a name). They are
 * computed here by the fixtures, and recomputed by engine, verifier and the Python script, which share no code with these.
 */
export function makeVectors() {
  return {
    format: "concordat-vectors/1",
    leafRecords: leafRecords(),
    tree: treeVectors(),
    checkpoints: checkpoints(),
    headerHashes: headerHashes(),
    receipts: receipts(),
  };
}

export function leafRecords() {
  const digest = sha256(Buffer.from("envelope")).toString("hex");
  const txId = sha256(Buffer.from("transaction")).toString("hex");
  const leaves = [
    { kind: 0, validationCode: 0, block: 0, index: 0, envelopeSha256: digest, txId },
    { kind: 1, validationCode: 0, block: 12, index: 3, envelopeSha256: digest, txId },
    { kind: 1, validationCode: 11, block: 2 ** 32 + 7, index: 2 ** 31 + 5, envelopeSha256: "ff".repeat(32), txId },
    { kind: 2, validationCode: 255, block: 2 ** 53 - 1, index: 2 ** 32 - 1, envelopeSha256: "00".repeat(32), txId: "" },
    { kind: 2, validationCode: 8, block: 1, index: 1, envelopeSha256: digest, txId: "x".repeat(255) },
  ];
  return leaves.map((leaf) => {
    const numbers = Buffer.alloc(12);
    numbers.writeBigUInt64BE(BigInt(leaf.block), 0);
    numbers.writeUInt32BE(leaf.index, 8);
    const record = Buffer.concat([
      Buffer.from([1, leaf.kind, leaf.validationCode]),
      numbers,
      Buffer.from(leaf.envelopeSha256, "hex"),
      Buffer.from([leaf.txId.length]),
      Buffer.from(leaf.txId, "latin1"),
    ]);
    return { leaf, record: record.toString("hex"), leafHash: sha256(Buffer.from([0]), record).toString("hex") };
  });
}

/** Also used for the SM vectors, with SM3. */
export function treeVectors(digest = sha256) {
  const leaves = Array.from({ length: 1000 }, (_, index) => digest(Buffer.from([0]), Buffer.from(String(index))));
  const base64 = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString("base64"));
  const indexes = (size: number) =>
    [...new Set([0, 1, size >> 1, size - 2, size - 1])].filter((at) => at >= 0 && at < size);
  return {
    leafRecords: "record i is the decimal number i in ASCII",
    roots: TREE_SIZES.map((size) => ({ size, root: treeRoot(leaves.slice(0, size), digest).toString("base64") })),
    inclusion: PROOF_SIZES.flatMap((size) =>
      indexes(size).map((index) => ({ index, size, path: base64(auditPath(index, leaves.slice(0, size), digest)) })),
    ),
    consistency: PROOF_SIZES.flatMap((to) =>
      [...new Set([1, 2, 4, 6, to >> 1, to - 1, to])]
        .filter((from) => from >= 1 && from <= to)
        .map((from) => ({ from, to, path: base64(consistencyPath(from, leaves.slice(0, to), true, digest)) })),
    ),
  };
}

function checkpoints() {
  const names = [
    { mspId: "Org2MSP", seedName: "vector 3" },
    { mspId: "Org2MSP", seedName: "vector 2" },
    { mspId: "Org1MSP", seedName: "vector 1" },
  ];
  const root = sha256(Buffer.from("root")).toString("base64");
  const headerHash = sha256(Buffer.from("header")).toString("hex");
  const body = `${ORIGIN}\n42\n${root}\nblock 12 ${headerHash}\n`;
  const signers = names.map(({ mspId, seedName }) => ({ mspId, key: fixtureKey(seedName) }));
  return [
    {
      origin: ORIGIN,
      size: 42,
      root,
      block: 12,
      headerHash,
      signers: names.map(({ mspId, seedName }, at) => {
        const publicKey = signers[at]?.key.publicKey ?? Buffer.alloc(0);
        return {
          mspId,
          seed: createHash("sha256").update(seedName).digest("hex"),
          publicKey: publicKey.toString("base64"),
          keyId: sha256(Buffer.from(`${ORIGIN}/${mspId}\n\u0001`), publicKey)
            .subarray(0, 4)
            .toString("hex"),
        };
      }),
      body,
      note: note(ORIGIN, body, signers),
    },
  ];
}

/** Fabric's rule; the hashes were computed apart from this project. */
function headerHashes() {
  const dataHash = "02".repeat(32);
  const previousHash = "01".repeat(32);
  return [
    {
      number: "0",
      previousHash: "",
      dataHash,
      headerHash: "0a3e038c1e47233245443e7b5d6f0b9a22bbf19120874368460d2145368442e4",
    },
    {
      number: "10",
      previousHash,
      dataHash,
      headerHash: "f3e0bc1a43824cc64e5b686ca4f7e3d49893a7f54d2ee08b2544325bd13f74b3",
    },
    {
      number: "255",
      previousHash,
      dataHash,
      headerHash: "6fc88abcc8d8c94bc858fe3bfcfd4b28d386bbde13e32c708519c73e1474759e",
    },
    {
      number: "9223372036854775808",
      previousHash,
      dataHash,
      headerHash: "9c1512b44c441ea1b6e260a0cfa50ee54d94faee09070fef791201edc17bf06c",
    },
  ];
}

function receipts() {
  const channel = new FixtureChannel();
  channel.addConfig();
  channel.add([
    { writes: [{ key: "sensor-1", value: "21.5" }], args: ["sensor-1", "21.5"] },
    { code: 11, reads: [{ key: "sensor-1", version: [9, 9] }] },
    { writes: [{ key: "sensor-2", value: "19.0" }], args: ["sensor-2", "19.0"] },
  ]);
  const trust = channel.trustBundle();
  return [
    { status: "valid", receipt: channel.receipt(0, 0), trust },
    { status: "valid", receipt: channel.receipt(1, 0), trust },
    { status: "refused", receipt: channel.receipt(1, 1), trust },
    { status: "valid", receipt: channel.receipt(1, 2, false), trust },
    { status: "unauthenticated", receipt: channel.receipt(1, 2), trust: { ...trust, channels: [] } },
    { status: "invalid", receipt: { ...channel.receipt(1, 2), leafIndex: 2 }, trust },
  ];
}
