import { concatBytes, utf8ToBytes } from "@concordat/base";

/**
 * DER (X.690) as far as X.509 needs it. Lengths are definite and minimal, so equal values give equal bytes.
 */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export function derElement(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...content);
  return concatBytes(Uint8Array.of(tag), derLength(body.length), body);
}

export function derSequence(...items: readonly Uint8Array[]): Uint8Array {
  return derElement(TAG.sequence, ...items);
}

export function derSet(...items: readonly Uint8Array[]): Uint8Array {
  return derElement(TAG.set, ...items);
}

/** A non-negative integer from its big-endian bytes, of any length. */
export function derInteger(magnitude: Uint8Array): Uint8Array {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const digits = magnitude.length === 0 ? Uint8Array.of(0) : magnitude.subarray(start);
  const needsZero = (digits[0] ?? 0) >= 0x80;
  return derElement(TAG.integer, needsZero ? concatBytes(Uint8Array.of(0), digits) : digits);
}

export function derTrue(): Uint8Array {
  return derElement(TAG.boolean, Uint8Array.of(0xff));
}

export function derOctetString(bytes: Uint8Array): Uint8Array {
  return derElement(TAG.octetString, bytes);
}

export function derBitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  return derElement(TAG.bitString, Uint8Array.of(unusedBits), bytes);
}

export function derUtf8String(text: string): Uint8Array {
  return derElement(TAG.utf8String, utf8ToBytes(text));
}

/** `dotted` is an object identifier in dotted decimal form with at least two arcs. */
export function derObjectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const body = [first * 40 + second, ...rest].flatMap(base128);
  return derElement(TAG.objectIdentifier, Uint8Array.from(body));
}

/** RFC 5280 section 4.1.2.5: UTCTime until 2049, GeneralizedTime from 2050; whole seconds. */
export function derTime(epochMs: number): Uint8Array {
  const digits = new Date(epochMs)
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:T]/g, "");
  return Number(digits.slice(0, 4)) < 2050
    ? derElement(TAG.utcTime, utf8ToBytes(digits.slice(2)))
    : derElement(TAG.generalizedTime, utf8ToBytes(digits));
}

function derLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.of(0x80 | bytes.length, ...bytes);
}

function base128(arc: number): number[] {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}
