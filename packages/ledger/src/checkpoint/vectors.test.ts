import { createPrivateKey, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base64ToBytes, bytesToBase64, bytesToHex, hexToBytes, nodeFileSystem, utf8ToBytes } from "@concordat/base";
import { describe, expect, it } from "vitest";
import { headerHash } from "../encoding/block.ts";
import { leafHash } from "../merkle/hash.ts";
import { openMerkleLog } from "../merkle/log.ts";
import { rootOfInclusion } from "../merkle/verify.ts";
import { encodeLeafRecord, leafRecordHash } from "./leaf-record.ts";
import { checkpointBody, parseCheckpoint } from "./note.ts";
import { checkpointKeyId, signCheckpoint, verifyCheckpointSignatures } from "./sign.ts";

interface Vectors {
  readonly leafRecords: readonly {
    readonly leaf: {
      readonly kind: number;
      readonly validationCode: number;
      readonly block: number;
      readonly index: number;
      readonly envelopeSha256: string;
      readonly txId: string;
    };
    readonly record: string;
    readonly leafHash: string;
  }[];
  readonly tree: {
    readonly roots: readonly { readonly size: number; readonly root: string }[];
    readonly inclusion: readonly { readonly index: number; readonly size: number; readonly path: readonly string[] }[];
    readonly consistency: readonly { readonly from: number; readonly to: number; readonly path: readonly string[] }[];
  };
  readonly checkpoints: readonly {
    readonly origin: string;
    readonly size: number;
    readonly root: string;
    readonly block: number;
    readonly headerHash: string;
    readonly signers: readonly {
      readonly mspId: string;
      readonly seed: string;
      readonly publicKey: string;
      readonly keyId: string;
    }[];
    readonly body: string;
    readonly note: string;
  }[];
  readonly headerHashes: readonly {
    readonly number: string;
    readonly previousHash: string;
    readonly dataHash: string;
    readonly headerHash: string;
  }[];
  readonly receipts: readonly {
    readonly status: string;
    readonly receipt: {
      readonly leaf: Vectors["leafRecords"][number]["leaf"];
      readonly leafIndex: number;
      readonly inclusionPath: readonly string[];
      readonly checkpoint: string;
    };
  }[];
}

const path = new URL("../../testdata/format-vectors.json", import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(path, "utf8"));
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

describe("the format's vectors", () => {
  it("have the engine's leaf records", () => {
    for (const { leaf, record, leafHash: hash } of vectors.leafRecords) {
      const fields = { ...leaf, envelopeSha256: hexToBytes(leaf.envelopeSha256) };
      expect(bytesToHex(encodeLeafRecord(fields))).toBe(record);
      expect(bytesToHex(leafRecordHash(fields))).toBe(hash);
    }
  });

  it("have the engine's roots, inclusion paths and consistency paths", async () => {
    const directory = mkdtempSync(join(tmpdir(), "format-vectors-"));
    const log = await openMerkleLog({ path: join(directory, "rows") }, { fileSystem: nodeFileSystem });
    try {
      log.append(Array.from({ length: 1000 }, (_, index) => leafHash(utf8ToBytes(String(index)))));
      for (const { size, root } of vectors.tree.roots) expect(bytesToBase64(log.rootAt(size))).toBe(root);
      for (const { index, size, path } of vectors.tree.inclusion) {
        expect(log.inclusionPath(index, size).map(bytesToBase64)).toEqual(path);
      }
      for (const { from, to, path } of vectors.tree.consistency) {
        expect(log.consistencyPath(from, to).map(bytesToBase64)).toEqual(path);
      }
    } finally {
      await log.close();
      rmSync(directory, { recursive: true });
    }
  });

  it("have the engine's checkpoints", () => {
    for (const { signers, body, note, ...fields } of vectors.checkpoints) {
      const made = checkpointBody({
        ...fields,
        root: base64ToBytes(fields.root),
        headerHash: hexToBytes(fields.headerHash),
      });
      expect(made).toBe(body);
      const keys = signers.map(({ mspId, seed, publicKey }) => {
        const der = Buffer.concat([PKCS8_PREFIX, hexToBytes(seed)]);
        const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
        return {
          mspId,
          algorithm: "Ed25519" as const,
          publicKey: base64ToBytes(publicKey),
          sign: (message: Uint8Array) => new Uint8Array(sign(null, message, key)),
        };
      });
      expect(signCheckpoint(body, keys)).toBe(note);
      expect(verifyCheckpointSignatures(parseCheckpoint(note), keys).missing).toEqual([]);
      for (const { mspId, publicKey, keyId } of signers) {
        const key = { algorithm: "Ed25519", publicKey: base64ToBytes(publicKey) } as const;
        expect(bytesToHex(checkpointKeyId(`${fields.origin}/${mspId}`, key))).toBe(keyId);
      }
    }
  });

  it("have the engine's header hashes, for numbers that a block can have", () => {
    const safe = vectors.headerHashes.filter(({ number }) => Number.isSafeInteger(Number(number)));
    expect(safe).toHaveLength(3);
    for (const { number, previousHash, dataHash, headerHash: expected } of safe) {
      const header = { number: Number(number), previousHash: hexToBytes(previousHash), dataHash: hexToBytes(dataHash) };
      expect(bytesToHex(headerHash(header))).toBe(expected);
    }
  });

  it("have receipts whose paths lead to their checkpoints", () => {
    for (const { status, receipt } of vectors.receipts) {
      const { leaf, leafIndex, inclusionPath, checkpoint } = receipt;
      const { size, root } = parseCheckpoint(checkpoint);
      const hash = leafRecordHash({ ...leaf, envelopeSha256: hexToBytes(leaf.envelopeSha256) });
      const reached = rootOfInclusion(leafIndex, size, hash, inclusionPath.map(base64ToBytes));
      const isSound = reached !== undefined && bytesToBase64(reached) === bytesToBase64(root);
      expect(isSound).toBe(status !== "invalid");
    }
  });
});
