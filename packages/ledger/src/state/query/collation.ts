import { isJsonArray, isJsonObject, type Json, type JsonObject, jsonTypeOf } from "./selector-query.ts";

const RANK = { null: 0, boolean: 1, number: 2, string: 3, array: 4, object: 5 } as const;

/**
 * CouchDB's order of JSON values: null, false, true, numbers, strings, arrays (element by element, the shorter first), objects
 * (field by field, the shorter first).
 *
 * Two departures, both so that a query gives the same rows on every machine and for every writing of the same document:
 * strings stand by code point, where CouchDB asks the ICU library that it was built with; an object's fields are taken in order of their names, where CouchDB takes them as written.
 * @source https://docs.couchdb.org/en/stable/ddocs/views/collation.html
 */
export function compareJson(a: Json, b: Json): number {
  const rank = RANK[jsonTypeOf(a)] - RANK[jsonTypeOf(b)];
  if (rank !== 0) return rank;
  if (typeof a === "string" && typeof b === "string") return compareCodePoints(a, b);
  if (isJsonArray(a) && isJsonArray(b)) return compareLists(a, b);
  if (isJsonObject(a) && isJsonObject(b)) return compareLists(sortedFields(a), sortedFields(b));
  return Number(a) - Number(b);
}

/** The order of UTF-8 bytes; plain `<` differs above U+FFFF. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    // Where one string has half of a pair, its code point decides; a shared first half means that only the second differs.
    const isPairInside = at > 0 && isLeading(a.charCodeAt(at - 1));
    const start = isPairInside ? at - 1 : at;
    return (a.codePointAt(start) ?? left) - (b.codePointAt(start) ?? right);
  }
  return a.length - b.length;
}

function isLeading(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function compareLists(a: readonly Json[], b: readonly Json[]): number {
  for (const [at, left] of a.entries()) {
    const right = b[at];
    if (right === undefined) return 1;
    const order = compareJson(left, right);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function sortedFields(value: JsonObject): Json[] {
  return Object.keys(value)
    .sort(compareCodePoints)
    .flatMap((name) => [name, value[name] ?? null]);
}
