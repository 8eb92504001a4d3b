import { queryInvalid } from "./query-invalid.ts";
import {
  type Comparison,
  type Condition,
  type FieldPath,
  isJsonArray,
  isJsonObject,
  JSON_TYPES,
  type Json,
  type JsonType,
  type Selector,
} from "./selector-query.ts";

/** Deeper selectors are refused, so that a query cannot exhaust the stack. */
const DEPTH_MAX = 64;
const REGEX_CHARACTERS_MAX = 1000;
const NEGATED: Readonly<Record<Comparison, Comparison>> = {
  $eq: "$ne",
  $ne: "$eq",
  $gt: "$lte",
  $lte: "$gt",
  $lt: "$gte",
  $gte: "$lt",
};

interface Place {
  readonly path: FieldPath;
  readonly negated: boolean;
  /** Inside $elemMatch and $allMatch a condition may be about the element itself. */
  readonly isElement: boolean;
  readonly depth: number;
}

/** @throws ConcordatError QUERY_INVALID */
export function parseSelector(value: Json | undefined): Selector {
  if (!isJsonObject(value)) throw queryInvalid("the selector is not an object");
  if (Object.keys(value).length === 0) return { kind: "and", parts: [] };
  return parseAt(value, { path: [], negated: false, isElement: false, depth: 0 });
}

function parseAt(value: Json, place: Place): Selector {
  if (place.depth > DEPTH_MAX) throw queryInvalid(`the selector is nested deeper than ${DEPTH_MAX}`);
  if (!isJsonObject(value) || Object.keys(value).length === 0) {
    return fieldTest(place, comparison("$eq", value, place.negated));
  }
  const parts = Object.entries(value).map(([name, operand]) => parseEntry(name, operand, place));
  return combine("and", parts, place.negated);
}

function parseEntry(name: string, operand: Json, place: Place): Selector {
  const below = { ...place, depth: place.depth + 1 };
  if (!name.startsWith("$")) return parseAt(operand, { ...below, path: [...place.path, ...parseFieldPath(name)] });
  switch (name) {
    case "$and":
      return combine("and", parseAll(name, operand, below), place.negated);
    case "$or":
      return combine("or", parseAll(name, operand, below), place.negated);
    case "$nor": {
      const negated = !place.negated;
      return combine("or", parseAll(name, operand, { ...below, negated }), negated);
    }
    case "$not":
      if (!isJsonObject(operand)) throw badOperand(name);
      return parseAt(operand, { ...below, negated: !place.negated });
    default:
      return fieldTest(place, parseCondition(name, operand, below));
  }
}

function parseAll(name: string, operand: Json, place: Place): Selector[] {
  if (!isJsonArray(operand)) throw badOperand(name);
  return operand.map((part) => parseAt(part, place));
}

/** The parts are negated already; by De Morgan a negated "and" of them is an "or". */
function combine(kind: "and" | "or", parts: readonly Selector[], negated: boolean): Selector {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  if (!negated) return { kind, parts };
  return { kind: kind === "and" ? "or" : "and", parts };
}

function fieldTest(place: Place, condition: Condition): Selector {
  if (place.path.length === 0 && !place.isElement) throw queryInvalid("a condition lacks its field name");
  return { kind: "field", path: place.path, condition };
}

function parseCondition(name: string, operand: Json, place: Place): Condition {
  const { negated } = place;
  switch (name) {
    case "$eq":
    case "$ne":
    case "$gt":
    case "$gte":
    case "$lt":
    case "$lte":
      return comparison(name, operand, negated);
    case "$in":
      return { kind: negated ? "nin" : "in", operands: arrayOperand(name, operand) };
    case "$nin":
      return { kind: negated ? "in" : "nin", operands: arrayOperand(name, operand) };
    case "$exists":
      if (typeof operand !== "boolean") throw badOperand(name);
      return { kind: "exists", expected: operand !== negated };
    default: {
      const condition = parseTerminal(name, operand, place);
      return negated ? { kind: "not", condition } : condition;
    }
  }
}

/** Conditions that have no opposite of their own. */
function parseTerminal(name: string, operand: Json, place: Place): Condition {
  switch (name) {
    case "$all":
      return { kind: "all", operands: arrayOperand(name, operand) };
    case "$type":
      if (!isJsonType(operand)) throw badOperand(name);
      return { kind: "type", type: operand };
    case "$size":
      if (!isCount(operand)) throw badOperand(name);
      return { kind: "size", size: operand };
    case "$mod":
      return parseMod(operand);
    case "$regex":
      return parseRegex(operand);
    case "$elemMatch":
    case "$allMatch": {
      if (!isJsonObject(operand)) throw badOperand(name);
      const selector = parseAt(operand, { path: [], negated: false, isElement: true, depth: place.depth });
      return { kind: name === "$elemMatch" ? "elemMatch" : "allMatch", selector };
    }
    default:
      throw queryInvalid(`the operator ${JSON.stringify(name.slice(0, 40))} is unknown`);
  }
}

function comparison(operator: Comparison, operand: Json, negated: boolean): Condition {
  return { kind: "compare", operator: negated ? NEGATED[operator] : operator, operand };
}

function parseMod(operand: Json): Condition {
  const [divisor, remainder, ...more] = arrayOperand("$mod", operand);
  if (!isInteger(divisor) || divisor === 0 || !isInteger(remainder) || more.length > 0) throw badOperand("$mod");
  return { kind: "mod", divisor, remainder };
}

/** JavaScript's syntax with Unicode rules, and PCRE's flags in front, as in `(?i)text`. */
function parseRegex(operand: Json): Condition {
  if (typeof operand !== "string" || operand.length > REGEX_CHARACTERS_MAX) throw badOperand("$regex");
  const [prefix = "", flags = ""] = /^\(\?([ims]+)\)/.exec(operand) ?? [];
  try {
    return { kind: "regex", pattern: new RegExp(operand.slice(prefix.length), `${[...new Set(flags)].join("")}u`) };
  } catch (error) {
    if (error instanceof SyntaxError) throw badOperand("$regex");
    throw error;
  }
}

/** Names parted by dots; `\.` is a dot of the name itself. @throws ConcordatError QUERY_INVALID for an empty name */
export function parseFieldPath(text: string): FieldPath {
  const names = (text.match(/(?:\\.|[^.\\]|\\$)+|\./gs) ?? []).filter((part) => part !== ".");
  if (names.length === 0 || names.length !== dotCount(text) + 1) {
    throw queryInvalid(`the field name ${JSON.stringify(text.slice(0, 80))} has an empty part`);
  }
  return names.map((name) => name.replaceAll("\\.", "."));
}

function dotCount(text: string): number {
  return (text.replaceAll(/\\./gs, "").match(/\./g) ?? []).length;
}

function arrayOperand(name: string, operand: Json): readonly Json[] {
  if (!isJsonArray(operand)) throw badOperand(name);
  return operand;
}

function isInteger(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

function isCount(value: Json): value is number {
  return isInteger(value) && value >= 0;
}

function isJsonType(value: Json): value is JsonType {
  return JSON_TYPES.some((type) => type === value);
}

function badOperand(operator: string) {
  return queryInvalid(`${operator} has an operand that it does not take`);
}
