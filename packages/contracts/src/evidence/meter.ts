import type { MeterReading } from "@concordat/ledger/contract-api";
import { decodeHead, decodeRecord, recordKeyPrefix, type StoredRecord } from "./rows.ts";

/**
 * Number of records and bytes of their values: `count`, `bytes`, and for each writer `count:<uid>`, `bytes:<uid>`. A batch
 * counts as its items.
 */
export function meter(key: string, value: Uint8Array | undefined): readonly MeterReading[] {
  const record = value === undefined ? undefined : decodeNewRecord(key, value);
  if (record?.value === undefined) return [];
  const bytes = Buffer.byteLength(record.value);
  const { count, bytes: bytesOfWriter } = metersOf(record.writer);
  return [
    { meter: "count", amount: 1 },
    { meter: "bytes", amount: bytes },
    { meter: count, amount: 1 },
    { meter: bytesOfWriter, amount: bytes },
  ];
}

interface WriterMeters {
  readonly writer: string;
  readonly count: string;
  readonly bytes: string;
}

let lastWriter: WriterMeters = { writer: "", count: "count:", bytes: "bytes:" };

/** The names of a writer's meters; those of the last writer are kept, for records of one writer come in runs. */
function metersOf(writer: string): WriterMeters {
  if (lastWriter.writer !== writer) lastWriter = { writer, count: `count:${writer}`, bytes: `bytes:${writer}` };
  return lastWriter;
}

/** The record that this write adds; a head that grows adds none, for the record has a row of its own. */
function decodeNewRecord(key: string, value: Uint8Array): StoredRecord | undefined {
  if (key.startsWith(recordKeyPrefix)) return decodeRecord(value);
  if (key.startsWith("\u0000")) return undefined;
  const head = decodeHead(value);
  return head.count === 1 ? head.first : undefined;
}
