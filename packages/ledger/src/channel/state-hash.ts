import { createHash } from "node:crypto";
import { utf8ToBytes } from "@concordat/base";
import type { StateRow } from "../state/ports.ts";

/**
 * SHA-256 over all rows in their order, each as: u32 length and bytes of namespace, key, value; u64 block and u32 index of its version
 * (big-endian). Two ledgers with the same log have the same hash, whatever database holds the state.
 */
export async function hashState(rows: AsyncIterable<StateRow>): Promise<Uint8Array> {
  const digest = createHash("sha256");
  for await (const { namespace, key, value, version } of rows) {
    for (const part of [utf8ToBytes(namespace), utf8ToBytes(key), value]) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      digest.update(length).update(part);
    }
    const place = Buffer.alloc(12);
    place.writeBigUInt64BE(BigInt(version.block));
    place.writeUInt32BE(version.index, 8);
    digest.update(place);
  }
  return digest.digest();
}
