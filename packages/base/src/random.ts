import { randomBytes } from "node:crypto";

/** Source of unpredictable bytes; injected wherever ids, nonces or keys are made. */
export interface RandomSource {
  bytes(length: number): Uint8Array;
}

const POOL_BYTES = 8_192;
const POOLED_BYTES_MAX = 64;
let pool = new Uint8Array(0);
let poolOffset = 0;

/** The operating system's generator. Small requests are cut from a pool, because each call into it costs microseconds. */
export const systemRandom: RandomSource = {
  bytes(length) {
    if (length > POOLED_BYTES_MAX) return randomBytes(length);
    if (poolOffset + length > pool.length) {
      pool = new Uint8Array(randomBytes(POOL_BYTES));
      poolOffset = 0;
    }
    const bytes = pool.slice(poolOffset, poolOffset + length);
    pool.fill(0, poolOffset, poolOffset + length);
    poolOffset += length;
    return bytes;
  },
};

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
