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

/** A sealer whose master key can be changed while it is in use. */
export interface KeyRing extends Sealer {
  /** The present master key and those of before that still open. */
  readonly keyCount: number;
  /** Whether the envelope is sealed with the present master key: others wait to be sealed anew. Looks at the key check only. */
  isCurrent(envelope: Uint8Array): boolean;
  /** Seals with this master key from now on; what earlier ones sealed still opens. */
  use(masterKey: Uint8Array): void;
  /** From now on nothing opens that an earlier master key sealed. */
  forgetEarlier(): void;
}

interface DataKey {
  readonly key: Uint8Array;
  readonly header: Uint8Array;
}

/** @throws ConcordatError MASTER_KEY_INVALID when the key has not 32 bytes */
export function createSealer(
  masterKey: Uint8Array,
  dependencies: { readonly random: Pick<RandomSource, "bytes"> },
): KeyRing {
  return createKeyRing([masterKey], dependencies);
}

/**
 * @param masterKeys the present one first, then earlier ones that may have sealed what is still kept
 * @throws ConcordatError MASTER_KEY_INVALID when a key has not 32 bytes
 */
export function createKeyRing(
  masterKeys: readonly [Uint8Array, ...Uint8Array[]],
  dependencies: { readonly random: Pick<RandomSource, "bytes"> },
): KeyRing {
  const [first, ...earlier] = masterKeys;
  let current = toDataKey(first);
  let others = earlier.map(toDataKey);

  return {
    seal(purpose, secret) {
      const nonce = dependencies.random.bytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", current.key, nonce).setAAD(associatedData(current, purpose));
      const ciphertext = concatBytes(cipher.update(secret), cipher.final());
      return concatBytes(current.header, nonce, ciphertext, cipher.getAuthTag());
    },
    open(purpose, envelope) {
      const dataKey = keyOf(envelope, [current, ...others]);
      const nonce = envelope.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", dataKey.key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(associatedData(dataKey, purpose))
        .setAuthTag(envelope.subarray(-TAG_BYTES));
      try {
        const ciphertext = envelope.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES);
        return concatBytes(decipher.update(ciphertext), decipher.final());
      } catch (cause) {
        throw damaged(cause);
      }
    },
    get keyCount() {
      return 1 + others.length;
    },
    isCurrent: (envelope) => isSealedWith(current, envelope),
    use(masterKey) {
      const next = toDataKey(masterKey);
      if (equalBytes(next.key, current.key)) return;
      others = [current, ...others.filter((other) => !equalBytes(other.key, next.key))];
      current = next;
    },
    forgetEarlier() {
      others = [];
    },
  };
}

function toDataKey(masterKey: Uint8Array): DataKey {
  if (masterKey.length !== 32) throw identityFault("MASTER_KEY_INVALID", "The master key must have 32 bytes.");
  const keyCheck = derive(masterKey, "concordat sealing key check 1", KEY_CHECK_BYTES);
  return {
    key: derive(masterKey, "concordat sealing key 1", 32),
    header: concatBytes(Uint8Array.of(VERSION), keyCheck),
  };
}

function associatedData({ header }: DataKey, purpose: string): Uint8Array {
  return concatBytes(header, utf8ToBytes(purpose));
}

function isSealedWith({ header }: DataKey, envelope: Uint8Array): boolean {
  return equalBytes(envelope.subarray(0, HEADER_BYTES), header);
}

/** The key that sealed an envelope. */
function keyOf(envelope: Uint8Array, known: readonly DataKey[]): DataKey {
  if (envelope.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES) throw damaged();
  if (envelope[0] !== VERSION) {
    throw identityFault("SEALED_VERSION_UNKNOWN", "A sealed value has a version that this program does not know.", {
      remedy: "Use the release that wrote the data folder, or a later one.",
    });
  }
  const found = known.find((dataKey) => isSealedWith(dataKey, envelope));
  if (found !== undefined) return found;
  throw identityFault("SEALED_WITH_OTHER_KEY", "A sealed value was sealed with another master key.", {
    remedy: "Start with the master key that the data folder was made with.",
  });
}

function damaged(cause?: unknown) {
  return identityFault("SEALED_VALUE_DAMAGED", "A sealed value is damaged or belongs to another place.", { cause });
}

function derive(masterKey: Uint8Array, info: string, bytes: number): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", masterKey, new Uint8Array(0), info, bytes));
}
