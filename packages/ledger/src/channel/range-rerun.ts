import type { RangeQuery, ReadItem } from "../endorsement/ports.ts";
import type { StateRow } from "../state/ports.ts";

/** The least key above a key. */
const successor = (key: string) => `${key}\0`;

/**
 * Whether a range query gives now what it gave when it was simulated: the same keys with the same versions, no more and no fewer. One that was not
 * read to its end is repeated up to the last key that it read.
 * @source fabric core/ledger/kvledger/txmgmt/validation/rangequery_validator.go
 */
export async function givesTheSame(
  query: RangeQuery,
  range: (start: string, end: string) => AsyncIterable<StateRow>,
): Promise<boolean> {
  // Not even its first row was asked for: there is nothing that it could give.
  if (!query.exhausted && query.end === "") return query.reads.length === 0;
  let next = 0;
  for await (const row of range(query.start, query.exhausted ? query.end : successor(query.end))) {
    const read = query.reads[next];
    next += 1;
    if (read?.key !== row.key || !isSameVersion(read.version, row.version)) return false;
  }
  return next === query.reads.length;
}

export function isSameVersion(read: ReadItem["version"], found: ReadItem["version"]): boolean {
  return read?.block === found?.block && read?.index === found?.index;
}
