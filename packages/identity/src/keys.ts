import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair as generateNodeKeyPair,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
} from "node:crypto";
import { promisify } from "node:util";
import { bytesToHex, concatBytes, hexToBytes } from "@concordat/base";
import { BoundedCache } from "./bounded-cache.ts";
import { identityFault } from "./errors.ts";

export type KeyAlgorithm = "P-256" | "Ed25519";

/** A private key with its public half, ready for use. KeyObjects are made once: importing a key costs more than a signature. */
export interface PrivateKey {
  readonly algorithm: KeyAlgorithm;
  readonly keyObject: KeyObject;
  readonly publicKey: PublicKey;
}

export interface PublicKey {
  readonly algorithm: KeyAlgorithm;
  readonly keyObject: KeyObject;
}

const generateNode = promisify(generateNodeKeyPair);
const ED25519_SPKI_PREFIX = hexToBytes("302a300506032b6570032100");
const P256_ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const P256_HALF_ORDER = BigInt("0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8");
const ed25519Keys = new BoundedCache<PublicKey>(4_096);

/** Fresh key from OpenSSL's own random source, made off the main thread. */
export async function generatePrivateKey(algorithm: KeyAlgorithm): Promise<PrivateKey> {
  const pair =
    algorithm === "P-256"
      ? await generateNode("ec", { namedCurve: "prime256v1" })
      : await generateNode("ed25519", undefined);
  return { algorithm, keyObject: pair.privateKey, publicKey: { algorithm, keyObject: pair.publicKey } };
}

/** @throws ConcordatError KEY_INVALID when the bytes are no PKCS#8 key of P-256 or Ed25519 */
export function privateKeyFromDer(der: Uint8Array): PrivateKey {
  try {
    const keyObject = createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
    const algorithm = algorithmOf(keyObject);
    return { algorithm, keyObject, publicKey: { algorithm, keyObject: createPublicKey(keyObject) } };
  } catch (cause) {
    throw identityFault("KEY_INVALID", "The bytes are not a PKCS#8 private key of P-256 or Ed25519.", { cause });
  }
}

/** PKCS#8. */
export function privateKeyToDer(key: PrivateKey): Uint8Array {
  return new Uint8Array(key.keyObject.export({ format: "der", type: "pkcs8" }));
}

/** PKCS#8. */
export function privateKeyToPem(key: PrivateKey): string {
  return key.keyObject.export({ format: "pem", type: "pkcs8" }).toString();
}

/** SubjectPublicKeyInfo. */
export function publicKeyToDer(key: PublicKey): Uint8Array {
  return new Uint8Array(key.keyObject.export({ format: "der", type: "spki" }));
}

/** @throws ConcordatError KEY_INVALID when the bytes are no SubjectPublicKeyInfo of P-256 or Ed25519 */
export function publicKeyFromDer(der: Uint8Array): PublicKey {
  try {
    const keyObject = createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
    return { algorithm: algorithmOf(keyObject), keyObject };
  } catch (cause) {
    throw identityFault("KEY_INVALID", "The bytes are not a public key of P-256 or Ed25519.", { cause });
  }
}

/**
 * Cached: checkpoint keys are verified against again and again.
 * @throws ConcordatError KEY_INVALID when `raw` is not 32 bytes
 */
export function ed25519PublicKeyFromRaw(raw: Uint8Array): PublicKey {
  if (raw.length !== 32) throw identityFault("KEY_INVALID", "A raw Ed25519 public key has 32 bytes.");
  return ed25519Keys.get(bytesToHex(raw), () => publicKeyFromDer(concatBytes(ED25519_SPKI_PREFIX, raw)));
}

/** 32 bytes (RFC 8032). @throws ConcordatError KEY_INVALID for another kind of key */
export function ed25519PublicKeyToRaw(key: PublicKey): Uint8Array {
  if (key.algorithm !== "Ed25519") throw identityFault("KEY_INVALID", "Only Ed25519 keys have this raw form.");
  return publicKeyToDer(key).slice(ED25519_SPKI_PREFIX.length);
}

/**
 * Ed25519: 64 bytes over the message itself. P-256: ECDSA over its SHA-256, DER with low S, the form that Fabric accepts.
 */
export function signMessage(key: PrivateKey, message: Uint8Array): Uint8Array {
  if (key.algorithm === "Ed25519") return new Uint8Array(nodeSign(null, message, key.keyObject));
  const pair = nodeSign("sha256", message, { key: key.keyObject, dsaEncoding: "ieee-p1363" });
  return signatureToDer(pair.subarray(0, 32), toLowS(pair.subarray(32)));
}

/** False for a signature of another form or length too: a bad signature is an answer, not an error. */
export function verifySignature(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  return nodeVerify(key.algorithm === "Ed25519" ? null : "sha256", message, key.keyObject, signature);
}

/** (r, s) and (r, n - s) are both valid; Fabric takes only the smaller s, so that a signature has one form. */
function toLowS(s: Uint8Array): Uint8Array {
  const value = BigInt(`0x${bytesToHex(s)}`);
  if (value <= P256_HALF_ORDER) return s;
  return hexToBytes((P256_ORDER - value).toString(16).padStart(64, "0"));
}

/** SEQUENCE of two INTEGERs, of 32 bytes each at most, so that every length fits one byte. */
function signatureToDer(r: Uint8Array, s: Uint8Array): Uint8Array {
  const content = concatBytes(positiveInteger(r), positiveInteger(s));
  return concatBytes(Uint8Array.of(0x30, content.length), content);
}

function positiveInteger(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(start < 0 ? bytes.length - 1 : start);
  const sign = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return concatBytes(Uint8Array.of(0x02, sign.length + digits.length, ...sign), digits);
}

function algorithmOf(key: KeyObject): KeyAlgorithm {
  if (key.asymmetricKeyType === "ed25519") return "Ed25519";
  if (key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1") return "P-256";
  throw identityFault("KEY_INVALID", "Only keys of P-256 and Ed25519 are supported.");
}
