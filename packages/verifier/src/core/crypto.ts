import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";

/** The two primitives that a verdict rests on. */
export interface VerifierCrypto {
  sha256(bytes: Uint8Array): Uint8Array;
  /** Plain Ed25519 (RFC 8032). False, not an exception, for a key or signature of the wrong form. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** For browsers and any other place without node:crypto. */
export const portableCrypto: VerifierCrypto = {
  sha256: (bytes) => sha256(bytes),
  verifyEd25519(publicKey, message, signature) {
    try {
      return ed25519.verify(signature, message, publicKey, { zip215: false });
    } catch {
      return false;
    }
  },
};
