import { compareJson } from "./collation.ts";
import {
  type Comparison,
  type Condition,
  type FieldPath,
  isJsonArray,
  isJsonObject,
  type Json,
  jsonTypeOf,
  type Selector,
} from "./selector-query.ts";

/**
 * Whether a value matches, by CouchDB's rules. Pure: what a store's own query language answers is held against this.
 * @source https://docs.couchdb.org/en/stable/api/database/find.html#selector-syntax
 */
export function matchesSelector(selector: Selector, value: Json): boolean {
  switch (selector.kind) {
    case "and":
      return selector.parts.every((part) => matchesSelector(part, value));
    case "or":
      return selector.parts.some((part) => matchesSelector(part, value));
    case "field": {
      const found = fieldAt(value, selector.path);
      if (found !== undefined) return matchesCondition(selector.condition, found.value);
      const { condition } = selector;
      return condition.kind === "exists" && !condition.expected && isReachable(value, selector.path);
    }
  }
}

/** The value at a path, or undefined when there is none. */
export function fieldAt(value: Json, path: FieldPath): { readonly value: Json } | undefined {
  let at = value;
  for (const name of path) {
    const next = child(at, name);
    if (next === undefined) return undefined;
    at = next;
  }
  return { value: at };
}

/** False when the path leads through a value that can have no such part: CouchDB then does not even say that the field is absent. */
function isReachable(value: Json, path: FieldPath): boolean {
  let at = value;
  for (const name of path) {
    const next = child(at, name);
    if (next === undefined) return isJsonObject(at);
    at = next;
  }
  return true;
}

function child(value: Json, name: string): Json | undefined {
  if (isJsonObject(value)) return Object.hasOwn(value, name) ? value[name] : undefined;
  if (isJsonArray(value) && /^[0-9]+$/.test(name)) return value[Number(name)];
  return undefined;
}

function matchesCondition(condition: Condition, value: Json): boolean {
  switch (condition.kind) {
    case "compare":
      return holds(condition.operator, compareJson(value, condition.operand));
    case "in":
      return isAnyIn(value, condition.operands);
    case "nin":
      return !isAnyIn(value, condition.operands);
    case "all":
      return hasAll(value, condition.operands);
    case "exists":
      return condition.expected;
    case "type":
      return jsonTypeOf(value) === condition.type;
    case "size":
      return isJsonArray(value) && value.length === condition.size;
    case "mod":
      return isInteger(value) && value % condition.divisor === condition.remainder;
    case "regex":
      return typeof value === "string" && condition.pattern.test(value);
    case "elemMatch":
      return isJsonArray(value) && value.some((element) => matchesSelector(condition.selector, element));
    case "allMatch":
      return isJsonArray(value) && value.length > 0 && value.every((part) => matchesSelector(condition.selector, part));
    case "not":
      return !matchesCondition(condition.condition, value);
  }
}

function holds(operator: Comparison, order: number): boolean {
  switch (operator) {
    case "$eq":
      return order === 0;
    case "$ne":
      return order !== 0;
    case "$gt":
      return order > 0;
    case "$gte":
      return order >= 0;
    case "$lt":
      return order < 0;
    case "$lte":
      return order <= 0;
  }
}

/** For an array, one of its elements has to be among the operands. */
function isAnyIn(value: Json, operands: readonly Json[]): boolean {
  const candidates = isJsonArray(value) ? value : [value];
  return candidates.some((candidate) => isMember(candidate, operands));
}

function hasAll(value: Json, operands: readonly Json[]): boolean {
  if (!isJsonArray(value)) return false;
  if (operands.every((operand) => isMember(operand, value))) return true;
  const [only] = operands;
  return operands.length === 1 && isJsonArray(only) && compareJson(only, value) === 0;
}

function isMember(value: Json, values: readonly Json[]): boolean {
  return values.some((other) => compareJson(value, other) === 0);
}

function isInteger(value: Json): value is number {
  return typeof value === "number" && Number.isInteger(value);
}
