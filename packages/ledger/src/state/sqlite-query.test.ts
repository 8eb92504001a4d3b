import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToUtf8, isConcordatError, utf8ToBytes } from "@concordat/base";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { StateDatabase, StateRow } from "./ports.ts";
import { compareJson } from "./query/collation.ts";
import { documentOf } from "./query/documents.ts";
import { fieldAt, matchesSelector } from "./query/matches-selector.ts";
import { parseSelectorQuery } from "./query/parse-query.ts";
import type { Json, JsonObject } from "./query/selector-query.ts";
import { openSqliteStateDatabase } from "./sqlite-state-database.ts";
import { collect } from "./state-database.suite.ts";

let directory: string;
let state: StateDatabase;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "concordat-query-"));
  state = await openSqliteStateDatabase({ directory });
});
afterEach(async () => {
  await state.close();
  await rm(directory, { recursive: true, force: true });
});

async function write(values: Readonly<Record<string, string>>, namespace = "n"): Promise<void> {
  const version = { block: state.savepoint, index: 0 };
  const writes = Object.entries(values).map(([key, value]) => ({ namespace, key, value: utf8ToBytes(value), version }));
  await state.apply(state.savepoint + 1, writes);
}

async function run(query: JsonObject | string) {
  const parsed = parseSelectorQuery(typeof query === "string" ? query : JSON.stringify(query));
  return state.query === undefined ? [] : collect(state.query("n", parsed));
}

async function keys(query: JsonObject): Promise<string[]> {
  return (await run(query)).map(({ key }) => key);
}

test("sees JSON objects of its namespace only", async () => {
  await write({ a: '{"x":1}', b: "[1]", c: "1", d: "no JSON", e: ' { "x" : 1 } ', f: '{"x":2,"x":1}' });
  await write({ z: '{"x":1}' }, "other");
  expect(await keys({ selector: {} })).toEqual(["a", "e", "f"]);
  expect(await keys({ selector: { x: 1 } })).toEqual(["a", "e", "f"]);
});

test("answers the stored bytes, or the fields asked for", async () => {
  await write({ a: '{ "x":1, "y":{"z":[2],"w":3}, "v":null}' });
  const [whole] = await run({ selector: { x: 1 } });
  expect(bytesToUtf8(whole?.value ?? new Uint8Array())).toBe('{ "x":1, "y":{"z":[2],"w":3}, "v":null}');
  const [part] = await run({ selector: {}, fields: ["y.w", "v", "missing", "y.z"] });
  expect(bytesToUtf8(part?.value ?? new Uint8Array())).toBe('{"y":{"w":3,"z":[2]},"v":null}');
});

test("sorts, leaves out what lacks a sort field, skips and limits", async () => {
  await write({ a: '{"n":2}', b: '{"n":1}', c: '{"m":1}', d: '{"n":"1"}', e: '{"n":1}', f: '{"n":null}' });
  expect(await keys({ selector: {}, sort: ["n"] })).toEqual(["f", "b", "e", "a", "d"]);
  expect(await keys({ selector: {}, sort: [{ n: "desc" }] })).toEqual(["d", "a", "e", "b", "f"]);
  expect(await keys({ selector: {}, sort: ["n"], skip: 1, limit: 2, use_index: ["design", "name"] })).toEqual([
    "b",
    "e",
  ]);
  expect(await keys({ selector: {}, limit: 0 })).toEqual([]);
});

test("looks at the rows as they are at the call", async () => {
  await write({ a: '{"n":1}', b: '{"n":2}' });
  const rows = state.query?.("n", parseSelectorQuery('{"selector":{}}'));
  await write({ c: '{"n":3}' });
  expect(rows === undefined ? [] : await collect(rows)).toHaveLength(2);
});

const scalar = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    "",
    "a",
    "b",
    "aé",
    "\u{1f600}",
    "1",
    "\u0000",
    "a\ud800",
    0,
    1,
    2,
    -1,
    1.5,
    0.1,
    1e21,
    1e-7,
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.string({ maxLength: 3 }),
);
const fieldName = fc.constantFrom("a", "b", "c d", "0", "d.e", "é");
const { value: valueArbitrary } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 4, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(fieldName, tie("value"), { maxKeys: 3 }) },
  ),
}));
const documentArbitrary = fc.dictionary(fieldName, valueArbitrary, { maxKeys: 4 });

const pathName = fc.constantFrom("a", "b", "c d", "0", "d\\.e", "é", "a.b", "b.0", "a.a", "b.c d");
const { selector: selectorArbitrary } = fc.letrec<{ selector: Json; condition: Json }>((tie) => ({
  selector: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 4, arbitrary: fc.dictionary(pathName, tie("condition"), { minKeys: 1, maxKeys: 2 }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom("$and", "$or", "$nor"), fc.array(tie("selector"), { minLength: 1, maxLength: 3 }))
        .map(([name, parts]) => ({ [name]: parts })),
    },
    { weight: 1, arbitrary: tie("selector").map((part) => ({ $not: part })) },
  ),
  condition: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    valueArbitrary.filter((value) => typeof value !== "object" || value === null),
    fc
      .tuple(fc.constantFrom("$eq", "$ne", "$gt", "$gte", "$lt", "$lte"), valueArbitrary)
      .map(([name, value]) => ({ [name]: value })),
    fc
      .tuple(fc.constantFrom("$in", "$nin", "$all"), fc.array(valueArbitrary, { maxLength: 3 }))
      .map(([name, values]) => ({ [name]: values })),
    fc.boolean().map((expected) => ({ $exists: expected })),
    fc.constantFrom("null", "boolean", "number", "string", "array", "object").map((type) => ({ $type: type })),
    fc.nat({ max: 3 }).map((size) => ({ $size: size })),
    fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat({ max: 3 })).map((operands) => ({ $mod: operands })),
    fc.constantFrom("^a", "[b1]", "(?i)A").map((pattern) => ({ $regex: pattern })),
    tie("selector").map((part) => ({ $elemMatch: part })),
    tie("condition").map((part) => ({ $elemMatch: { $not: { $eq: part } } })),
    tie("condition")
      .filter(isObject)
      .map((part) => ({ $not: part })),
  ),
}));

function isObject(value: Json): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How one document is written down: as JavaScript does, or with spaces, or with a name twice. */
const writingArbitrary = fc.constantFrom<(document: Json) => string>(
  (document) => JSON.stringify(document),
  (document) => JSON.stringify(document, null, 1),
  (document) => JSON.stringify(document).replace("{", '{"a":{"b":1},"b":"a",').replace(",}", "}"),
);

const pagedQueryArbitrary = fc.record({
  selector: selectorArbitrary,
  sort: fc.constantFrom<Json>([], ["a"], [{ a: "desc" }], ["a.b", "b"]),
  skip: fc.nat({ max: 2 }),
});

test("answers what the matcher says, in whole and page by page", async () => {
  const documents = fc.array(fc.tuple(documentArbitrary, writingArbitrary), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      documents,
      fc.array(pagedQueryArbitrary, { minLength: 1, maxLength: 8 }),
      async (list, queries) => {
        const old = (await collect(state.dump())).map((row) => ({ ...row, value: undefined }));
        await state.apply(state.savepoint + 1, old);
        await write(Object.fromEntries(list.map(([document, writing], at) => [`k${at}`, writing(document)])));
        const rows = await collect(state.dump());
        for (const query of queries) {
          const expected = expectedKeys(rows, query);
          expect(await keys(query)).toEqual(expected);
          expect(await pagedKeys(query)).toEqual(expected);
        }
      },
    ),
    { numRuns: Number(process.env["QUERY_RUNS"] ?? 150) },
  );
});

/** Asks the matcher for each row, and nothing of what the store uses to be fast. */
function expectedKeys(rows: readonly StateRow[], query: JsonObject & { readonly skip: number }): string[] {
  const { selector, sort } = parseSelectorQuery(JSON.stringify(query));
  const found = rows.flatMap(({ key, value }) => {
    const document = documentOf(value)?.document;
    if (document === undefined || !matchesSelector(selector, document)) return [];
    const sortValues = sort.map(({ path }) => fieldAt(document, path)?.value);
    return sortValues.includes(undefined) ? [] : [{ key, sortValues: sortValues.map((value) => value ?? null) }];
  });
  const sign = sort[0]?.direction === "desc" ? -1 : 1;
  found.sort((a, b) => sign * (compareJson(a.sortValues, b.sortValues) || (a.key < b.key ? -1 : 1)));
  if (sort.length === 0) found.sort((a, b) => (a.key < b.key ? -1 : 1));
  return found.slice(query.skip).map(({ key }) => key);
}

async function pagedKeys(query: JsonObject): Promise<string[]> {
  const all: string[] = [];
  for (let bookmark = ""; ; ) {
    const page = await run({ ...query, limit: 2, bookmark });
    all.push(...page.map(({ key }) => key));
    const last = page.at(-1);
    if (last === undefined) return all;
    bookmark = last.bookmark;
  }
}

test("refuses what is no query with its code", () => {
  expect(() => parseSelectorQuery('{"selector":{"a":{"$foo":1}}}')).toThrow(
    expect.toSatisfy((error: unknown) => isConcordatError(error, "QUERY_INVALID")),
  );
});
