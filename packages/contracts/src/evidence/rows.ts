/**
 * The rows of the evidence contract and their encoding.
 *
 * - `<key>`: the head. Holds the first record itself, so that a key that is set once is one row, and the number of records.
 * - composite `record(key, sequence)`: each further record, sequence from 2 in 12 digits.
 * - composite `business(key, business id)`: the sequence of an attached record.
 * - composite `digest(SHA-256 of the value, key, sequence)`: look-up by value; a single zero byte, for an empty value would delete the row on Fabric.
 * - composites `device` and `code`: devices that have uploaded, see ../devices/uploads.ts.
 *
 * Values are JSON texts. Times of one key never decrease: windows are found by binary search over the sequences.
 */
import type { ContractStub } from "@concordat/ledger/contract-api";
import type { StoredDeviceParts } from "../devices/uploads.ts";
import { present, toBytes, toText } from "../stub-rows.ts";
import { sha256Hex } from "../text.ts";

export interface StoredRecord extends StoredDeviceParts {
  /** The value itself; a batch has `batch` and `digest` instead. */
  readonly value?: string;
  /** The batch's text with holes: see batch.ts. */
  readonly batch?: string;
  /** SHA-256 of a batch's whole text, hex. */
  readonly digest?: string;
  /** Uid of the principal that wrote it. */
  readonly writer: string;
  readonly tx: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Left out where it is the one that transaction and item give: {@link assignBusinessId}. */
  readonly business?: string;
  /** Position in its batch, from 1; left out where the record stands alone. */
  readonly item?: number;
}

export interface Head {
  readonly count: number;
  /** Time of the newest record. */
  readonly lastTime: number;
  readonly first: StoredRecord;
}

export async function readHead(stub: ContractStub, key: string): Promise<Head | undefined> {
  const bytes = await stub.getState(key);
  return bytes.length === 0 ? undefined : decodeHead(bytes);
}

export function decodeHead(bytes: Uint8Array): Head {
  // Only this file writes the row.
  return JSON.parse(toText(bytes)) as Head;
}

export function writeHead(stub: ContractStub, key: string, head: Head): Promise<void> {
  return stub.putState(key, toBytes(JSON.stringify(head)));
}

export async function readRecord(
  stub: ContractStub,
  key: string,
  head: Head,
  sequence: number,
): Promise<StoredRecord | undefined> {
  if (sequence === 1) return head.first;
  const bytes = await stub.getState(recordKey(stub, key, sequence));
  return bytes.length === 0 ? undefined : decodeRecord(bytes);
}

export function decodeRecord(bytes: Uint8Array): StoredRecord {
  return JSON.parse(toText(bytes)) as StoredRecord;
}

export function writeRecord(stub: ContractStub, key: string, sequence: number, record: StoredRecord): Promise<void> {
  return stub.putState(recordKey(stub, key, sequence), toBytes(JSON.stringify(record)));
}

function recordKey(stub: ContractStub, key: string, sequence: number): string {
  return stub.createCompositeKey("record", [key, paddedSequence(sequence)]);
}

/** What a composite key of `record` rows begins with. */
export const recordKeyPrefix = "\u0000record\u0000";

export function writeDigestRow(stub: ContractStub, digest: string, key: string, sequence: number): Promise<void> {
  return stub.putState(stub.createCompositeKey("digest", [digest, key, paddedSequence(sequence)]), present);
}

export function writeBusinessRow(stub: ContractStub, key: string, id: string, sequence: number): Promise<void> {
  return stub.putState(stub.createCompositeKey("business", [key, id]), toBytes(String(sequence)));
}

/** The sequence of the record with this business id, the first record included. */
export async function findBusinessId(
  stub: ContractStub,
  key: string,
  head: Head,
  id: string,
): Promise<number | undefined> {
  if (businessIdOf(head.first) === id) return 1;
  const bytes = await stub.getState(stub.createCompositeKey("business", [key, id]));
  return bytes.length === 0 ? undefined : Number(toText(bytes));
}

export function businessIdOf(record: StoredRecord): string {
  return record.business ?? assignBusinessId(record.tx, record.item ?? 0, 0);
}

/** 16 decimal digits that look random and that everyone computes alike. */
export function assignBusinessId(txId: string, item: number, attempt: number): string {
  const digits = BigInt(`0x${sha256Hex(`business id ${txId} ${item} ${attempt}`).slice(0, 32)}`) % 10n ** 16n;
  return String(digits).padStart(16, "0");
}

function paddedSequence(sequence: number): string {
  return String(sequence).padStart(12, "0");
}
