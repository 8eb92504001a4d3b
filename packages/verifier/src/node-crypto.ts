import { createPublicKey, hash, type KeyObject, verify } from "node:crypto";
import type { VerifierCrypto } from "./core/crypto.ts";
import { verifySm2 } from "./core/sm2.ts";

/** DER of an Ed25519 SubjectPublicKeyInfo up to the 32 key bytes. @source RFC 8410 section 4 */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const KEY_CACHE_MAX = 1024;
const keys = new Map<string, KeyObject>();

/** The primitives by node:crypto, but for SM2: Node signs and verifies it in ways that depend on how the key was made. */
export const nodeCrypto: VerifierCrypto = {
  // By way of a Latin-1 string: node:crypto hands that out in a third of the time of a buffer.
  sha256: (bytes) => Buffer.from(hash("sha256", bytes, "binary"), "latin1"),
  sm3: (bytes) => Buffer.from(hash("sm3", bytes, "binary"), "latin1"),
  verifySm2,
  verifyEd25519(publicKey, message, signature) {
    try {
      return verify(null, message, ed25519Key(publicKey), signature);
    } catch {
      return false;
    }
  },
};

/** The same check on a thread of the pool, so that many overlap with the reading of the ledger. */
export function verifyEd25519Later(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      verify(null, message, ed25519Key(publicKey), signature, (error, holds) => resolve(error === null && holds));
    } catch {
      resolve(false);
    }
  });
}

function ed25519Key(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString("latin1");
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: "der", type: "spki" });
  if (keys.size >= KEY_CACHE_MAX) keys.clear();
  keys.set(name, key);
  return key;
}
