import { describe, expect, it } from "vitest";
import { BlockView } from "../ledger/block.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { makeVectors } from "../testing/vectors.ts";
import { base64ToBytes, bytesToBase64, bytesToHex, hexToBytes } from "./bytes.ts";
import { checkpointBody, checkpointKeyId, hasSigned, parseCheckpoint } from "./checkpoint.ts";
import { encodeLeafRecord } from "./leaf.ts";
import { isConsistent, leafHash, rootOfInclusion } from "./merkle.ts";
import { verifyReceipt } from "./verify-receipt.ts";

const { sha256 } = nodeCrypto;
const fromBase64 = (text: string) => base64ToBytes(text) ?? new Uint8Array(0);
const fromHex = (text: string) => hexToBytes(text) ?? new Uint8Array(0);
const vectors = makeVectors();

describe("the format's vectors", () => {
  it("stand in the repository as they are computed (update with vitest -u)", async () => {
    await expect(`${JSON.stringify(vectors, null, 2)}\n`).toMatchFileSnapshot(
      "../../../ledger/testdata/format-vectors.json",
    );
  });

  it("have the verifier's leaf records", () => {
    for (const { leaf, record, leafHash: hash } of vectors.leafRecords) {
      const bytes = encodeLeafRecord({ ...leaf, envelopeSha256: fromHex(leaf.envelopeSha256) });
      expect(bytesToHex(bytes)).toBe(record);
      expect(bytesToHex(leafHash(bytes, sha256))).toBe(hash);
    }
  });

  it("have inclusion and consistency paths that the verifier accepts, for their own place only", () => {
    const { roots, inclusion, consistency } = vectors.tree;
    const rootOf = (size: number) => fromBase64(roots.find((entry) => entry.size === size)?.root ?? "");
    for (const { index, size, path } of inclusion) {
      const leaf = leafHash(new TextEncoder().encode(String(index)), sha256);
      const rootFor = (at: number) => rootOfInclusion(at, size, leaf, path.map(fromBase64), sha256);
      expect(bytesToBase64(rootFor(index) ?? new Uint8Array(0))).toBe(bytesToBase64(rootOf(size)));
      for (const other of [index - 1, index + 1]) {
        if (other >= 0) expect(rootFor(other) ?? new Uint8Array(0)).not.toEqual(rootOf(size));
      }
    }
    for (const { from, to, path } of consistency) {
      if (!roots.some(({ size }) => size === from)) continue;
      const head = (size: number) => ({ size, root: rootOf(size) });
      expect(isConsistent(head(from), head(to), path.map(fromBase64), sha256)).toBe(true);
      expect(isConsistent({ size: from, root: rootOf(0) }, head(to), path.map(fromBase64), sha256)).toBe(false);
    }
  });

  it("have checkpoints that the verifier reads and verifies", () => {
    for (const { note, body, signers, ...fields } of vectors.checkpoints) {
      const checkpoint = parseCheckpoint(note);
      expect(checkpointBody(checkpoint)).toBe(body);
      expect(checkpoint).toMatchObject({ origin: fields.origin, size: fields.size, block: fields.block });
      expect(bytesToBase64(checkpoint.root)).toBe(fields.root);
      for (const { mspId, publicKey, keyId } of signers) {
        const key = { mspId, algorithm: "Ed25519" as const, publicKey: fromBase64(publicKey) };
        expect(bytesToHex(checkpointKeyId(`${fields.origin}/${mspId}`, key, sha256))).toBe(keyId);
        expect(hasSigned(checkpoint, key, nodeCrypto)).toBe(true);
      }
    }
  });

  it("have the verifier's header hashes, for numbers that a block can have", () => {
    const safe = vectors.headerHashes.filter(({ number }) => Number.isSafeInteger(Number(number)));
    expect(safe).toHaveLength(3);
    for (const { number, previousHash, dataHash, headerHash } of safe) {
      const block = Object.assign(new BlockView(), {
        number: Number(number),
        previousHash: fromHex(previousHash),
        dataHash: fromHex(dataHash),
      });
      expect(bytesToHex(block.headerHash())).toBe(headerHash);
    }
  });

  it("have receipts with the verifier's verdicts", () => {
    for (const { status, receipt, trust } of vectors.receipts)
      expect(verifyReceipt(receipt, trust).status).toBe(status);
  });
});
