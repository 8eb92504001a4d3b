import { createHash } from "node:crypto";
import type { CallNonce } from "../ports.ts";

export const bucketMs = 15 * 60_000;

export function bucketOf(timeMs: number): number {
  return Math.floor(timeMs / bucketMs);
}

/**
 * The nonce of the transaction that a signed call makes in a bucket of server time. A call sent again in the same bucket has the
 * same transaction id, and the ledger refuses it whatever memory has lost.
 */
export function transactionNonceOf({ accessKeyId, nonce }: CallNonce, bucket: number): Uint8Array {
  const digest = createHash("sha256").update(`concordat call${accessKeyId}\u0000${nonce}\u0000${bucket}`).digest();
  return new Uint8Array(digest.subarray(0, 24));
}
