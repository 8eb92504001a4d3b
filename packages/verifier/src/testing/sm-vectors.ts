import { FixtureChannel, ORIGIN } from "./channel.ts";
import { sha256, sm3 } from "./envelopes.ts";
import { fixtureKey, fixtureOrganization, sm2FixtureKey } from "./keys.ts";
import { ALGORITHM_BYTES, note } from "./note.ts";
import { leafRecords, treeVectors } from "./vectors.ts";

/** What SM channels add to the vectors of the format page. Deterministic: even the signatures' secret numbers follow from key and message. */
export function makeSmVectors() {
  return {
    format: "concordat-sm-vectors/1",
    digests: digests(),
    leafRecords: leafRecords().map(({ record }) => ({
      record,
      leafHash: sm3(Buffer.from([0]), Buffer.from(record, "hex")).toString("hex"),
    })),
    tree: treeVectors(sm3),
    signatures: signatures(),
    checkpoints: [checkpoint()],
    receipts: receipts(),
  };
}

/** The two examples of GB/T 32905, appendix A. */
function digests() {
  return [
    { message: "abc", digest: "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" },
    { message: "abcd".repeat(16), digest: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732" },
  ];
}

function signatures() {
  const key = sm2FixtureKey("vector 1");
  const other = sm2FixtureKey("vector 2");
  const message = "concordat";
  const right = key.sign(Buffer.from(message));
  const [r, s] = [right.subarray(0, 32), right.subarray(32)];
  const zero = Buffer.alloc(32);
  const cases = [
    { key, message, signature: right, valid: true },
    { key: other, message, signature: right, valid: false },
    { key, message: "concordats", signature: right, valid: false },
    { key, message, signature: Buffer.concat([zero, s]), valid: false },
    { key, message, signature: Buffer.concat([r, zero]), valid: false },
    { key, message, signature: Buffer.alloc(64, 0xff), valid: false },
  ];
  return cases.map((entry) => ({
    publicKey: entry.key.publicKey.toString("base64"),
    message: entry.message,
    signature: entry.signature.toString("hex"),
    valid: entry.valid,
  }));
}

function checkpoint() {
  const signers = [
    { mspId: "Org2MSP", key: sm2FixtureKey("vector 2") },
    { mspId: "Org2MSP", key: fixtureKey("vector 2") },
    { mspId: "Org1MSP", key: sm2FixtureKey("vector 1") },
    { mspId: "Org1MSP", key: fixtureKey("vector 1") },
  ];
  const root = sha256(Buffer.from("root")).toString("base64");
  const sm3Root = sm3(Buffer.from("root")).toString("base64");
  const headerHash = sha256(Buffer.from("header")).toString("hex");
  const body = `${ORIGIN}\n42\n${root}\nblock 12 ${headerHash}\nsm3 ${sm3Root}\n`;
  return {
    origin: ORIGIN,
    size: 42,
    root,
    block: 12,
    headerHash,
    sm3Root,
    signers: signers.map(({ mspId, key }) => ({
      mspId,
      algorithm: key.algorithm,
      publicKey: key.publicKey.toString("base64"),
      keyId: sha256(Buffer.from(`${ORIGIN}/${mspId}\n`), ALGORITHM_BYTES[key.algorithm], key.publicKey)
        .subarray(0, 4)
        .toString("hex"),
    })),
    body,
    note: note(ORIGIN, body, signers),
  };
}

function receipts() {
  const channel = new FixtureChannel([fixtureOrganization("Org1MSP", { sm: true })], ORIGIN, "sm");
  channel.addConfig();
  channel.add([
    { writes: [{ key: "sensor-1", value: "21.5" }], args: ["sensor-1", "21.5"] },
    { code: 11, reads: [{ key: "sensor-1", version: [9, 9] }] },
    { writes: [{ key: "sensor-2", value: "19.0" }], args: ["sensor-2", "19.0"] },
  ]);
  const trust = channel.trustBundle();
  const only = structuredClone(trust);
  for (const organization of only.channels[0]?.organizations ?? []) {
    organization.checkpointKeys = organization.checkpointKeys.filter(({ algorithm }) => algorithm === "Ed25519");
  }
  const { sm3InclusionPath = [], ...withoutPath } = channel.receipt(1, 2);
  return [
    { status: "valid", receipt: channel.receipt(1, 0), trust },
    { status: "refused", receipt: channel.receipt(1, 1), trust },
    { status: "unauthenticated", receipt: channel.receipt(1, 2), trust: only },
    { status: "invalid", receipt: withoutPath, trust },
    { status: "invalid", receipt: { ...withoutPath, sm3InclusionPath: withoutPath.inclusionPath }, trust },
    { status: "invalid", receipt: { ...withoutPath, sm3InclusionPath, inclusionPath: sm3InclusionPath }, trust },
  ];
}
