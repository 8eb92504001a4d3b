import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { concatBytes, equalBytes, type RandomSource, utf8ToBytes } from "@concordat/base";
import { identityFault } from "./errors.ts";

/**
 * Keeps secrets at rest. Envelope: version (1 byte, 0x01), key check (4), nonce (12), ciphertext, tag (16). AES-256-GCM under a key
 * derived from the master key by HKDF-SHA-256; the associated data is the version, the key check and the purpose, so that an
 * envelope moved to another place does not open there. The key check tells a foreign key from damage and reveals neither.
 */
export interface Sealer {
  /** `purpose` names the place that the secret belongs to, for example `organization/Org1MSP/ca-key`. */
  seal(purpose: string, secret: Uint8Array): Uint8Array;
  /** @throws ConcordatError SEALED_WITH_OTHER_KEY, SEALED_VERSION_UNKNOWN or SEALED_VALUE_DAMAGED */
  open(purpose: string, envelope: Uint8Array): Uint8Array;
}

const VERSION = 1;
const KEY_CHECK_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_CHECK_BYTES;

/** @throws ConcordatError MASTER_KEY_INVALID when the key has not 32 bytes */
export function createSealer(
  masterKey: Uint8Array,
  dependencies: { readonly random: Pick<RandomSource, "bytes"> },
): Sealer {
  if (masterKey.length !== 32) throw identityFault("MASTER_KEY_INVALID", "The master key must have 32 bytes.");
  const dataKey = derive(masterKey, "concordat sealing key 1", 32);
  const keyCheck = derive(masterKey, "concordat sealing key check 1", KEY_CHECK_BYTES);
  const header = concatBytes(Uint8Array.of(VERSION), keyCheck);
  const associatedData = (purpose: string) => concatBytes(header, utf8ToBytes(purpose));

  return {
    seal(purpose, secret) {
      const nonce = dependencies.random.bytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", dataKey, nonce).setAAD(associatedData(purpose));
      const ciphertext = concatBytes(cipher.update(secret), cipher.final());
      return concatBytes(header, nonce, ciphertext, cipher.getAuthTag());
    },
    open(purpose, envelope) {
      refuseForeign(envelope, keyCheck);
      const nonce = envelope.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", dataKey, nonce, { authTagLength: TAG_BYTES })
        .setAAD(associatedData(purpose))
        .setAuthTag(envelope.subarray(-TAG_BYTES));
      try {
        const ciphertext = envelope.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES);
        return concatBytes(decipher.update(ciphertext), decipher.final());
      } catch (cause) {
        throw damaged(cause);
      }
    },
  };
}

function refuseForeign(envelope: Uint8Array, keyCheck: Uint8Array): void {
  if (envelope.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES) throw damaged();
  if (envelope[0] !== VERSION) {
    throw identityFault("SEALED_VERSION_UNKNOWN", "A sealed value has a version that this program does not know.", {
      remedy: "Use the release that wrote the data folder, or a later one.",
    });
  }
  if (!equalBytes(envelope.subarray(1, HEADER_BYTES), keyCheck)) {
    throw identityFault("SEALED_WITH_OTHER_KEY", "A sealed value was sealed with another master key.", {
      remedy: "Start with the master key that the data folder was made with.",
    });
  }
}

function damaged(cause?: unknown) {
  return identityFault("SEALED_VALUE_DAMAGED", "A sealed value is damaged or belongs to another place.", { cause });
}

function derive(masterKey: Uint8Array, info: string, bytes: number): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", masterKey, new Uint8Array(0), info, bytes));
}
