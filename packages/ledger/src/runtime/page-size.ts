import { LedgerError } from "../errors.ts";

const PAGE_SIZE_MAX = 10_000;

/** @throws LedgerError QUERY_INVALID */
export function checkedPageSize(pageSize: number): number {
  if (Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= PAGE_SIZE_MAX) return pageSize;
  throw new LedgerError("QUERY_INVALID", `A page has 1 to ${PAGE_SIZE_MAX} rows.`);
}
