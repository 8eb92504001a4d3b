import { sm2, sm3 } from "sm-crypto-v2";
import { bytesToHex, hexToBytes } from "./bytes.ts";

/** The order of the curve's group. @source GB/T 32918.5, recommended parameters */
const ORDER = BigInt("0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");
const POINTS_MAX = 64;
type Point = ReturnType<typeof sm2.precomputePublicKey>;
const points = new Map<string, Point>();

/**
 * SM2 (GB/T 32918.2) with SM3, for the default user 1234567812345678. The key is 65 bytes `04 || x || y`, the signature 64 bytes
 * `r || s`. False, not an exception, for a key or signature of the wrong form.
 */
export function verifySm2(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 65 || publicKey[0] !== 0x04 || signature.length !== 64) return false;
  // The library leaves it to its caller that both numbers lie between 1 and the order.
  if (!inRange(signature.subarray(0, 32)) || !inRange(signature.subarray(32))) return false;
  try {
    return sm2.doVerifySignature(message, bytesToHex(signature), pointOf(bytesToHex(publicKey)), { hash: true });
  } catch {
    return false; // The key is no point of the curve.
  }
}

/** SM3 (GB/T 32905). */
export function sm3Digest(bytes: Uint8Array): Uint8Array {
  return hexToBytes(sm3(bytes)) ?? new Uint8Array(0);
}

/** A point with its table of multiples, which makes each further check of its key several times as fast. */
function pointOf(publicKeyHex: string): Point {
  const known = points.get(publicKeyHex);
  if (known !== undefined) return known;
  const point = sm2.precomputePublicKey(publicKeyHex);
  if (points.size >= POINTS_MAX) points.clear();
  points.set(publicKeyHex, point);
  return point;
}

function inRange(bytes: Uint8Array): boolean {
  const value = BigInt(`0x${bytesToHex(bytes)}`);
  return value > 0n && value < ORDER;
}
