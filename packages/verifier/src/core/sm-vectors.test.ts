import { describe, expect, it } from "vitest";
import { nodeCrypto } from "../node-crypto.ts";
import { makeSmVectors } from "../testing/sm-vectors.ts";
import { base64ToBytes, bytesToBase64, bytesToHex, hexToBytes, utf8ToBytes } from "./bytes.ts";
import { checkpointBody, checkpointKeyId, hasSigned, parseCheckpoint } from "./checkpoint.ts";
import { portableCrypto } from "./crypto.ts";
import { isConsistent, leafHash, rootOfInclusion } from "./merkle.ts";
import { verifyReceipt } from "./verify-receipt.ts";

const fromBase64 = (text: string) => base64ToBytes(text) ?? new Uint8Array(0);
const fromHex = (text: string) => hexToBytes(text) ?? new Uint8Array(0);
const vectors = makeSmVectors();

it("the SM vectors stand in the repository as they are computed (update with vitest -u)", async () => {
  await expect(`${JSON.stringify(vectors, null, 2)}\n`).toMatchFileSnapshot("../../../ledger/testdata/sm-vectors.json");
});

describe.each([
  ["node:crypto", nodeCrypto],
  ["portable crypto", portableCrypto],
])("the SM vectors by %s", (_name, crypto) => {
  it("have its digests, leaf hashes and signatures", () => {
    for (const { message, digest } of vectors.digests) {
      expect(bytesToHex(crypto.sm3(utf8ToBytes(message)))).toBe(digest);
    }
    for (const { record, leafHash: hash } of vectors.leafRecords) {
      expect(bytesToHex(leafHash(fromHex(record), crypto.sm3))).toBe(hash);
    }
    for (const { publicKey, message, signature, valid } of vectors.signatures) {
      expect(crypto.verifySm2(fromBase64(publicKey), utf8ToBytes(message), fromHex(signature))).toBe(valid);
    }
  });

  it("have paths that lead to its roots", () => {
    const { roots, inclusion, consistency } = vectors.tree;
    const rootOf = (size: number) => fromBase64(roots.find((entry) => entry.size === size)?.root ?? "");
    for (const { index, size, path } of inclusion) {
      const leaf = leafHash(utf8ToBytes(String(index)), crypto.sm3);
      const root = rootOfInclusion(index, size, leaf, path.map(fromBase64), crypto.sm3);
      expect(bytesToBase64(root ?? new Uint8Array(0))).toBe(bytesToBase64(rootOf(size)));
    }
    for (const { from, to, path } of consistency) {
      if (!roots.some(({ size }) => size === from)) continue;
      const head = (size: number) => ({ size, root: rootOf(size) });
      expect(isConsistent(head(from), head(to), path.map(fromBase64), crypto.sm3)).toBe(true);
    }
  });

  it("have checkpoints and receipts that it reads and verifies", () => {
    for (const { note, body, origin, sm3Root, signers } of vectors.checkpoints) {
      const checkpoint = parseCheckpoint(note);
      expect(checkpointBody(checkpoint)).toBe(body);
      expect(bytesToBase64(checkpoint.sm3Root ?? new Uint8Array(0))).toBe(sm3Root);
      for (const { mspId, algorithm, publicKey, keyId } of signers) {
        const key = { mspId, algorithm, publicKey: fromBase64(publicKey) };
        expect(bytesToHex(checkpointKeyId(`${origin}/${mspId}`, key, crypto.sha256))).toBe(keyId);
        expect(hasSigned(checkpoint, key, crypto)).toBe(true);
      }
    }
    for (const { status, receipt, trust } of vectors.receipts) {
      expect(verifyReceipt(receipt, trust, crypto).status).toBe(status);
    }
  });
});
