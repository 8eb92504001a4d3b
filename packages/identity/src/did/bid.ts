import { createHash } from "node:crypto";
import { bytesToHex, concatBytes, hexToBytes } from "@concordat/base";
import { identityFault } from "../errors.ts";
import { ed25519PublicKeyToRaw, type PrivateKey, privateKeyFromDer, privateKeyToDer } from "../keys.ts";
import { decodeBase58, encodeBase58 } from "./base58.ts";

/** The algorithms of BID keys that are supported here. Raw public keys: Ed25519 32 bytes, SM2 the uncompressed point, 65 bytes. */
export type BidAlgorithm = "Ed25519" | "SM2";

interface BidForm {
  /** Stands in the address. */
  readonly letter: string;
  readonly hash: string;
  readonly publicKeyBytes: number;
}

const forms: Readonly<Record<BidAlgorithm, BidForm>> = {
  Ed25519: { letter: "e", hash: "sha256", publicKeyBytes: 32 },
  SM2: { letter: "z", hash: "sm3", publicKeyBytes: 65 },
};

/** The only encoding used for addresses and keys: base58. */
const ENCODING_LETTER = "f";
const ADDRESS_HASH_BYTES = 22;
const PUBLIC_KEY_MARK = 0xb0;
const PRIVATE_KEY_MARK = Uint8Array.of(0x18, 0x9e, 0x99);
const PRIVATE_KEY_BYTES = 32;
const ED25519_PKCS8_PREFIX = hexToBytes("302e020100300506032b657004220420");

/**
 * The address of a public key. `chainCode` (a sub-chain's AC number) is only text in between: the rest does not depend on it.
 * @source BIF-Core SDK, address derivation
 * @throws ConcordatError KEY_INVALID when the raw key has another length
 */
export function bidOfPublicKey(algorithm: BidAlgorithm, raw: Uint8Array, chainCode?: string): string {
  const form = forms[algorithm];
  requireLength(raw, form.publicKeyBytes);
  const digest = new Uint8Array(createHash(form.hash).update(raw).digest());
  const suffix = encodeBase58(digest.subarray(-ADDRESS_HASH_BYTES));
  const chain = chainCode === undefined ? "" : `${chainCode}:`;
  return `did:bid:${chain}${form.letter}${ENCODING_LETTER}${suffix}`;
}

/** Whether the text has the form of an address with a base58 suffix: of the main chain or of a sub-chain. */
export function isBid(text: string): boolean {
  const suffix = /^did:bid:(?:[a-z0-9]{1,4}:)?[ezs]f([1-9A-HJ-NP-Za-km-z]{22,34})$/.exec(text)?.[1];
  return suffix !== undefined && decodeBase58(suffix).length === ADDRESS_HASH_BYTES;
}

/** Hex of mark, algorithm, encoding and raw key: 70 characters for Ed25519, 136 for SM2. */
export function bidPublicKeyText(algorithm: BidAlgorithm, raw: Uint8Array): string {
  const form = forms[algorithm];
  requireLength(raw, form.publicKeyBytes);
  return bytesToHex(concatBytes(Uint8Array.of(PUBLIC_KEY_MARK), letters(form), raw));
}

/** @throws ConcordatError KEY_INVALID */
export function bidPublicKeyFromText(text: string): { readonly algorithm: BidAlgorithm; readonly raw: Uint8Array } {
  if (!/^(?:[0-9a-fA-F]{2}){3,256}$/.test(text)) throw malformed("public");
  const bytes = hexToBytes(text);
  const algorithm = algorithmOf(bytes[1]);
  const isKey = bytes[0] === PUBLIC_KEY_MARK && bytes[2] === ENCODING_LETTER.charCodeAt(0);
  if (algorithm === undefined || !isKey) throw malformed("public");
  const raw = bytes.slice(3);
  requireLength(raw, forms[algorithm].publicKeyBytes);
  return { algorithm, raw };
}

/** Base58 of mark, algorithm, encoding and the 32 raw bytes: starts with `priSPK` (Ed25519) or `priSrr` (SM2). A secret. */
export function bidPrivateKeyText(algorithm: BidAlgorithm, raw: Uint8Array): string {
  requireLength(raw, PRIVATE_KEY_BYTES);
  return encodeBase58(concatBytes(PRIVATE_KEY_MARK, letters(forms[algorithm]), raw));
}

/** @throws ConcordatError KEY_INVALID */
export function bidPrivateKeyFromText(text: string): { readonly algorithm: BidAlgorithm; readonly raw: Uint8Array } {
  const bytes = decodeBase58(text);
  const algorithm = algorithmOf(bytes[PRIVATE_KEY_MARK.length]);
  const isMarked = PRIVATE_KEY_MARK.every((byte, index) => bytes[index] === byte);
  const isKey = isMarked && bytes[PRIVATE_KEY_MARK.length + 1] === ENCODING_LETTER.charCodeAt(0);
  if (algorithm === undefined || !isKey) throw malformed("private");
  const raw = bytes.slice(PRIVATE_KEY_MARK.length + 2);
  requireLength(raw, PRIVATE_KEY_BYTES);
  return { algorithm, raw };
}

/** An Ed25519 key from its 32 raw private bytes. */
export function ed25519PrivateKeyFromRaw(raw: Uint8Array): PrivateKey {
  requireLength(raw, PRIVATE_KEY_BYTES);
  return privateKeyFromDer(concatBytes(ED25519_PKCS8_PREFIX, raw));
}

/** An Ed25519 key in all the forms that BIF shows. `privateKey` is a secret. */
export function bidIdentityOf(key: PrivateKey): {
  readonly bid: string;
  readonly publicKey: string;
  readonly privateKey: string;
} {
  const raw = ed25519PublicKeyToRaw(key.publicKey);
  const secret = privateKeyToDer(key).slice(ED25519_PKCS8_PREFIX.length);
  return {
    bid: bidOfPublicKey("Ed25519", raw),
    publicKey: bidPublicKeyText("Ed25519", raw),
    privateKey: bidPrivateKeyText("Ed25519", secret),
  };
}

function letters(form: BidForm): Uint8Array {
  return Uint8Array.of(form.letter.charCodeAt(0), ENCODING_LETTER.charCodeAt(0));
}

function algorithmOf(letter: number | undefined): BidAlgorithm | undefined {
  if (letter === forms.Ed25519.letter.charCodeAt(0)) return "Ed25519";
  return letter === forms.SM2.letter.charCodeAt(0) ? "SM2" : undefined;
}

function requireLength(raw: Uint8Array, bytes: number): void {
  if (raw.length !== bytes) throw identityFault("KEY_INVALID", `A raw key of this kind has ${bytes} bytes.`);
}

function malformed(half: "public" | "private") {
  return identityFault("KEY_INVALID", `The text is no ${half} key of BIF's form.`);
}
