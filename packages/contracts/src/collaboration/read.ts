import type { ContractContext, ContractStub } from "@concordat/ledger/contract-api";
import { parseWhole } from "../text.ts";
import type { CollaborationHistoryJson, CollaborationRecordJson } from "./answers.ts";
import { findSequence, readHead, readRecord, type StoredData, type StoredHead } from "./data.ts";
import { isDataKey } from "./items.ts";
import { parsePage } from "./lists.ts";
import { RecordViews } from "./records.ts";
import { refuse } from "./refusals.ts";
import { requirePhase } from "./rows.ts";

/**
 * One record of a data key: the one with this sequence, or the newest when it is "".
 * @returns JSON {@link CollaborationRecordJson}
 * @throws ContractRefusal PHASE_DATA_KEY_MALFORMED, PHASE_DATA_SEQUENCE_MALFORMED, PHASE_GROUP_UNKNOWN, PHASE_UNKNOWN, PHASE_DATA_UNKNOWN
 */
export async function describe(
  { stub }: ContractContext,
  groupId = "",
  phaseId = "",
  dataKey = "",
  dataSeq = "",
): Promise<string> {
  const { record } = await requireData(stub, { groupId, phaseId, dataKey, dataSeq });
  return JSON.stringify(await new RecordViews(stub).of(phaseId, dataKey, record));
}

/**
 * A page of a data key's records in a window, both ends included, newest first; none for a key that is not on chain.
 * @param page counted from 1
 * @returns JSON {@link CollaborationHistoryJson}
 * @throws ContractRefusal PHASE_DATA_KEY_MALFORMED, PAGE_INVALID, WINDOW_INVALID, PHASE_GROUP_UNKNOWN, PHASE_UNKNOWN
 */
export async function history(
  { stub }: ContractContext,
  groupId = "",
  phaseId = "",
  dataKey = "",
  startMs = "",
  endMs = "",
  page = "",
  pageSize = "",
): Promise<string> {
  requireDataKey(dataKey);
  const { start, size } = parsePage(page, pageSize);
  const window = { startMs: parseWhole(startMs), endMs: parseWhole(endMs) };
  // Written so that NaN fails too.
  if (!(window.startMs <= window.endMs)) refuse("WINDOW_INVALID");
  await requirePhase(stub, groupId, phaseId);
  const head = await readHead(stub, phaseId, dataKey);
  if (head === undefined) return answer({ total: 0, records: [] });
  const read = (number: number) => readNumbered(stub, phaseId, dataKey, head, number);
  const first = await findFirst(head, read, (time) => time >= window.startMs);
  const after = await findFirst(head, read, (time) => time > window.endMs);
  const newest = after - 1 - start;
  const views = new RecordViews(stub);
  const records: CollaborationRecordJson[] = [];
  for (let number = newest; number >= first && number > newest - size; number--) {
    records.push(await views.of(phaseId, dataKey, await read(number)));
  }
  return answer({ total: after - first, records });
}

export interface DataName {
  readonly groupId: string;
  readonly phaseId: string;
  readonly dataKey: string;
  /** "" for the newest record. */
  readonly dataSeq: string;
}

/**
 * A record with its number within its key.
 * @throws ContractRefusal PHASE_DATA_KEY_MALFORMED, PHASE_DATA_SEQUENCE_MALFORMED, PHASE_GROUP_UNKNOWN, PHASE_UNKNOWN, PHASE_DATA_UNKNOWN
 */
export async function requireData(stub: ContractStub, { groupId, phaseId, dataKey, dataSeq }: DataName) {
  requireDataKey(dataKey);
  if (dataSeq !== "" && !isDataKey(dataSeq)) refuse("PHASE_DATA_SEQUENCE_MALFORMED");
  await requirePhase(stub, groupId, phaseId);
  const head = (await readHead(stub, phaseId, dataKey)) ?? refuse("PHASE_DATA_UNKNOWN");
  const number = dataSeq === "" ? head.count : await findSequence(stub, phaseId, dataKey, head, dataSeq);
  if (number === undefined) refuse("PHASE_DATA_UNKNOWN");
  return { number, record: await readNumbered(stub, phaseId, dataKey, head, number) };
}

function answer(history: CollaborationHistoryJson): string {
  return JSON.stringify(history);
}

function requireDataKey(dataKey: string): void {
  if (!isDataKey(dataKey)) refuse("PHASE_DATA_KEY_MALFORMED");
}

async function readNumbered(
  stub: ContractStub,
  phaseId: string,
  dataKey: string,
  head: StoredHead,
  number: number,
): Promise<StoredData> {
  return number === 1 ? head.first : readRecord(stub, phaseId, dataKey, number);
}

/** The first number whose time passes a test that, once passed, all later times pass; count + 1 when none does. */
async function findFirst(
  head: StoredHead,
  read: (number: number) => Promise<StoredData>,
  passes: (time: number) => boolean,
): Promise<number> {
  if (!passes(head.lastTime)) return head.count + 1;
  let low = 1;
  let high = head.count;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (passes((await read(middle)).time)) high = middle;
    else low = middle + 1;
  }
  return low;
}
