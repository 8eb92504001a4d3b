import { InvariantError } from "@concordat/base";
import type { ContractStub } from "@concordat/ledger/contract-api";
import type { StoredDeviceParts } from "../devices/uploads.ts";
import { readJsonRow, toBytes, toText, writeJsonRow } from "../stub-rows.ts";
import { sha256Hex } from "../text.ts";

/** A record as its row has it; rows.ts says which row that is. */
export interface StoredData extends StoredDeviceParts {
  /** A digest record has `digest` instead. */
  readonly text?: string;
  /** As it was uploaded. */
  readonly digest?: string;
  /** Left out where it is the one that transaction and item give: {@link assignSequence}. */
  readonly seq?: string;
  /** Position in its batch, from 0; left out for the first. */
  readonly item?: number;
  readonly writer: string;
  readonly tx: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly related?: readonly StoredRelated[];
}

export interface StoredRelated {
  readonly phase: string;
  readonly key: string;
  readonly seq: string;
  /** The record's number within its key, so that it is read in one step. */
  readonly number: number;
  readonly digest: string;
}

export interface StoredHead {
  readonly count: number;
  /** Time of the newest record. */
  readonly lastTime: number;
  readonly first: StoredData;
  /** There when the transaction that began the key gave it more than one record: a meter must know the first one's write. */
  readonly begun?: true;
}

/** The head of a data key: every upload to the key writes it. */
export function phaseDataRowKey(phaseId: string, dataKey: string): string {
  return `${phaseId}_${dataKey}`;
}

export async function readHead(stub: ContractStub, phaseId: string, dataKey: string): Promise<StoredHead | undefined> {
  // Only writeHead writes the row.
  return (await readJsonRow(stub, phaseDataRowKey(phaseId, dataKey))) as StoredHead | undefined;
}

export function writeHead(stub: ContractStub, phaseId: string, dataKey: string, head: StoredHead): Promise<void> {
  return writeJsonRow(stub, phaseDataRowKey(phaseId, dataKey), head);
}

export function decodeHead(bytes: Uint8Array): StoredHead {
  return JSON.parse(toText(bytes)) as StoredHead;
}

/** What a composite key of `record` rows begins with. */
export const recordKeyPrefix = "\u0000record\u0000";

export function decodeRecord(bytes: Uint8Array): StoredData {
  return JSON.parse(toText(bytes)) as StoredData;
}

/** @param number from 2: the head holds the first */
export async function readRecord(
  stub: ContractStub,
  phaseId: string,
  dataKey: string,
  number: number,
): Promise<StoredData> {
  const bytes = await stub.getState(recordKey(stub, phaseId, dataKey, number));
  if (bytes.length === 0) throw new InvariantError(`Record ${number} is missing.`);
  return decodeRecord(bytes);
}

/** A further record and the row of its sequence. */
export async function writeRecord(
  stub: ContractStub,
  phaseId: string,
  dataKey: string,
  number: number,
  record: StoredData,
): Promise<void> {
  await writeJsonRow(stub, recordKey(stub, phaseId, dataKey, number), record);
  await stub.putState(sequenceKey(stub, phaseId, dataKey, sequenceOf(record)), toBytes(String(number)));
}

/** The number of the record with this sequence, the first included. */
export async function findSequence(
  stub: ContractStub,
  phaseId: string,
  dataKey: string,
  head: StoredHead,
  sequence: string,
): Promise<number | undefined> {
  if (sequenceOf(head.first) === sequence) return 1;
  if (head.count === 1) return undefined;
  const bytes = await stub.getState(sequenceKey(stub, phaseId, dataKey, sequence));
  return bytes.length === 0 ? undefined : Number(toText(bytes));
}

export function sequenceOf(record: StoredData): string {
  return record.seq ?? assignSequence(record.tx, record.item ?? 0);
}

/** The sequence of an item that comes without one. */
export function assignSequence(txId: string, item: number): string {
  return sha256Hex(`${txId}:${item}`);
}

/** SHA-256 in lower-case hex: of a text, or a digest record's own. */
export function digestOf(record: StoredData): string {
  return record.digest?.toLowerCase() ?? sha256Hex(record.text ?? "");
}

function recordKey(stub: ContractStub, phaseId: string, dataKey: string, number: number): string {
  return stub.createCompositeKey("record", [phaseId, dataKey, String(number).padStart(12, "0")]);
}

function sequenceKey(stub: ContractStub, phaseId: string, dataKey: string, sequence: string): string {
  return stub.createCompositeKey("sequence", [phaseId, dataKey, sequence]);
}
