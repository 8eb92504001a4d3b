import { hexToBytes } from "@concordat/base";

/** The curves' orders, halved and rounded down. @source FIPS 186-4, appendix D.1.2 */
const HALF_ORDERS = {
  "P-256": hexToBytes("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8"),
  "P-384": hexToBytes(
    "7fffffffffffffffffffffffffffffffffffffffffffffffe3b1a6c0fa1b96efac0d06d9245853bd76760cb5666294b9",
  ),
} as const;
const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * Whether these bytes are an ECDSA signature in DER whose s lies in the lower half, the one of two valid forms that Fabric takes. No integer
 * has needless bytes, and nothing follows.
 */
export function isLowS(signature: Uint8Array, curve: "P-256" | "P-384"): boolean {
  const half = HALF_ORDERS[curve];
  // Both numbers are at most 49 bytes long, so every length takes one byte.
  if (signature[0] !== SEQUENCE || signature[1] !== signature.length - 2 || signature.length > 127) return false;
  const afterR = integerEnd(signature, 2, half.length);
  if (afterR === undefined || integerEnd(signature, afterR, half.length) !== signature.length) return false;
  return isAtMost(signature.subarray(afterR + 2), half);
}

/** Where the positive INTEGER at this offset ends; undefined when there is none. */
function integerEnd(bytes: Uint8Array, at: number, bytesMax: number): number | undefined {
  const length = bytes[at + 1] ?? 0;
  const [first = 0, second = 0] = [bytes[at + 2], bytes[at + 3]];
  if (bytes[at] !== INTEGER || length === 0 || length > bytesMax + 1 || first >= 0x80) return undefined;
  if (first === 0 && (length === 1 || second < 0x80)) return undefined;
  return at + 2 + length;
}

function isAtMost(number: Uint8Array, limit: Uint8Array): boolean {
  const digits = number[0] === 0 ? number.subarray(1) : number;
  if (digits.length !== limit.length) return digits.length < limit.length;
  for (const [index, digit] of digits.entries()) {
    const other = limit[index] ?? 0;
    if (digit !== other) return digit < other;
  }
  return true;
}
