import { hexToBytes, utf8ToBytes } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  certifiedKeyFromDer,
  certifiedKeyToDer,
  generateSigningKey,
  isSameKey,
  SIGNATURE_ALGORITHMS,
  signForX509,
  signingKeyFromDer,
  signingKeyToDer,
  sm2SignatureFromDer,
  sm2SignatureToDer,
  verifyForX509,
} from "./signing-keys.ts";

const message = utf8ToBytes("to be signed");

describe.each(["P-256", "Ed25519", "SM2"] as const)("a signing key of %s", (algorithm) => {
  it("comes back from storage, private and public, and signs for itself alone", async () => {
    const [key, other] = [await generateSigningKey(algorithm), await generateSigningKey(algorithm)];
    const stored = signingKeyFromDer(signingKeyToDer(key));
    const published = certifiedKeyFromDer(certifiedKeyToDer(key.publicKey));
    const signature = signForX509(stored, message);
    const identifier = SIGNATURE_ALGORITHMS[algorithm];
    expect(isSameKey(published, key.publicKey) && !isSameKey(published, other.publicKey)).toBe(true);
    expect(verifyForX509(published, identifier, message, signature)).toBe(true);
    expect(verifyForX509(other.publicKey, identifier, message, signature)).toBe(false);
    expect(verifyForX509(published, identifier, utf8ToBytes("another"), signature)).toBe(false);
    expect(verifyForX509(published, "1.2.840.10045.4.3.3", message, signature)).toBe(false);
    expect(verifyForX509(published, identifier, message, signature.subarray(1))).toBe(false);
  });

  it("refuses public bytes that are damaged", async () => {
    const der = certifiedKeyToDer((await generateSigningKey(algorithm)).publicKey);
    for (const broken of [der.subarray(1), der.subarray(0, -1), new Uint8Array(0), Uint8Array.of(...der, 0)]) {
      expect(() => certifiedKeyFromDer(broken)).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
    }
  });
});

it("refuses an SM2 point off the curve and a compressed P-256 point", () => {
  const offCurve = hexToBytes(`3059301306072a8648ce3d020106082a811ccf5501822d03420004${"11".repeat(64)}`);
  const generator = "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
  const compressed = hexToBytes(`3039301306072a8648ce3d020106082a8648ce3d030107032200${generator}`);
  for (const der of [offCurve, compressed]) {
    expect(() => certifiedKeyFromDer(der)).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
  }
});

describe("an SM2 signature in DER", () => {
  it("says the same two numbers", () => {
    const half = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.integer({ min: 0, max: 32 }).map((zeros) => new Uint8Array(32).fill(0x80, zeros)),
    );
    fc.assert(
      fc.property(half, half, (r, s) => {
        const plain = Uint8Array.from([...r, ...s]);
        expect(sm2SignatureFromDer(sm2SignatureToDer(plain))).toEqual(plain);
      }),
    );
  });

  it.each(["", "3000", "3003020101", "30060201010201ff", "3009020101020102020103", `30260221${"01".repeat(33)}020101`])(
    "is refused as %s",
    (hex) => expect(sm2SignatureFromDer(hexToBytes(hex))).toBeUndefined(),
  );
});
