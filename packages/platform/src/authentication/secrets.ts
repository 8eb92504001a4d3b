import { createHash, hash, timingSafeEqual } from "node:crypto";

/** How generated secrets of 128 bits and more are kept that need never be read back. */
export function secretHashOf(secret: string): string {
  return hash("sha256", secret, "hex");
}

/** In a time that tells nothing of either, not even a length. */
export function isSecretOf(secretHash: string, secret: string): boolean {
  const digest = createHash("sha256").update(secret, "utf8").digest();
  const expected = Buffer.from(secretHash, "hex");
  return expected.length === digest.length && timingSafeEqual(expected, digest);
}

/** No secret that anybody can show has this hash. */
export const UNMATCHED_SECRET_HASH = "0".repeat(64);

export function areEqualSecrets(a: string, b: string): boolean {
  return isSecretOf(secretHashOf(a), b);
}
