import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base64ToBytes, bytesToBase64, bytesToHex, hexToBytes, nodeFileSystem, utf8ToBytes } from "@concordat/base";
import { verifySm2 } from "@concordat/identity";
import { describe, expect, it } from "vitest";
import { SM3_TREE, sm3 } from "../merkle/hash.ts";
import { openMerkleLog } from "../merkle/log.ts";
import { checkpointBody, parseCheckpoint, signatureLine } from "./note.ts";
import { checkpointKeyId, verifyCheckpointSignatures } from "./sign.ts";

interface SmVectors {
  readonly digests: readonly { readonly message: string; readonly digest: string }[];
  readonly leafRecords: readonly { readonly record: string; readonly leafHash: string }[];
  readonly tree: {
    readonly roots: readonly { readonly size: number; readonly root: string }[];
    readonly inclusion: readonly { readonly index: number; readonly size: number; readonly path: readonly string[] }[];
    readonly consistency: readonly { readonly from: number; readonly to: number; readonly path: readonly string[] }[];
  };
  readonly signatures: readonly {
    readonly publicKey: string;
    readonly message: string;
    readonly signature: string;
    readonly valid: boolean;
  }[];
  readonly checkpoints: readonly {
    readonly origin: string;
    readonly size: number;
    readonly root: string;
    readonly block: number;
    readonly headerHash: string;
    readonly sm3Root: string;
    readonly signers: readonly {
      readonly mspId: string;
      readonly algorithm: "Ed25519" | "SM2";
      readonly publicKey: string;
      readonly keyId: string;
    }[];
    readonly body: string;
    readonly note: string;
  }[];
}

const path = new URL("../../testdata/sm-vectors.json", import.meta.url);
const vectors: SmVectors = JSON.parse(readFileSync(path, "utf8"));
const leafHash = (record: Uint8Array) => sm3(Buffer.concat([Buffer.from([0]), record]));

describe("the format's SM vectors", () => {
  it("have the engine's digests, leaf hashes and signatures", () => {
    for (const { message, digest } of vectors.digests) expect(bytesToHex(sm3(utf8ToBytes(message)))).toBe(digest);
    for (const { record, leafHash: hash } of vectors.leafRecords) {
      expect(bytesToHex(leafHash(hexToBytes(record)))).toBe(hash);
    }
    for (const { publicKey, message, signature, valid } of vectors.signatures) {
      expect(verifySm2(base64ToBytes(publicKey), utf8ToBytes(message), hexToBytes(signature))).toBe(valid);
    }
  });

  it("have the engine's roots, inclusion paths and consistency paths", async () => {
    const directory = mkdtempSync(join(tmpdir(), "sm-vectors-"));
    const options = { path: join(directory, "rows"), hash: SM3_TREE };
    const log = await openMerkleLog(options, { fileSystem: nodeFileSystem });
    try {
      log.append(Array.from({ length: 1000 }, (_, index) => leafHash(utf8ToBytes(String(index)))));
      for (const { size, root } of vectors.tree.roots) expect(bytesToBase64(log.rootAt(size))).toBe(root);
      for (const { index, size, path: expected } of vectors.tree.inclusion) {
        expect(log.inclusionPath(index, size).map(bytesToBase64)).toEqual(expected);
      }
      for (const { from, to, path: expected } of vectors.tree.consistency) {
        expect(log.consistencyPath(from, to).map(bytesToBase64)).toEqual(expected);
      }
    } finally {
      await log.close();
      rmSync(directory, { recursive: true });
    }
  });

  it("have the engine's checkpoints", () => {
    for (const { signers, body, note, ...fields } of vectors.checkpoints) {
      const bytes = { root: base64ToBytes(fields.root), sm3Root: base64ToBytes(fields.sm3Root) };
      expect(checkpointBody({ ...fields, ...bytes, headerHash: hexToBytes(fields.headerHash) })).toBe(body);
      const checkpoint = parseCheckpoint(note);
      expect(`${checkpoint.body}\n${checkpoint.signatures.map(signatureLine).join("")}`).toBe(note);
      const keys = signers.map((signer) => ({ ...signer, publicKey: base64ToBytes(signer.publicKey) }));
      expect(verifyCheckpointSignatures(checkpoint, keys).missing).toEqual([]);
      for (const key of keys) expect(bytesToHex(checkpointKeyId(`${fields.origin}/${key.mspId}`, key))).toBe(key.keyId);
      const swapped = keys.map((key) => ({ ...key, mspId: key.mspId === "Org1MSP" ? "Org2MSP" : "Org1MSP" }));
      expect(verifyCheckpointSignatures(checkpoint, swapped).missing).toEqual(swapped);
    }
  });

  it.each(["sm3", "sm3 ", "sm4 x", "sm3 AAAA", "sm3  x"])("refuse the fifth line %j", (line) => {
    for (const { note } of vectors.checkpoints) {
      expect(() => parseCheckpoint(note.replace(/\nsm3 .*\n/, `\n${line}\n`))).toThrow("fifth line");
    }
  });
});
