import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { sm3Digest, verifySm2 } from "./sm2.ts";

/** The primitives that a verdict rests on; those of SM are asked for in SM channels only. */
export interface VerifierCrypto {
  sha256(bytes: Uint8Array): Uint8Array;
  /** Plain Ed25519 (RFC 8032). False, not an exception, for a key or signature of the wrong form. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  sm3(bytes: Uint8Array): Uint8Array;
  /** SM2 with SM3 and the default user; key 65 bytes, signature `r || s`. False, not an exception, for another form. */
  verifySm2(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** For browsers and any other place without node:crypto. */
export const portableCrypto: VerifierCrypto = {
  sha256: (bytes) => sha256(bytes),
  sm3: sm3Digest,
  verifySm2,
  verifyEd25519(publicKey, message, signature) {
    try {
      return ed25519.verify(signature, message, publicKey, { zip215: false });
    } catch {
      return false;
    }
  },
};
