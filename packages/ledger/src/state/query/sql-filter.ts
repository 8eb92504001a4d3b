import {
  type Comparison,
  type Condition,
  type FieldPath,
  type Json,
  type JsonType,
  jsonTypeOf,
  type Selector,
} from "./selector-query.ts";

/** A boolean SQL expression over the column `json` (canonical JSON text) and its parameters in order. */
export interface SqlFilter {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

/**
 * What of a selector SQLite can decide by itself. The filter lets every matching document pass and may let others pass too:
 * the caller still asks the matcher, so that the answer is exact and only its speed depends on this translation.
 * Undefined: nothing can be said.
 */
export function sqlFilter(selector: Selector): SqlFilter | undefined {
  if (selector.kind === "field") return fieldFilter(selector.path, selector.condition);
  const parts = selector.parts.map(sqlFilter);
  const known = parts.filter((part) => part !== undefined);
  if (selector.kind === "or" && (known.length < parts.length || parts.length === 0)) return undefined;
  return known.length === 0 ? undefined : join(selector.kind, known);
}

function join(operator: "and" | "or", filters: readonly SqlFilter[]): SqlFilter {
  return {
    sql: `(${filters.map(({ sql }) => sql).join(` ${operator} `)})`,
    parameters: filters.flatMap(({ parameters }) => parameters),
  };
}

function fieldFilter(path: FieldPath, condition: Condition): SqlFilter | undefined {
  const sqlPath = toSqlPath(path);
  if (sqlPath === undefined) return undefined;
  switch (condition.kind) {
    case "compare":
      return compareFilter(sqlPath, condition.operator, condition.operand);
    case "in":
      return inFilter(sqlPath, condition.operands);
    case "exists":
      return condition.expected ? isOfType(sqlPath, undefined) : undefined;
    case "type":
      return isOfType(sqlPath, SQL_TYPES[condition.type]);
    case "size":
    case "all":
    case "elemMatch":
    case "allMatch":
      return isOfType(sqlPath, "'array'");
    case "mod":
      return isOfType(sqlPath, SQL_TYPES.number);
    case "regex":
      return isOfType(sqlPath, SQL_TYPES.string);
    default:
      return isOfType(sqlPath, undefined);
  }
}

/** SQLite's names for the types, as `json_type` gives them. */
const SQL_TYPES: Readonly<Record<JsonType, string>> = {
  null: "'null'",
  boolean: "'false', 'true'",
  number: "'integer', 'real'",
  string: "'text'",
  array: "'array'",
  object: "'object'",
};

const ASCENDING: readonly JsonType[] = ["null", "boolean", "number", "string", "array", "object"];

/** Plain names only: digits would also mean a place in an array, and SQLite's paths have no escapes. */
function toSqlPath(path: FieldPath): string | undefined {
  if (path.length === 0 || !path.every((name) => /^[A-Za-z_][A-Za-z0-9_ -]*$/.test(name))) return undefined;
  return `$${path.map((name) => `."${name}"`).join("")}`;
}

/** Undefined `types`: of any type, which says that the field exists. */
function isOfType(path: string, types: string | undefined): SqlFilter {
  const sql = types === undefined ? "json_type(json, ?) is not null" : `json_type(json, ?) in (${types})`;
  return { sql, parameters: [path] };
}

function inFilter(path: string, operands: readonly Json[]): SqlFilter {
  const equal = operands.map((operand) => compareFilter(path, "$eq", operand));
  return join("or", [isOfType(path, SQL_TYPES.array), ...equal]);
}

function compareFilter(path: string, operator: Comparison, operand: Json): SqlFilter {
  if (operator === "$ne") return isOfType(path, undefined);
  const type = jsonTypeOf(operand);
  const same = sameTypeFilter(path, operator, operand);
  if (operator === "$eq") return same;
  const place = ASCENDING.indexOf(type);
  const others = operator === "$lt" || operator === "$lte" ? ASCENDING.slice(0, place) : ASCENDING.slice(place + 1);
  if (others.length === 0) return same;
  return join("or", [isOfType(path, others.map((other) => SQL_TYPES[other]).join(", ")), same]);
}

function sameTypeFilter(path: string, operator: Comparison, operand: Json): SqlFilter {
  const ofType = isOfType(path, SQL_TYPES[jsonTypeOf(operand)]);
  const bounds = typeof operand === "number" ? numberBounds(operand) : textBounds(operand);
  if (bounds === undefined) return ofType;
  const value = (comparator: string, bound: string | number): SqlFilter => ({
    sql: `json_extract(json, ?) ${comparator} ?`,
    parameters: [path, bound],
  });
  const checks = [ofType];
  if (operator === "$eq" || operator.startsWith("$gt")) checks.push(value(">=", bounds.low));
  if (operator === "$eq" || operator.startsWith("$lt")) checks.push(value("<=", bounds.high));
  return join("and", checks);
}

interface Bounds {
  readonly low: string | number;
  readonly high: string | number;
}

/** SQLite may read the last digit of a fraction otherwise than JavaScript does: a margin keeps such rows in. */
function numberBounds(value: number): Bounds {
  if (Number.isSafeInteger(value)) return { low: value, high: value };
  const margin = Math.abs(value) * 1e-12;
  return { low: value - margin, high: value + margin };
}

/** Text that UTF-8 or a C string could change is not handed over. */
function textBounds(value: Json): Bounds | undefined {
  if (typeof value !== "string" || !value.isWellFormed() || value.includes("\0")) return undefined;
  return { low: value, high: value };
}
