import { identityFault } from "../errors.ts";

/**
 * Base58 over the alphabet of BIF's addresses and keys: Bitcoin's with `B` and `b`, `U` and `u` exchanged. Leading zero bytes become
 * leading `1`s.
 */
const ALPHABET = "123456789AbCDEFGHJKLMNPQRSTuVWXYZaBcdefghijkmnopqrstUvwxyz";
const BASE = 58;
/** The longest text that is read; decoding costs the square of the length. */
const TEXT_LENGTH_MAX = 256;

const digitOf = new Map([...ALPHABET].map((character, digit) => [character, digit]));

export function encodeBase58(bytes: Uint8Array): string {
  const digits: number[] = [];
  for (const byte of bytes) carryInto(digits, 256, byte, BASE);
  const zeros = leading(bytes, 0);
  return (
    ALPHABET.charAt(0).repeat(zeros) +
    digits
      .toReversed()
      .map((digit) => ALPHABET.charAt(digit))
      .join("")
  );
}

/** @throws ConcordatError KEY_INVALID when the text has other characters or more than 256 */
export function decodeBase58(text: string): Uint8Array {
  if (text.length > TEXT_LENGTH_MAX) throw identityFault("KEY_INVALID", "A base58 text is too long.");
  const values = [...text].map((character) => {
    const digit = digitOf.get(character);
    if (digit === undefined) throw identityFault("KEY_INVALID", "A base58 text has a character of another alphabet.");
    return digit;
  });
  const bytes: number[] = [];
  for (const value of values) carryInto(bytes, BASE, value, 256);
  return Uint8Array.from([...new Array<number>(leading(values, 0)).fill(0), ...bytes.toReversed()]);
}

/** Multiplies the number, lowest digit first, and adds to it. */
function carryInto(digits: number[], factor: number, added: number, base: number): void {
  let carry = added;
  for (let index = 0; index < digits.length; index += 1) {
    carry += (digits[index] ?? 0) * factor;
    digits[index] = carry % base;
    carry = Math.floor(carry / base);
  }
  while (carry > 0) {
    digits.push(carry % base);
    carry = Math.floor(carry / base);
  }
}

function leading(values: Iterable<number>, wanted: number): number {
  let count = 0;
  for (const value of values) {
    if (value !== wanted) break;
    count += 1;
  }
  return count;
}
