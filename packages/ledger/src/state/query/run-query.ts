import { InvariantError, utf8ToBytes } from "@concordat/base";
import type { QueryRow, StateRow } from "../ports.ts";
import { compareCodePoints, compareJson } from "./collation.ts";
import { documentOf } from "./documents.ts";
import { fieldAt, matchesSelector } from "./matches-selector.ts";
import { formatBookmark } from "./parse-query.ts";
import type { FieldPath, Json, JsonObject, SelectorQuery } from "./selector-query.ts";

export interface Candidate {
  readonly row: StateRow;
  readonly document: JsonObject;
}

interface Ranked extends Candidate {
  readonly sortValues: readonly Json[];
}

/**
 * The rows that a query answers, out of candidates in ascending order of key that may hold others too. Without `sort` it
 * takes no more candidates than it needs; with it, all of them are held in memory.
 */
export function* runQuery(query: SelectorQuery, candidates: Iterable<Candidate>): Generator<QueryRow> {
  const matching = rank(query, candidates);
  const ordered = query.sort.length === 0 ? matching : [...matching].sort((a, b) => compareRanked(query, a, b));
  let skip = query.bookmark === undefined ? query.skip : 0;
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  if (left <= 0) return;
  for (const ranked of ordered) {
    if (query.bookmark !== undefined && compareWithBookmark(query, ranked) <= 0) continue;
    if (skip > 0) {
      skip--;
      continue;
    }
    yield answer(query, ranked);
    if (--left <= 0) return;
  }
}

function* rank(query: SelectorQuery, candidates: Iterable<Candidate>): Generator<Ranked> {
  for (const candidate of candidates) {
    if (!matchesSelector(query.selector, candidate.document)) continue;
    const found = query.sort.map(({ path }) => fieldAt(candidate.document, path));
    const sortValues = found.flatMap((field) => (field === undefined ? [] : [field.value]));
    if (sortValues.length === found.length) yield { ...candidate, sortValues };
  }
}

type Position = { readonly key: string; readonly sortValues: readonly Json[] };

function compareRanked(query: SelectorQuery, a: Ranked, b: Ranked): number {
  return comparePositions(query, { ...a, key: a.row.key }, { ...b, key: b.row.key });
}

function compareWithBookmark(query: SelectorQuery, ranked: Ranked): number {
  if (query.bookmark === undefined) throw new InvariantError("There is no bookmark.");
  return comparePositions(query, { ...ranked, key: ranked.row.key }, query.bookmark);
}

function comparePositions(query: SelectorQuery, a: Position, b: Position): number {
  const order = compareJson(a.sortValues, b.sortValues) || compareCodePoints(a.key, b.key);
  return query.sort[0]?.direction === "desc" ? -order : order;
}

function answer(query: SelectorQuery, { row, document, sortValues }: Ranked): QueryRow {
  const bookmark = formatBookmark({ key: row.key, sortValues });
  if (query.fields === undefined) return { ...row, bookmark };
  return { ...row, value: utf8ToBytes(JSON.stringify(project(document, query.fields))), bookmark };
}

/** Only the named fields, each at its place; fields that the document lacks are left out. */
function project(document: JsonObject, fields: readonly FieldPath[]): Json {
  const projected: MutableObject = Object.create(null);
  for (const path of fields) {
    const found = fieldAt(document, path);
    if (found !== undefined) place(projected, path, found.value);
  }
  return projected;
}

type MutableObject = { [field: string]: Json | MutableObject };

function place(target: MutableObject, path: FieldPath, value: Json): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const present = target[name];
  const inner: MutableObject = isMutable(present) ? { ...present } : Object.create(null);
  target[name] = inner;
  place(inner, rest, value);
}

function isMutable(value: Json | MutableObject | undefined): value is MutableObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A state row as a candidate, or undefined when its value is no document. */
export function candidateOf(row: StateRow): Candidate | undefined {
  const stored = documentOf(row.value);
  return stored === undefined ? undefined : { row, document: stored.document };
}
