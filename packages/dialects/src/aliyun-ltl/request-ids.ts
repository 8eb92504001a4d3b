import type { RandomSource } from "@concordat/base";

const DRAW_BYTES = 4096;

/** Upper-case random UUIDs (version 4), drawn from the random source in larger pieces. */
export function createRequestIds(random: RandomSource): () => string {
  let pool = Buffer.alloc(0);
  let offset = 0;
  return () => {
    if (offset >= pool.length) {
      pool = Buffer.from(random.bytes(DRAW_BYTES));
      offset = 0;
    }
    const hex = pool.toString("hex", offset, offset + 16).toUpperCase();
    offset += 16;
    const variant = "89AB"[Number.parseInt(hex.charAt(16), 16) % 4];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
}
