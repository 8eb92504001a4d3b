import { crc32 } from "node:zlib";
import { concatBytes, equalBytes, type FileHandle, type FileSystem, isMissing, utf8ToBytes } from "@concordat/base";

/**
 * Where the records of a closed segment start. Derived: kept in a file beside the segment so that opening does not
 * read old segments, never synced, made again by a scan whenever it is missing or does not fit.
 *
 * File: `CONCOFS1`; u64 first block; u64 bytes of the segment; u32 number of records; u32 CRC-32 of the body; u32
 * CRC-32 of the header's bytes before it; body: one u32 offset for each record.
 */
export interface SegmentOffsets {
  readonly firstBlock: number;
  readonly segmentBytes: number;
  readonly offsets: Uint32Array;
}

export type OffsetsSummary = Pick<SegmentOffsets, "firstBlock" | "segmentBytes"> & {
  readonly count: number;
  readonly bodyChecksum: number;
};

/** Offsets are kept in 32 bits, so a segment is at most this long. */
export const SEGMENT_BYTES_LIMIT = 2 ** 32 - 1;

const MAGIC = utf8ToBytes("CONCOFS1");
const HEADER_BYTES = 36;

export function encodeOffsets(value: SegmentOffsets): Uint8Array {
  const file = concatBytes(MAGIC, new Uint8Array(HEADER_BYTES - 8 + value.offsets.length * 4));
  const view = new DataView(file.buffer);
  value.offsets.forEach((offset, index) => {
    view.setUint32(HEADER_BYTES + index * 4, offset);
  });
  view.setBigUint64(8, BigInt(value.firstBlock));
  view.setBigUint64(16, BigInt(value.segmentBytes));
  view.setUint32(24, value.offsets.length);
  view.setUint32(28, crc32(file.subarray(HEADER_BYTES)));
  view.setUint32(32, crc32(file.subarray(0, 32)));
  return file;
}

/** The header of an offsets file; undefined when it is damaged. */
export function decodeOffsetsSummary(bytes: Uint8Array): OffsetsSummary | undefined {
  if (bytes.length < HEADER_BYTES || !equalBytes(bytes.subarray(0, 8), MAGIC)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(32) !== crc32(bytes.subarray(0, 32))) return undefined;
  return {
    firstBlock: Number(view.getBigUint64(8)),
    segmentBytes: Number(view.getBigUint64(16)),
    count: view.getUint32(24),
    bodyChecksum: view.getUint32(28),
  };
}

export function decodeOffsets(bytes: Uint8Array): SegmentOffsets | undefined {
  const summary = decodeOffsetsSummary(bytes);
  if (summary === undefined || bytes.length !== HEADER_BYTES + summary.count * 4) return undefined;
  if (crc32(bytes.subarray(HEADER_BYTES)) !== summary.bodyChecksum) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + HEADER_BYTES);
  const offsets = Uint32Array.from({ length: summary.count }, (_, index) => view.getUint32(index * 4));
  return { firstBlock: summary.firstBlock, segmentBytes: summary.segmentBytes, offsets };
}

export function offsetsPath(segmentPath: string): string {
  return segmentPath.replace(/\.segment$/, ".offsets");
}

export async function readOffsetsSummary(
  fileSystem: FileSystem,
  segmentPath: string,
): Promise<OffsetsSummary | undefined> {
  return withOffsetsFile(fileSystem, segmentPath, async (handle) => {
    const header = new Uint8Array(HEADER_BYTES);
    return decodeOffsetsSummary(header.subarray(0, await handle.read(header, 0)));
  });
}

export async function readOffsets(fileSystem: FileSystem, segmentPath: string): Promise<SegmentOffsets | undefined> {
  return withOffsetsFile(fileSystem, segmentPath, async (handle) => {
    const bytes = new Uint8Array(await handle.size());
    return decodeOffsets(bytes.subarray(0, await handle.read(bytes, 0)));
  });
}

export async function writeOffsets(fileSystem: FileSystem, segmentPath: string, value: SegmentOffsets): Promise<void> {
  const bytes = encodeOffsets(value);
  const handle = await fileSystem.open(offsetsPath(segmentPath), { create: true });
  try {
    await handle.truncate(bytes.length);
    await handle.write(bytes, 0);
  } finally {
    await handle.close();
  }
}

async function withOffsetsFile<T>(
  fileSystem: FileSystem,
  segmentPath: string,
  work: (handle: FileHandle) => Promise<T>,
): Promise<T | undefined> {
  let handle: FileHandle;
  try {
    handle = await fileSystem.open(offsetsPath(segmentPath), { readOnly: true });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}
