import { bytesToHex, concatBytes, equalBytes, hexToBytes } from "@concordat/base";
import { DerFields } from "./der/fields.ts";
import { readDer, TAG } from "./der/read.ts";
import { readDerBits, readDerInteger } from "./der/scalars.ts";
import { identityFault } from "./errors.ts";
import {
  generatePrivateKey,
  type KeyAlgorithm,
  type PrivateKey,
  type PublicKey,
  privateKeyFromDer,
  privateKeyToDer,
  publicKeyFromDer,
  publicKeyToDer,
  signMessage,
  verifySignature,
} from "./keys.ts";
import {
  generateSm2PrivateKey,
  isSm2PrivateKeyDer,
  isSm2PublicKeyDer,
  type Sm2PrivateKey,
  type Sm2PublicKey,
  signSm2,
  sm2PrivateKeyFromDer,
  sm2PrivateKeyToDer,
  sm2PublicKeyFromDer,
  sm2PublicKeyToDer,
  verifySm2,
} from "./sm2.ts";

/** The kinds of key that a certificate can be issued for and signed with. */
export type CertifiedAlgorithm = KeyAlgorithm | "SM2";
/** A key that a certificate is issued for. */
export type CertifiedKey = PublicKey | Sm2PublicKey;
/** A key that certificates, requests and revocation lists are signed with. */
export type SigningKey = PrivateKey | Sm2PrivateKey;

/** ecdsa-with-SHA256, Ed25519 and SM2-with-SM3. @source RFC 5758, RFC 8410, GM/T 0006 */
export const SIGNATURE_ALGORITHMS: Readonly<Record<CertifiedAlgorithm, string>> = {
  "P-256": "1.2.840.10045.4.3.2",
  Ed25519: "1.3.101.112",
  SM2: "1.2.156.10197.1.501",
};

export async function generateSigningKey(algorithm: CertifiedAlgorithm): Promise<SigningKey> {
  return algorithm === "SM2" ? generateSm2PrivateKey() : await generatePrivateKey(algorithm);
}

/** @throws ConcordatError KEY_INVALID when the bytes are no PKCS#8 key of P-256, Ed25519 or SM2 */
export function signingKeyFromDer(der: Uint8Array): SigningKey {
  return isSm2PrivateKeyDer(der) ? sm2PrivateKeyFromDer(der) : privateKeyFromDer(der);
}

/** PKCS#8. */
export function signingKeyToDer(key: SigningKey): Uint8Array {
  return key.algorithm === "SM2" ? sm2PrivateKeyToDer(key) : privateKeyToDer(key);
}

/**
 * @throws ConcordatError KEY_INVALID when the bytes are no SubjectPublicKeyInfo of P-256, Ed25519 or SM2, or hold a compressed point,
 * which Fabric does not read
 */
export function certifiedKeyFromDer(der: Uint8Array): CertifiedKey {
  if (isSm2PublicKeyDer(der)) return sm2PublicKeyFromDer(der);
  const key = publicKeyFromDer(der);
  if (!equalBytes(publicKeyToDer(key), der)) {
    throw identityFault("KEY_INVALID", "The public key has not the one form that DER gives it.");
  }
  if (key.algorithm === "P-256" && publicKeyBits(key).length !== 65) {
    throw identityFault("KEY_INVALID", "The point of a P-256 key must not be compressed.");
  }
  return key;
}

/** What SubjectPublicKeyInfo carries beside the algorithm: a point `04 || x || y`, or 32 bytes of Ed25519. */
export function publicKeyBits(key: CertifiedKey): Uint8Array {
  const fields = new DerFields(readDer(certifiedKeyToDer(key)));
  fields.take(TAG.sequence);
  return readDerBits(fields.take(TAG.bitString));
}

/** SubjectPublicKeyInfo. */
export function certifiedKeyToDer(key: CertifiedKey): Uint8Array {
  return key.algorithm === "SM2" ? sm2PublicKeyToDer(key) : publicKeyToDer(key);
}

/** In the form that X.509 carries: P-256 and SM2 as a DER SEQUENCE { r, s }, Ed25519 as 64 bytes. */
export function signForX509(key: SigningKey, message: Uint8Array): Uint8Array {
  return key.algorithm === "SM2" ? sm2SignatureToDer(signSm2(key, message)) : signMessage(key, message);
}

/** Whether a signature of this algorithm, named by its object identifier, holds under the key. */
export function verifyForX509(
  key: CertifiedKey,
  algorithm: string,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (SIGNATURE_ALGORITHMS[key.algorithm] !== algorithm) return false;
  if (key.algorithm !== "SM2") return verifySignature(key, message, signature);
  const plain = sm2SignatureFromDer(signature);
  return plain !== undefined && verifySm2(key.raw, message, plain);
}

/** `r || s` as SEQUENCE { INTEGER, INTEGER }. @source GM/T 0009 */
export function sm2SignatureToDer(signature: Uint8Array): Uint8Array {
  const body = concatBytes(toInteger(signature.subarray(0, 32)), toInteger(signature.subarray(32)));
  return concatBytes(Uint8Array.of(TAG.sequence, body.length), body);
}

/** Undefined when the bytes have another form: a bad signature is an answer, not an error. */
export function sm2SignatureFromDer(der: Uint8Array): Uint8Array | undefined {
  try {
    const fields = new DerFields(readDer(der));
    const numbers = [fields.take(TAG.integer), fields.take(TAG.integer)].map(readDerInteger);
    fields.end();
    if (numbers.some((number) => number < 0n || number >> 256n !== 0n)) return undefined;
    return hexToBytes(numbers.map((number) => number.toString(16).padStart(64, "0")).join(""));
  } catch {
    return undefined;
  }
}

function toInteger(bytes: Uint8Array): Uint8Array {
  const digits = BigInt(`0x${bytesToHex(bytes)}`).toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const content = hexToBytes(/^[89a-f]/.test(even) ? `00${even}` : even);
  return concatBytes(Uint8Array.of(TAG.integer, content.length), content);
}

/** Whether both say the same key. */
export function isSameKey(a: CertifiedKey, b: CertifiedKey): boolean {
  return equalBytes(certifiedKeyToDer(a), certifiedKeyToDer(b));
}
