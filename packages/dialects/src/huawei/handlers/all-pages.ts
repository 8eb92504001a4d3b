import type { Page, PageQuery } from "@concordat/platform";
import { platformLimits } from "@concordat/platform/limits";

/** Everything that a paged list holds: IAM's lists have no pages unless they are asked for. */
export async function allPages<Item>(list: (query: PageQuery) => Promise<Page<Item>>): Promise<readonly Item[]> {
  const pageSize = platformLimits.listPageSizeMax;
  const all: Item[] = [];
  for (let page = 1; ; page += 1) {
    const { total, items } = await list({ page, pageSize });
    all.push(...items);
    if (items.length === 0 || all.length >= total) return all;
  }
}
