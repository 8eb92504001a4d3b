import { bytesToHex, type RandomSource } from "@concordat/base";

/** Ids of calls in the gateway's form: 32 lower-case hex digits. */
export function createRequestIds(random: RandomSource): () => string {
  return () => bytesToHex(random.bytes(16));
}
