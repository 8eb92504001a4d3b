import { InvariantError } from "@concordat/base";
import type { ContractContext, ContractStub } from "@concordat/ledger/contract-api";
import { parseWhole, sha256Hex } from "../text.ts";
import { parseBatch, skeletonToText } from "./batch.ts";
import { parseEvidenceKey } from "./key.ts";
import { evidenceLimits } from "./limits.ts";
import { refuse } from "./refusals.ts";
import { businessIdOf, findBusinessId, type Head, readHead, readRecord, type StoredRecord } from "./rows.ts";

/** What the contract answers for one record. */
export interface EvidenceRecordJson {
  readonly key: string;
  /** From 1, in chain order within the key. */
  readonly sequence: number;
  readonly value: string;
  /** SHA-256 of the value's UTF-8 bytes, lower-case hex. */
  readonly digest: string;
  readonly businessId: string;
  readonly dataTypeCode: string;
  readonly writerUid: string;
  /** The device's ID2; "" when no device took part. */
  readonly deviceId: string;
  /** "" when no device took part. */
  readonly productKey: string;
  readonly txId: string;
  readonly timestampMs: number;
}

/**
 * One record of a key: the one with this business id, or the newest when it is "".
 * @returns JSON {@link EvidenceRecordJson}
 * @throws ContractRefusal EVIDENCE_KEY_MALFORMED, EVIDENCE_UNKNOWN
 */
export async function get({ stub }: ContractContext, key = "", businessId = ""): Promise<string> {
  requireReadableKey(key);
  const head = (await readHead(stub, key)) ?? refuse("EVIDENCE_UNKNOWN");
  const sequence = businessId === "" ? head.count : await findBusinessId(stub, key, head, businessId);
  if (sequence === undefined) refuse("EVIDENCE_UNKNOWN");
  return JSON.stringify(await toEvidence(stub, key, head, sequence));
}

/**
 * Number of records of a key in a window, both ends included; 0 for a key that is not on chain. Without times ("" and "") all count.
 * @returns JSON number
 * @throws ContractRefusal EVIDENCE_KEY_MALFORMED, WINDOW_INVALID
 */
export async function count({ stub }: ContractContext, key = "", startMs = "", endMs = ""): Promise<string> {
  requireReadableKey(key);
  const window = parseWindow(startMs, endMs);
  const head = await readHead(stub, key);
  if (head === undefined) return "0";
  const { first, last } = await findSpan(stub, key, head, window);
  return String(last - first + 1);
}

/**
 * A page of a key's records in a window, newest first.
 * @param page counted from 1
 * @returns JSON `{total, records}`
 * @throws ContractRefusal EVIDENCE_KEY_MALFORMED, PAGE_INVALID, WINDOW_INVALID, WINDOW_NEEDED
 */
export async function history(
  { stub }: ContractContext,
  key = "",
  startMs = "",
  endMs = "",
  page = "1",
  pageSize = "",
): Promise<string> {
  requireReadableKey(key);
  const pageNumber = parseWhole(page);
  const size = parseWhole(pageSize);
  if (!(pageNumber >= 1 && size >= 1 && size <= evidenceLimits.pageSizeMax)) refuse("PAGE_INVALID");
  const window = parseWindow(startMs, endMs);
  const head = await readHead(stub, key);
  if (head === undefined) return JSON.stringify({ total: 0, records: [] });
  if (window === undefined && head.count > evidenceLimits.unwindowedRowsMax) refuse("WINDOW_NEEDED");
  const { first, last } = await findSpan(stub, key, head, window);
  const newest = last - (pageNumber - 1) * size;
  const records: EvidenceRecordJson[] = [];
  for (let sequence = newest; sequence >= first && sequence > newest - size; sequence--) {
    records.push(await toEvidence(stub, key, head, sequence));
  }
  return JSON.stringify({ total: last - first + 1, records });
}

/**
 * Records whose value has this SHA-256 (hex, any case), by ascending key and sequence; at most 100.
 * @returns JSON array of {@link EvidenceRecordJson}
 * @throws ContractRefusal DIGEST_MALFORMED
 */
export async function findByDigest({ stub }: ContractContext, hexSha256 = ""): Promise<string> {
  if (!/^[0-9a-fA-F]{64}$/.test(hexSha256)) refuse("DIGEST_MALFORMED");
  const rows = await stub.getStateByPartialCompositeKey("digest", [hexSha256.toLowerCase()]);
  const records: EvidenceRecordJson[] = [];
  for (let row = await rows.next(); !row.done; row = await rows.next()) {
    const [, key = "", sequence = ""] = stub.splitCompositeKey(row.value.key).attributes;
    const head = await readHead(stub, key);
    if (head !== undefined) records.push(await toEvidence(stub, key, head, Number(sequence)));
    if (records.length === evidenceLimits.digestRecordsMax) break;
  }
  await rows.close();
  return JSON.stringify(records);
}

interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** Sequences of the records in a window; `last` is `first - 1` when there are none. */
async function findSpan(stub: ContractStub, key: string, head: Head, window: Window | undefined) {
  if (window === undefined) return { first: 1, last: head.count };
  const first = await findFirst(stub, key, head, (time) => time >= window.startMs);
  const after = await findFirst(stub, key, head, (time) => time > window.endMs);
  return { first, last: after - 1 };
}

/** The first sequence whose time passes a test that, once passed, all later times pass; count + 1 when none does. */
async function findFirst(stub: ContractStub, key: string, head: Head, passes: (time: number) => boolean) {
  if (!passes(head.lastTime)) return head.count + 1;
  let low = 1;
  let high = head.count;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (passes((await requireRecord(stub, key, head, middle)).time)) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function toEvidence(stub: ContractStub, key: string, head: Head, sequence: number): Promise<EvidenceRecordJson> {
  const record = await requireRecord(stub, key, head, sequence);
  const value = await readValue(stub, record);
  return {
    key,
    sequence,
    value,
    digest: record.digest ?? sha256Hex(value),
    businessId: businessIdOf(record),
    dataTypeCode: parseEvidenceKey(key)?.dataTypeCode ?? "",
    writerUid: record.writer,
    deviceId: record.device ?? "",
    productKey: record.product ?? "",
    txId: record.tx,
    timestampMs: record.time,
  };
}

/** The one place where a record's value is read. The values of a batch stand in the first records of its items. */
async function readValue(stub: ContractStub, record: StoredRecord): Promise<string> {
  if (record.batch === undefined) return record.value ?? "";
  const skeleton = parseBatch(record.batch);
  if (skeleton === undefined) throw new InvariantError("The row of a batch is damaged.");
  const heads = await Promise.all(skeleton.items.map((item) => readHead(stub, item.key)));
  return skeletonToText(
    skeleton,
    heads.map((head) => head?.first.value ?? ""),
  );
}

async function requireRecord(stub: ContractStub, key: string, head: Head, sequence: number): Promise<StoredRecord> {
  const record = await readRecord(stub, key, head, sequence);
  if (record === undefined) throw new InvariantError(`Record ${sequence} is missing.`);
  return record;
}

function requireReadableKey(key: string): void {
  if (parseEvidenceKey(key) === undefined) refuse("EVIDENCE_KEY_MALFORMED");
}

function parseWindow(startMs: string, endMs: string): Window | undefined {
  if (startMs === "" && endMs === "") return undefined;
  const window = { startMs: parseWhole(startMs), endMs: parseWhole(endMs) };
  // Written so that NaN fails too.
  const isValid = window.startMs <= window.endMs && window.endMs - window.startMs <= evidenceLimits.historyWindowMsMax;
  return isValid ? window : refuse("WINDOW_INVALID");
}
