import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { bytesToHex } from "@concordat/base";
import { describe, expect, it } from "vitest";
import type { CheckpointSigner } from "../ports.ts";
import { encodeLeafRecord } from "./leaf-record.ts";
import { checkpointBody, parseCheckpoint } from "./note.ts";
import { checkpointKeyId, signCheckpoint, verifyCheckpointSignatures } from "./sign.ts";

const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

function signerOf(mspId: string, seedByte: number): CheckpointSigner {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, Buffer.alloc(32, seedByte)]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  return { mspId, algorithm: "Ed25519", publicKey, sign: (message) => sign(null, message, key) };
}

const origin = "concordat/0123456789abcdef/ltl-1";
const fields = {
  origin,
  size: 42,
  root: new Uint8Array(32).fill(7),
  block: 12,
  headerHash: new Uint8Array(32).fill(9),
};
const org1 = signerOf("Org1MSP", 1);
const org2 = signerOf("Org2MSP", 2);
const org2Next = signerOf("Org2MSP", 3);

describe("checkpoint", () => {
  it("is a signed note with one line for each key, ordered by MSP id and key id", () => {
    const text = signCheckpoint(checkpointBody(fields), [org2Next, org2, org1]);
    const lines = text.split("\n");
    expect(lines.slice(0, 5)).toEqual([
      origin,
      "42",
      Buffer.alloc(32, 7).toString("base64"),
      `block 12 ${"09".repeat(32)}`,
      "",
    ]);
    expect(lines.slice(5, 8).map((line) => line.split(" ")[1])).toEqual([
      `${origin}/Org1MSP`,
      `${origin}/Org2MSP`,
      `${origin}/Org2MSP`,
    ]);
    const ids = parseCheckpoint(text).signatures.map(({ keyId }) => bytesToHex(keyId));
    expect(ids).toEqual([
      bytesToHex(checkpointKeyId(`${origin}/Org1MSP`, org1)),
      ...[org2, org2Next].map((key) => bytesToHex(checkpointKeyId(`${origin}/Org2MSP`, key))).sort(),
    ]);
  });

  it("reads back what was written", () => {
    const text = signCheckpoint(checkpointBody(fields), [org1, org2]);
    const { body, signatures, ...read } = parseCheckpoint(text);
    expect({ ...read, root: bytesToHex(read.root), headerHash: bytesToHex(read.headerHash) }).toEqual({
      ...fields,
      root: bytesToHex(fields.root),
      headerHash: bytesToHex(fields.headerHash),
    });
    expect(body).toBe(checkpointBody(fields));
    expect(signatures).toHaveLength(2);
  });

  it("names the keys that have not signed", () => {
    const checkpoint = parseCheckpoint(signCheckpoint(checkpointBody(fields), [org1, org2]));
    expect(verifyCheckpointSignatures(checkpoint, [org1, org2]).missing).toEqual([]);
    expect(verifyCheckpointSignatures(checkpoint, [org1, org2Next]).missing).toEqual([org2Next]);
    const changed = { ...checkpoint, body: checkpoint.body.replace("\n42\n", "\n43\n") };
    expect(verifyCheckpointSignatures(changed, [org1, org2]).missing).toEqual([org1, org2]);
    const moved = { ...org1, mspId: "Org3MSP" };
    expect(verifyCheckpointSignatures(checkpoint, [moved]).missing).toEqual([moved]);
  });

  it("ignores the signatures of witnesses", () => {
    const witness = `\u2014 witness.example/w1 ${Buffer.alloc(76, 5).toString("base64")}\n`;
    const checkpoint = parseCheckpoint(signCheckpoint(checkpointBody(fields), [org1]) + witness);
    expect(checkpoint.signatures).toHaveLength(2);
    expect(verifyCheckpointSignatures(checkpoint, [org1]).missing).toEqual([]);
  });

  it.each([
    ["no text", () => ""],
    ["no signature", (text: string) => text.slice(0, text.indexOf("\n\n") + 2)],
    ["no last newline", (text: string) => text.slice(0, -1)],
    ["a leading zero", (text: string) => text.replace("\n42\n", "\n042\n")],
    ["a number past 2^53", (text: string) => text.replace("\n42\n", "\n9007199254740993\n")],
    ["a sign", (text: string) => text.replace("\n42\n", "\n+42\n")],
    ["carriage returns", (text: string) => text.replaceAll("\n", "\r\n")],
    ["upper-case hex", (text: string) => text.replace("block 12 09", "block 12 0A")],
    ["another word", (text: string) => text.replace("block", "Block")],
    ["a fifth body line", (text: string) => text.replace("\n\n", "\nmore\n\n")],
    ["a short root", (text: string) => text.replace(/\n[A-Za-z0-9+/]{43}=\n/, "\nBwcH\n")],
    ["base64 that is not canonical", (text: string) => text.replace("BwcHBwc=", "BwcHBwd=")],
    ["a foreign origin", (text: string) => text.replaceAll("concordat/", "other/")],
    ["a hyphen for the dash", (text: string) => text.replace("\u2014", "-")],
    ["two spaces", (text: string) => text.replace("\u2014 ", "\u2014  ")],
    ["a second empty line", (text: string) => `${text}\n`],
  ])("refuses %s", (_name, change) => {
    const text = signCheckpoint(checkpointBody(fields), [org1]);
    expect(change(text)).not.toBe(text);
    expect(() => parseCheckpoint(change(text))).toThrow(expect.objectContaining({ code: "CHECKPOINT_INVALID" }));
  });
});

describe("leaf record", () => {
  it("has the documented bytes", () => {
    const record = encodeLeafRecord({
      kind: 1,
      validationCode: 11,
      block: 2 ** 32 + 5,
      index: 0x01020304,
      envelopeSha256: new Uint8Array(32).fill(0xab),
      txId: "ff",
    });
    expect(bytesToHex(record)).toBe(`01010b00000001000000050102030${"4"}${"ab".repeat(32)}026666`);
  });
});
