/** A JSON value, as parsed. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [field: string]: Json;
}

/** Field names from the outside in; a name of digits only also picks an element of an array. Empty: the value itself. */
export type FieldPath = readonly string[];

export interface SortField {
  readonly path: FieldPath;
  readonly direction: "asc" | "desc";
}

/** A parsed query; made by {@link parseSelectorQuery} only, so that what runs is known to be well-formed. */
export interface SelectorQuery {
  readonly selector: Selector;
  /** All of one direction. Empty: by key. Documents that lack a sort field are left out; equal ones stand by key, in the same direction. */
  readonly sort: readonly SortField[];
  /** What to keep in the answered documents; undefined: the stored value as it is. */
  readonly fields: readonly FieldPath[] | undefined;
  /** Undefined: no limit. */
  readonly limit: number | undefined;
  /** Rows to leave out before the first one answered; not counted again behind a bookmark. */
  readonly skip: number;
  /** Where the page before ended; undefined: from the start. */
  readonly bookmark: Bookmark | undefined;
}

export interface Bookmark {
  readonly key: string;
  /** Values of the sort fields of the last row answered. */
  readonly sortValues: readonly Json[];
}

/**
 * The syntax tree of a selector, normalized as CouchDB does: field names and negations are pushed down to the
 * conditions. So a condition on a field that a document lacks is false, negated or not; only "does not exist" is true.
 */
export type Selector =
  | { readonly kind: "and" | "or"; readonly parts: readonly Selector[] }
  | { readonly kind: "field"; readonly path: FieldPath; readonly condition: Condition };

export type Comparison = "$eq" | "$ne" | "$gt" | "$gte" | "$lt" | "$lte";

export type Condition =
  | { readonly kind: "compare"; readonly operator: Comparison; readonly operand: Json }
  | { readonly kind: "in" | "nin" | "all"; readonly operands: readonly Json[] }
  | { readonly kind: "exists"; readonly expected: boolean }
  | { readonly kind: "type"; readonly type: JsonType }
  | { readonly kind: "size"; readonly size: number }
  | { readonly kind: "mod"; readonly divisor: number; readonly remainder: number }
  | { readonly kind: "regex"; readonly pattern: RegExp }
  | { readonly kind: "elemMatch" | "allMatch"; readonly selector: Selector }
  | { readonly kind: "not"; readonly condition: Condition };

export const JSON_TYPES = ["null", "boolean", "number", "string", "array", "object"] as const;

export type JsonType = (typeof JSON_TYPES)[number];

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isJsonArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function jsonTypeOf(value: Json): JsonType {
  if (value === null) return "null";
  if (isJsonArray(value)) return "array";
  const type = typeof value;
  return type === "boolean" || type === "number" || type === "string" ? type : "object";
}
