import { InvariantError } from "@concordat/base";
import { openToRead, readAccountOf } from "./account-lists.ts";
import type { HistoryRecordJson } from "./answers.ts";
import type { Arguments } from "./arguments.ts";
import type { Call } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import { tokenLimits } from "./limits.ts";
import { refuseMember } from "./refusals.ts";
import { readHistoryRecord, type StoredAccount } from "./rows.ts";

interface Filters {
  readonly pageSize: number;
  /** Records of the window that come before the page. */
  readonly start: number;
  readonly fromMs: number;
  readonly toMs: number;
}

const everything: Filters = {
  pageSize: tokenLimits.historyMax,
  start: 0,
  fromMs: Number.NEGATIVE_INFINITY,
  toMs: Number.POSITIVE_INFINITY,
};

/** Newest first. */
export const getAccountTransactionHistory = tokenFunction(
  "getAccountTransactionHistory",
  readAccountOf,
  async (call, given): Promise<readonly HistoryRecordJson[]> => {
    const { account } = await openToRead(call, given);
    return readWindow(call, account, everything);
  },
);

/** The same within a window of time, both ends in it, by pages. Without filters it is all. */
export const getAccountTransactionHistoryWithFilters = tokenFunction(
  "getAccountTransactionHistoryWithFilters",
  (members) => ({ ...readAccountOf(members), filters: readFilters(members) }),
  async (call, given): Promise<readonly HistoryRecordJson[]> => {
    const { account } = await openToRead(call, given);
    return readWindow(call, account, given.filters);
  },
);

function readFilters(members: Arguments): Filters {
  if (!members.has("filters")) return everything;
  const filters = members.object("filters");
  const names = ["pageSize", "bookmark", "startTime", "endTime"];
  if (!names.some((name) => filters.has(name))) return everything;
  const { default: usual, maximum } = tokenLimits.historyPage;
  const pageSize = filters.has("pageSize") ? filters.whole("pageSize", 0, maximum) : 0;
  return {
    pageSize: pageSize === 0 ? usual : pageSize,
    start: filters.has("bookmark") ? parseStart(filters.text("bookmark")) : 0,
    fromMs: filters.has("startTime") ? filters.timeMs("startTime") : everything.fromMs,
    toMs: filters.has("endTime") ? filters.timeMs("endTime") : everything.toMs,
  };
}

function parseStart(bookmark: string): number {
  if (bookmark === "") return 0;
  if (!/^(0|[1-9][0-9]{0,11})$/.test(bookmark)) refuseMember("filters.bookmark", "is no index of a record in text");
  return Number(bookmark);
}

async function readWindow(
  call: Call,
  account: StoredAccount,
  { pageSize, start, fromMs, toMs }: Filters,
): Promise<readonly HistoryRecordJson[]> {
  const end = Number.isFinite(toMs)
    ? await countBefore(call, account, (timeMs) => timeMs <= toMs)
    : account.historyRecords;
  const begin = Number.isFinite(fromMs) ? await countBefore(call, account, (timeMs) => timeMs < fromMs) : 0;
  const records: HistoryRecordJson[] = [];
  for (let number = end - 1 - start; number >= begin && records.length < pageSize; number--) {
    records.push(await requireRecord(call, account, number));
  }
  return records;
}

/** How many of the account's records, which are by time, come before the first that is not early. */
async function countBefore(call: Call, account: StoredAccount, isEarly: (timeMs: number) => boolean): Promise<number> {
  let [low, high] = [0, account.historyRecords];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { timestamp } = await requireRecord(call, account, middle);
    if (isEarly(Date.parse(timestamp))) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function requireRecord({ unit }: Call, { accountId }: StoredAccount, number: number): Promise<HistoryRecordJson> {
  const record = await readHistoryRecord(unit, accountId, number);
  if (record === undefined) throw new InvariantError("An account has all records that it counts.");
  return record;
}
