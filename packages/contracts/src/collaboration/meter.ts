import type { MeterReading } from "@concordat/ledger/contract-api";
import { decodeHead, decodeRecord, recordKeyPrefix, type StoredData } from "./data.ts";

/**
 * Number of records and bytes of their values: `count`, `bytes`, and for each writer `count:<uid>`, `bytes:<uid>`. A digest record has
 * the bytes of its digest.
 */
export function meter(key: string, value: Uint8Array | undefined): readonly MeterReading[] {
  const record = value === undefined ? undefined : decodeNewRecord(key, value);
  if (record === undefined) return [];
  const bytes = Buffer.byteLength(record.digest ?? record.text ?? "");
  return [
    { meter: "count", amount: 1 },
    { meter: "bytes", amount: bytes },
    { meter: `count:${record.writer}`, amount: 1 },
    { meter: `bytes:${record.writer}`, amount: bytes },
  ];
}

/** The record that this write adds; a head that grows adds none, for the record has a row of its own. */
function decodeNewRecord(key: string, value: Uint8Array): StoredData | undefined {
  if (key.startsWith(recordKeyPrefix)) return decodeRecord(value);
  if (key.startsWith("\u0000")) return undefined;
  const head = decodeHead(value);
  return head.count === 1 || head.begun === true ? head.first : undefined;
}
