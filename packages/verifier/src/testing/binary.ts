import { crc32 } from "node:zlib";

/** A segment's record of a block. */
export function recordBytes(block: Uint8Array): Buffer {
  const length = u32(block.length);
  return Buffer.concat([length, u32(crc32(Buffer.concat([length, block]))), block]);
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
