import { crc32 } from "node:zlib";
import { bytesToUtf8, concatBytes, equalBytes, utf8ToBytes } from "@concordat/base";

/** Bytes of segments: docs/reference/ledger-format.md section 2. Integers are unsigned and big-endian. */
const SEGMENT_MAGIC = utf8ToBytes("CONCSEG1");
const ORIGIN_BYTES_MAX = 0xffff;

export const BLOCK_BYTES_MAX = 2 ** 30;
/** Length and CRC before each block. */
export const RECORD_HEADER_BYTES = 8;

const SEGMENT_NAME = /^([0-9]{12})\.segment$/;

export function segmentName(firstBlock: number): string {
  return `${String(firstBlock).padStart(12, "0")}.segment`;
}

/** The number of the first block, or undefined for a file that is no segment. */
export function segmentNameToFirstBlock(name: string): number | undefined {
  const digits = SEGMENT_NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export interface SegmentHeader {
  readonly origin: string;
  readonly firstBlock: number;
  /** Length of the header itself: the first record's offset. */
  readonly bytes: number;
}

export function encodeSegmentHeader(origin: string, firstBlock: number): Uint8Array {
  const name = utf8ToBytes(origin);
  if (name.length > ORIGIN_BYTES_MAX) throw new RangeError("An origin has at most 65535 bytes.");
  const header = concatBytes(SEGMENT_MAGIC, new Uint8Array(2), name, new Uint8Array(12));
  const view = new DataView(header.buffer);
  view.setUint16(8, name.length);
  view.setBigUint64(10 + name.length, BigInt(firstBlock));
  view.setUint32(18 + name.length, crc32(header.subarray(0, 18 + name.length)));
  return header;
}

/** Reads the header at the start of `bytes`; undefined when it is incomplete or damaged. */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.length < 10 || !equalBytes(bytes.subarray(0, 8), SEGMENT_MAGIC)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const originEnd = 10 + view.getUint16(8);
  if (bytes.length < originEnd + 12) return undefined;
  if (view.getUint32(originEnd + 8) !== crc32(bytes.subarray(0, originEnd + 8))) return undefined;
  const firstBlock = view.getBigUint64(originEnd);
  if (firstBlock > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const origin = decodeOrigin(bytes.subarray(10, originEnd));
  return origin === undefined ? undefined : { origin, firstBlock: Number(firstBlock), bytes: originEnd + 12 };
}

function decodeOrigin(bytes: Uint8Array): string | undefined {
  try {
    return bytesToUtf8(bytes);
  } catch {
    return undefined;
  }
}

/** What a crash can make of a header that was never synced: a part of it, zeros in place of what is missing. */
export function isTornHeader(found: Uint8Array, expected: Uint8Array): boolean {
  return found.every((byte, index) => byte === 0 || byte === expected[index]);
}

/** @throws RangeError for a block that no record can hold */
export function checkBlockLength(block: Uint8Array): void {
  if (block.length < 1 || block.length > BLOCK_BYTES_MAX) {
    throw new RangeError(`A block has 1 to ${BLOCK_BYTES_MAX} bytes, not ${block.length}.`);
  }
}

/** `prefix` (a segment header, or nothing) and one record for each block, as one buffer for one write. */
export function encodeRecords(blocks: readonly Uint8Array[], prefix: Uint8Array = new Uint8Array(0)): Uint8Array {
  const length = blocks.reduce((sum, block) => sum + RECORD_HEADER_BYTES + block.length, prefix.length);
  const bytes = new Uint8Array(length);
  bytes.set(prefix);
  const view = new DataView(bytes.buffer);
  let offset = prefix.length;
  for (const block of blocks) {
    view.setUint32(offset, block.length);
    view.setUint32(offset + 4, recordChecksum(block));
    bytes.set(block, offset + RECORD_HEADER_BYTES);
    offset += RECORD_HEADER_BYTES + block.length;
  }
  return bytes;
}

export function isBlockLength(length: number): boolean {
  return length >= 1 && length <= BLOCK_BYTES_MAX;
}

/** CRC-32 over the four length bytes and the block. */
export function recordChecksum(block: Uint8Array): number {
  return crc32(block, lengthChecksum(block.length));
}

/** The length's four bytes in JavaScript: a second native call for each record would cost more than the block's own. */
function lengthChecksum(length: number): number {
  let value = 0xffffffff;
  for (let shift = 24; shift >= 0; shift -= 8) {
    value = tableEntry((value ^ (length >>> shift)) & 0xff) ^ (value >>> 8);
  }
  return ~value >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function tableEntry(index: number): number {
  return CRC_TABLE[index] ?? 0;
}
