import { bytesToHex, hexToBytes, utf8ToBytes } from "@concordat/base";
import { describe, expect, it } from "vitest";
import {
  ed25519PublicKeyFromRaw,
  ed25519PublicKeyToRaw,
  generatePrivateKey,
  privateKeyFromDer,
  privateKeyToDer,
  privateKeyToPem,
  publicKeyFromDer,
  publicKeyToDer,
  signMessage,
  verifySignature,
} from "./keys.ts";

const message = utf8ToBytes("a message");

describe.each(["P-256", "Ed25519"] as const)("%s keys", (algorithm) => {
  it("survive storage and sign for their public half alone", async () => {
    const key = await generatePrivateKey(algorithm);
    const stored = privateKeyFromDer(privateKeyToDer(key));
    const published = publicKeyFromDer(publicKeyToDer(key.publicKey));
    const other = await generatePrivateKey(algorithm);
    const signature = signMessage(stored, message);
    expect(stored.algorithm).toBe(algorithm);
    expect(verifySignature(published, message, signature)).toBe(true);
    expect(verifySignature(other.publicKey, message, signature)).toBe(false);
    expect(verifySignature(published, utf8ToBytes("another"), signature)).toBe(false);
    expect(verifySignature(published, message, signature.subarray(1))).toBe(false);
    expect(verifySignature(published, message, new Uint8Array(0))).toBe(false);
    expect(privateKeyToPem(stored)).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });
});

it("signs as RFC 8032 test 1 does, with the raw public key of the vector", () => {
  const seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  const key = privateKeyFromDer(hexToBytes(`302e020100300506032b657004220420${seed}`));
  const raw = ed25519PublicKeyToRaw(key.publicKey);
  expect(bytesToHex(raw)).toBe("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const signature = signMessage(key, new Uint8Array(0));
  expect(bytesToHex(signature)).toBe(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  );
  expect(verifySignature(ed25519PublicKeyFromRaw(raw), new Uint8Array(0), signature)).toBe(true);
});

it("gives P-256 signatures with low S only", async () => {
  const key = await generatePrivateKey("P-256");
  for (let i = 0; i < 40; i++) {
    const signature = signMessage(key, Uint8Array.of(i));
    const rBytes = signature[3] ?? 0;
    const s = BigInt(`0x${bytesToHex(signature.subarray(4 + rBytes + 2))}`);
    expect(s <= BigInt("0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8")).toBe(true);
    expect(verifySignature(key.publicKey, Uint8Array.of(i), signature)).toBe(true);
  }
});

it.each([
  ["no key at all", () => privateKeyFromDer(Uint8Array.of(1, 2, 3))],
  ["a raw public key of 31 bytes", () => ed25519PublicKeyFromRaw(new Uint8Array(31))],
  ["no public key", () => publicKeyFromDer(Uint8Array.of(0x30, 0))],
])("refuses %s", (_, use) => {
  expect(use).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
});
