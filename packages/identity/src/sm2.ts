import { createRequire } from "node:module";
import { bytesToHex, concatBytes, equalBytes, hexToBytes } from "@concordat/base";
import { identityFault } from "./errors.ts";

/*
 * SM2 signatures (GB/T 32918.2) with SM3 over the identity of the default user, 1234567812345678, and the message. Nothing here goes
 * by way of node:crypto: depending on how a key came into being, Node signs plain ECDSA with it, or SM2 with an empty user.
 */

/** The library is loaded at the first use of an SM2 key, which takes some 40 ms that international installations do not spend. */
type Sm2Library = typeof import("sm-crypto-v2").sm2;
let library: Sm2Library | undefined;

/** Of the curve sm2p256v1, uncompressed: 65 bytes `04 || x || y`. */
export interface Sm2PublicKey {
  readonly algorithm: "SM2";
  readonly raw: Uint8Array;
}

export interface Sm2PrivateKey {
  readonly algorithm: "SM2";
  /** The secret number, 32 bytes in hex. */
  readonly scalarHex: string;
  readonly publicKey: Sm2PublicKey;
}

export const SM2_PUBLIC_KEY_BYTES = 65;
const SIGNATURE_BYTES = 64;
const SCALAR_BYTES = 32;
/** The order of the curve's group. @source GB/T 32918.5, recommended parameters */
const ORDER = BigInt("0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");
/** DER up to the key: SEQUENCE { AlgorithmIdentifier { id-ecPublicKey, sm2p256v1 }, BIT STRING }. @source RFC 5480, GM/T 0006 */
const SPKI_PREFIX = hexToBytes("3059301306072a8648ce3d020106082a811ccf5501822d034200");
/** DER around the two halves of a key: PKCS#8 with an RFC 5915 ECPrivateKey without parameters. */
const PKCS8_PREFIX = hexToBytes("308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420");
const PKCS8_MIDDLE = hexToBytes("a144034200");

/** Fresh key from the platform's own random source. */
export function generateSm2PrivateKey(): Sm2PrivateKey {
  return sm2PrivateKeyOf(sm2().generateKeyPairHex().privateKey);
}

/** PKCS#8, as OpenSSL writes it. */
export function sm2PrivateKeyToDer({ scalarHex, publicKey }: Sm2PrivateKey): Uint8Array {
  return concatBytes(PKCS8_PREFIX, hexToBytes(scalarHex), PKCS8_MIDDLE, publicKey.raw);
}

/** Whether a PKCS#8 key is one of SM2; says nothing of the key itself. */
export function isSm2PrivateKeyDer(der: Uint8Array): boolean {
  return equalBytes(der.subarray(0, PKCS8_PREFIX.length), PKCS8_PREFIX);
}

/** @throws ConcordatError KEY_INVALID when the bytes are no PKCS#8 key of SM2, or their two halves do not belong together */
export function sm2PrivateKeyFromDer(der: Uint8Array): Sm2PrivateKey {
  const scalarEnd = PKCS8_PREFIX.length + SCALAR_BYTES;
  const publicStart = scalarEnd + PKCS8_MIDDLE.length;
  const key = isSm2PrivateKeyDer(der)
    ? sm2PrivateKeyOf(bytesToHex(der.subarray(PKCS8_PREFIX.length, scalarEnd)))
    : undefined;
  const framed =
    equalBytes(der.subarray(scalarEnd, publicStart), PKCS8_MIDDLE) &&
    key !== undefined &&
    equalBytes(der.subarray(publicStart), key.publicKey.raw);
  if (key === undefined || !framed) {
    throw identityFault("KEY_INVALID", "The bytes are not a PKCS#8 private key of SM2.");
  }
  return key;
}

/** SubjectPublicKeyInfo. */
export function sm2PublicKeyToDer({ raw }: Sm2PublicKey): Uint8Array {
  return concatBytes(SPKI_PREFIX, raw);
}

/** Whether a SubjectPublicKeyInfo is one of SM2; says nothing of the key itself. */
export function isSm2PublicKeyDer(der: Uint8Array): boolean {
  return equalBytes(der.subarray(0, SPKI_PREFIX.length), SPKI_PREFIX);
}

/** @throws ConcordatError KEY_INVALID when the bytes are no SubjectPublicKeyInfo with an uncompressed point of the curve */
export function sm2PublicKeyFromDer(der: Uint8Array): Sm2PublicKey {
  const raw = Uint8Array.from(der.subarray(SPKI_PREFIX.length));
  if (!isSm2PublicKeyDer(der) || raw.length !== SM2_PUBLIC_KEY_BYTES || raw[0] !== 0x04 || !isOnCurve(raw)) {
    throw identityFault("KEY_INVALID", "The bytes are not a public key of SM2.");
  }
  return { algorithm: "SM2", raw };
}

function isOnCurve(raw: Uint8Array): boolean {
  try {
    return sm2().verifyPublicKey(bytesToHex(raw));
  } catch {
    return false;
  }
}

/** 64 bytes `r || s`. Randomized: no two signatures are the same. */
export function signSm2(key: Sm2PrivateKey, message: Uint8Array): Uint8Array {
  const publicKey = bytesToHex(key.publicKey.raw);
  return hexToBytes(sm2().doSignature(message, key.scalarHex, { hash: true, publicKey }));
}

/** False for a signature or key of another form too: a bad signature is an answer, not an error. */
export function verifySm2(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== SM2_PUBLIC_KEY_BYTES || publicKey[0] !== 0x04 || signature.length !== SIGNATURE_BYTES) {
    return false;
  }
  // The library leaves it to its caller that both numbers lie between 1 and the order.
  if (!inRange(signature.subarray(0, SCALAR_BYTES)) || !inRange(signature.subarray(SCALAR_BYTES))) return false;
  try {
    return sm2().doVerifySignature(message, bytesToHex(signature), bytesToHex(publicKey), { hash: true });
  } catch {
    return false; // The key is no point of the curve.
  }
}

function sm2PrivateKeyOf(scalarHex: string): Sm2PrivateKey {
  const scalar = BigInt(`0x${scalarHex}`);
  // n - 1 is excluded too: 1 + d must have an inverse.
  if (scalar < 1n || scalar >= ORDER - 1n) {
    throw identityFault("KEY_INVALID", "The secret number of the SM2 key is out of range.");
  }
  const raw = hexToBytes(sm2().getPublicKeyFromPrivateKey(scalarHex));
  return { algorithm: "SM2", scalarHex, publicKey: { algorithm: "SM2", raw } };
}

function inRange(bytes: Uint8Array): boolean {
  const value = BigInt(`0x${bytesToHex(bytes)}`);
  return value > 0n && value < ORDER;
}

function sm2(): Sm2Library {
  if (library === undefined) {
    const loaded: typeof import("sm-crypto-v2") = createRequire(import.meta.url)("sm-crypto-v2");
    library = loaded.sm2;
  }
  return library;
}
