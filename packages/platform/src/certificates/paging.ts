import { PlatformError } from "../errors.ts";
import { platformLimits } from "../limits.ts";

export interface Page<Item> {
  readonly total: number;
  readonly items: readonly Item[];
}

const limitMax = platformLimits.listPageSizeMax;

/** @throws PlatformError PAGE_INVALID */
export function pageOf<Item>(
  items: readonly Item[],
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Page<Item> {
  const isPage =
    Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(limit) && limit >= 1 && limit <= limitMax;
  if (!isPage) throw new PlatformError("PAGE_INVALID", `An offset is at least 0, a limit 1 to ${limitMax}.`);
  return { total: items.length, items: items.slice(offset, offset + limit) };
}
