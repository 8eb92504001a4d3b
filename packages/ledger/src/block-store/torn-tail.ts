import { isBlockLength, RECORD_HEADER_BYTES, recordChecksum } from "./segment-format.ts";
import type { ReadAt } from "./segment-scan.ts";

/** The smallest piece that a disk writes as a whole. */
const SECTOR_BYTES = 512;

/**
 * Whether the unreadable record at `offset` can be what a crash left of the last group of records.
 *
 * A group is one write, and before its sync a crash may keep any sectors of it: the file may end anywhere, and a
 * sector that did not reach the disk reads as zeros, with valid records of the same group behind it. So a record with a lost sector is a
 * torn tail whatever follows; one without, followed by a valid record, was damaged after it had been written.
 */
export async function isTornTail(read: ReadAt, offset: number, end: number): Promise<boolean> {
  if (!(await isFollowedByRecord(read, offset, end))) return true;
  return hasLostSector(read, offset, end);
}

/**
 * Follows the lengths only. A search at every offset would let anyone who stores a block that contains the bytes of a
 * record forbid the recovery.
 */
async function isFollowedByRecord(read: ReadAt, offset: number, end: number): Promise<boolean> {
  let next = await recordEnd(read, offset, end);
  while (next !== undefined) {
    const after = await recordEnd(read, next, end);
    if (after !== undefined && (await isRecord(read, next, after))) return true;
    next = after;
  }
  return false;
}

/** End of the record at `offset` by its own length; undefined when that is no length or passes the end of the file. */
async function recordEnd(read: ReadAt, offset: number, end: number): Promise<number | undefined> {
  if (offset + RECORD_HEADER_BYTES > end) return undefined;
  const length = new DataView((await readRange(read, offset, offset + 4)).buffer).getUint32(0);
  const next = offset + RECORD_HEADER_BYTES + length;
  return isBlockLength(length) && next <= end ? next : undefined;
}

async function isRecord(read: ReadAt, offset: number, end: number): Promise<boolean> {
  const record = await readRange(read, offset, end);
  return recordChecksum(record.subarray(RECORD_HEADER_BYTES)) === new DataView(record.buffer).getUint32(4);
}

async function hasLostSector(read: ReadAt, offset: number, end: number): Promise<boolean> {
  const recordStop = (await recordEnd(read, offset, end)) ?? end;
  const stop = Math.min(end, Math.ceil(recordStop / SECTOR_BYTES) * SECTOR_BYTES);
  const bytes = await readRange(read, offset, stop);
  let from = 0;
  while (from < bytes.length) {
    const to = Math.min(bytes.length, (Math.floor((offset + from) / SECTOR_BYTES) + 1) * SECTOR_BYTES - offset);
    // Fewer than four bytes at the end of a sector are the zeros that most lengths start with.
    if (to - from >= 4 && bytes.subarray(from, to).every((byte) => byte === 0)) return true;
    from = to;
  }
  return false;
}

async function readRange(read: ReadAt, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(to - from);
  await read(bytes, from);
  return bytes;
}
