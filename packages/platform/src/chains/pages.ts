import { PlatformError } from "../errors.ts";
import { platformLimits } from "../limits.ts";

/** Beyond any list; contracts read numbers of at most 15 digits. */
const PAGE_MAX = 999_999_999_999_999;

/**
 * A page of what belongs to a chain: pages count from 1, with 1 to platformLimits.chainPageSizeMax rows.
 * @throws PlatformError PAGE_INVALID
 */
export function requireChainPage({ page, pageSize }: { readonly page: number; readonly pageSize: number }): void {
  const isPage = Number.isSafeInteger(page) && page >= 1 && page <= PAGE_MAX;
  if (!isPage || !Number.isSafeInteger(pageSize) || pageSize < 1 || pageSize > platformLimits.chainPageSizeMax) {
    throw new PlatformError("PAGE_INVALID");
  }
}
