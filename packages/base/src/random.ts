import { randomBytes } from "node:crypto";

/** Source of unpredictable bytes; injected wherever ids, nonces or keys are made. */
export interface RandomSource {
  bytes(length: number): Uint8Array;
}

export const systemRandom: RandomSource = { bytes: (length) => randomBytes(length) };

/** `length` characters drawn evenly from `alphabet` (at most 256 characters; biased draws are rejected). */
export function randomText(random: RandomSource, alphabet: string, length: number): string {
  const limit = 256 - (256 % alphabet.length);
  let text = "";
  while (text.length < length) {
    for (const byte of random.bytes(length - text.length + 8)) {
      if (byte < limit && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}

export const DIGITS = "0123456789";
export const UPPER_HEX = "0123456789ABCDEF";
export const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
