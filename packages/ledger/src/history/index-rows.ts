import { InvariantError } from "@concordat/base";
import type { KeyRange } from "../derived/level-types.ts";
import { RowBatch, RowReader } from "../derived/row-batch.ts";
import type { StateWrite } from "../state/ports.ts";
import { splitMeterName } from "./meters.ts";
import type { BlockEntry, HistoryEntry, IndexRow, TransactionEntry, TransactionPosition } from "./ports.ts";

/*
 * Row keys by first byte:
 *   METER        whole meter name                                  -> the sum as text
 *   HISTORY      namespace, 0, key length, key, position inverted  -> 1 when it is a deletion, else empty
 *   TRANSACTION  transaction id                                    -> block + 1, index + 1, validation code
 *   HEADER       header hash of a block                            -> its number
 *   CLOCK        nothing                                           -> milliseconds: the channel's latest time
 * A history position is 6 bytes of block and 4 of index, each inverted: newest first. The key's length keeps the
 * rows of a key apart from those of keys that begin with it.
 */
const METER = 1;
const HISTORY = 2;
const TRANSACTION = 3;
const HEADER = 4;
const CLOCK = 5;
const HEADER_HASH_BYTES = 32;
const BLOCK_MAX = 2 ** 48 - 1;
const INDEX_MAX = 2 ** 32 - 1;
const POSITION_BYTES = 10;

export const allRows: KeyRange = kindRange(METER, CLOCK);
export const meterRows: KeyRange = kindRange(METER, METER);
export const transactionRows: KeyRange = kindRange(TRANSACTION, TRANSACTION);

function kindRange(first: number, last: number): KeyRange {
  return { start: Uint8Array.of(first), end: Uint8Array.of(last + 1) };
}

export function putTransaction(batch: RowBatch, txId: string, position: TransactionPosition): void {
  batch.begin(3 * txId.length + 20);
  batch.byte(TRANSACTION);
  batch.utf8(txId);
  batch.endKey();
  batch.varint(position.block + 1);
  batch.varint(position.index + 1);
  batch.byte(position.validationCode);
  batch.put();
}

export function putHistory(batch: RowBatch, { namespace, key, value, version }: StateWrite): void {
  batch.begin(3 * (namespace.length + key.length) + 32);
  writeHistoryPrefix(batch, namespace, key);
  batch.uint48(BLOCK_MAX - version.block);
  batch.uint32(INDEX_MAX - version.index);
  batch.endKey();
  if (value === undefined) batch.byte(1);
  batch.put();
}

export function putMeter(batch: RowBatch, name: string, sum: number): void {
  const text = String(sum);
  batch.begin(3 * name.length + text.length + 1);
  batch.byte(METER);
  batch.utf8(name);
  batch.endKey();
  batch.utf8(text);
  batch.put();
}

export function putHeader(batch: RowBatch, { number, headerHash }: BlockEntry): void {
  batch.begin(HEADER_HASH_BYTES + 9);
  batch.byte(HEADER);
  batch.bytes(headerHash);
  batch.endKey();
  batch.varint(number);
  batch.put();
}

export function putClock(batch: RowBatch, lastTimestampMs: number): void {
  batch.begin(9);
  batch.byte(CLOCK);
  batch.endKey();
  batch.varint(lastTimestampMs);
  batch.put();
}

export function headerKey(headerHash: Uint8Array): Uint8Array {
  return Uint8Array.of(HEADER, ...headerHash);
}

export const clockKey = Uint8Array.of(CLOCK);

/** A row of one number: a block's by its header hash, or the clock. */
export function decodeNumber(value: Uint8Array): number {
  return new RowReader(value).varint();
}

function writeHistoryPrefix(batch: RowBatch, namespace: string, key: string): void {
  batch.byte(HISTORY);
  batch.utf8(namespace);
  batch.byte(0);
  batch.varint(utf8Length(key));
  batch.utf8(key);
}

/** Buffer.byteLength without the call into native code for the usual short ASCII key. */
function utf8Length(text: string): number {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x7f) return Buffer.byteLength(text, "utf8");
  }
  return text.length;
}

export function transactionKey(txId: string): Uint8Array {
  const key = Buffer.allocUnsafe(3 * txId.length + 1);
  key[0] = TRANSACTION;
  return key.subarray(0, 1 + key.write(txId, 1, "utf8"));
}

/** All positions of one key. */
export function historyRange(namespace: string, key: string): KeyRange {
  const batch = new RowBatch(Buffer.alloc(3 * (namespace.length + key.length) + 32));
  writeHistoryPrefix(batch, namespace, key);
  const prefix = batch.takeBytes();
  // One byte longer than any position, so above them all.
  return { start: prefix, end: Uint8Array.of(...prefix, ...new Array<number>(POSITION_BYTES + 1).fill(0xff)) };
}

export function decodeTransactionValue(value: Uint8Array): TransactionPosition {
  const reader = new RowReader(value);
  return { block: reader.varint() - 1, index: reader.varint() - 1, validationCode: reader.byte() };
}

export function decodeTransaction(key: Uint8Array, value: Uint8Array): TransactionEntry {
  return { txId: asBuffer(key).toString("utf8", 1), ...decodeTransactionValue(value) };
}

export function decodeHistoryEntry(key: Uint8Array, value: Uint8Array): HistoryEntry {
  const bytes = asBuffer(key);
  const at = bytes.length - POSITION_BYTES;
  return {
    block: BLOCK_MAX - bytes.readUIntBE(at, 6),
    index: INDEX_MAX - bytes.readUInt32BE(at + 6),
    isDelete: value[0] === 1,
  };
}

export function decodeMeter(key: Uint8Array, value: Uint8Array): { readonly name: string; readonly sum: number } {
  return { name: asBuffer(key).toString("utf8", 1), sum: Number(asBuffer(value).toString()) };
}

export function decodeIndexRow(key: Uint8Array, value: Uint8Array): IndexRow {
  if (key[0] === TRANSACTION) return { kind: "transaction", ...decodeTransaction(key, value) };
  if (key[0] === METER) {
    const { name, sum } = decodeMeter(key, value);
    return { kind: "meter", ...splitMeterName(name), sum };
  }
  if (key[0] === HEADER)
    return { kind: "block", number: decodeNumber(value), headerHash: Uint8Array.from(key.subarray(1)) };
  if (key[0] === CLOCK) return { kind: "clock", lastTimestampMs: decodeNumber(value) };
  if (key[0] !== HISTORY) throw new InvariantError("An index row is of no known kind.");
  const bytes = asBuffer(key);
  const border = bytes.indexOf(0, 1);
  const reader = new RowReader(key, border + 1);
  return {
    kind: "history",
    namespace: bytes.toString("utf8", 1, border),
    key: asBuffer(reader.take(reader.varint())).toString("utf8"),
    ...decodeHistoryEntry(key, value),
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
