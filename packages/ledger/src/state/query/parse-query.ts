import { parseFieldPath, parseSelector } from "./parse-selector.ts";
import { queryInvalid } from "./query-invalid.ts";
import {
  type Bookmark,
  isJsonArray,
  isJsonObject,
  type Json,
  type SelectorQuery,
  type SortField,
} from "./selector-query.ts";

const QUERY_FIELDS = ["selector", "sort", "fields", "limit", "skip", "bookmark", "use_index"];

/**
 * Parses what a contract passes to `getQueryResult`: the JSON text of CouchDB's `_find`. `use_index` is checked and, being a hint, not
 * needed; every other member is carried out or refused. For `getQueryResultWithPagination` set `limit` and `bookmark` of the
 * answer ({@link parseBookmark}).
 * @throws ConcordatError QUERY_INVALID
 * @source https://docs.couchdb.org/en/stable/api/database/find.html
 */
export function parseSelectorQuery(text: string): SelectorQuery {
  const query = parseJson(text);
  if (!isJsonObject(query)) throw queryInvalid("it is not a JSON object");
  const unknown = Object.keys(query).find((name) => !QUERY_FIELDS.includes(name));
  if (unknown !== undefined) throw queryInvalid(`the member ${JSON.stringify(unknown.slice(0, 40))} is not supported`);
  checkIndexHint(query["use_index"]);
  return {
    selector: parseSelector(query["selector"]),
    sort: parseSort(query["sort"]),
    fields: parseFields(query["fields"]),
    limit: parseCount("limit", query["limit"]),
    skip: parseCount("skip", query["skip"]) ?? 0,
    bookmark: parseBookmarkMember(query["bookmark"]),
  };
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw queryInvalid("it is not JSON");
    throw error;
  }
}

function parseSort(value: Json | undefined): SortField[] {
  if (value === undefined) return [];
  if (!isJsonArray(value)) throw queryInvalid("sort is not an array");
  const sort = value.map(parseSortField);
  if (new Set(sort.map(({ direction }) => direction)).size > 1) throw queryInvalid("sort mixes directions");
  return sort;
}

function parseSortField(value: Json): SortField {
  if (typeof value === "string") return { path: parseFieldPath(value), direction: "asc" };
  const [entry, ...more] = isJsonObject(value) ? Object.entries(value) : [];
  if (entry === undefined || more.length > 0)
    throw queryInvalid("sort has an entry that is neither a name nor one pair");
  const [name, direction] = entry;
  if (direction !== "asc" && direction !== "desc") throw queryInvalid("sort has a direction other than asc and desc");
  return { path: parseFieldPath(name), direction };
}

function parseFields(value: Json | undefined): SelectorQuery["fields"] {
  if (value === undefined || (isJsonArray(value) && value.length === 0)) return undefined;
  if (!isJsonArray(value)) throw queryInvalid("fields is not an array");
  return value.map((name) => {
    if (typeof name !== "string") throw queryInvalid("fields has an entry that is no name");
    return parseFieldPath(name);
  });
}

function parseCount(name: string, value: Json | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw queryInvalid(`${name} is not a whole number from 0`);
  }
  return value;
}

function checkIndexHint(value: Json | undefined): void {
  const isName = (name: Json) => typeof name === "string";
  const isHint = isJsonArray(value) ? value.length >= 1 && value.length <= 2 && value.every(isName) : true;
  if (!isHint || (value !== undefined && !isJsonArray(value) && !isName(value))) {
    throw queryInvalid("use_index is neither a name nor a pair of names");
  }
}

function parseBookmarkMember(value: Json | undefined): Bookmark | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw queryInvalid("the bookmark is no text");
  return parseBookmark(value);
}

/** "" and CouchDB's "nil" mean the start. @throws ConcordatError QUERY_INVALID when it is none that {@link formatBookmark} made */
export function parseBookmark(text: string): Bookmark | undefined {
  if (text === "" || text === "nil") return undefined;
  const [key, sortValues, ...more] = bookmarkParts(text);
  if (typeof key !== "string" || !isJsonArray(sortValues) || more.length > 0) {
    throw queryInvalid("the bookmark is none of this ledger");
  }
  return { key, sortValues };
}

function bookmarkParts(text: string): readonly Json[] {
  try {
    const parts: Json = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return isJsonArray(parts) ? parts : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

export function formatBookmark(bookmark: Bookmark): string {
  return Buffer.from(JSON.stringify([bookmark.key, bookmark.sortValues])).toString("base64url");
}
