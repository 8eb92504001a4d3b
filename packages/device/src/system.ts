import { randomBytes } from "node:crypto";

/** Source of unpredictable bytes. */
export interface RandomSource {
  bytes(length: number): Uint8Array;
}

export const systemRandom: RandomSource = { bytes: (length) => randomBytes(length) };

/** Milliseconds since 1970, by the device's clock. */
export function systemNowMs(): number {
  return Date.now();
}
