import { isBlockLength, RECORD_HEADER_BYTES, recordChecksum } from "./segment-format.ts";

/** Fills `target` from `position` as far as the file goes; answers the number of bytes. */
export type ReadAt = (target: Uint8Array, position: number) => Promise<number>;

export interface SegmentRecord {
  /** Of the record, from the start of the segment. */
  readonly offset: number;
  /** The block: a view into a buffer shared with its neighbours. */
  readonly bytes: Uint8Array;
}

/** Where and why a scan stopped. Without a fault, `offset` is the end of the range. */
export interface ScanEnd {
  readonly offset: number;
  readonly fault?: "incomplete" | "damaged";
}

const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Reads the records between `start` and `end` in big steps, one step ahead of the consumer, and checks each CRC.
 * Yields the records of one step at a time: a promise for each record would cost more than reading it.
 */
export async function* scanRecords(
  read: ReadAt,
  start: number,
  end: number,
  chunkBytes = CHUNK_BYTES,
): AsyncGenerator<readonly SegmentRecord[], ScanEnd> {
  let limit = end;
  let base = start;
  let chunk = await readBehind(read, new Uint8Array(0), base, Math.min(chunkBytes, limit - base));
  for (;;) {
    const step = parseRecords(chunk, base, limit);
    base += step.consumed;
    const rest = chunk.subarray(step.consumed);
    const remaining = limit - base - rest.length;
    if (step.fault !== undefined || remaining === 0) {
      yield step.records;
      if (step.fault !== undefined) return { offset: base, fault: step.fault };
      return rest.length === 0 ? { offset: base } : { offset: base, fault: "incomplete" };
    }
    const wanted = Math.min(remaining, Math.max(chunkBytes, step.needed - rest.length));
    const next = readBehind(read, rest, base, wanted);
    // The consumer may stop at the yield and never look at this read.
    next.catch(() => undefined);
    yield step.records;
    chunk = await next;
    if (chunk.length < rest.length + wanted) limit = base + chunk.length;
  }
}

/** A buffer that starts with `rest` and goes on with the `count` bytes that follow it in the file. */
async function readBehind(read: ReadAt, rest: Uint8Array, base: number, count: number): Promise<Uint8Array> {
  const chunk = new Uint8Array(Buffer.allocUnsafeSlow(rest.length + count).buffer);
  chunk.set(rest);
  const found = await read(chunk.subarray(rest.length), base + rest.length);
  return chunk.subarray(0, rest.length + found);
}

interface ParsedStep {
  readonly records: readonly SegmentRecord[];
  readonly consumed: number;
  /** Bytes of the next record, as far as known. */
  readonly needed: number;
  readonly fault?: "incomplete" | "damaged";
}

function parseRecords(chunk: Uint8Array, base: number, limit: number): ParsedStep {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const records: SegmentRecord[] = [];
  let at = 0;
  while (chunk.length - at >= RECORD_HEADER_BYTES) {
    const length = view.getUint32(at);
    if (!isBlockLength(length)) return { records, consumed: at, needed: 0, fault: "damaged" };
    const next = at + RECORD_HEADER_BYTES + length;
    if (base + next > limit) return { records, consumed: at, needed: 0, fault: "incomplete" };
    if (next > chunk.length) return { records, consumed: at, needed: next - at };
    const bytes = chunk.subarray(at + RECORD_HEADER_BYTES, next);
    if (recordChecksum(bytes) !== view.getUint32(at + 4)) {
      return { records, consumed: at, needed: 0, fault: "damaged" };
    }
    records.push({ offset: base + at, bytes });
    at = next;
  }
  return { records, consumed: at, needed: RECORD_HEADER_BYTES };
}
