import { isConcordatError } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareCodePoints, compareJson } from "./collation.ts";
import { matchesSelector } from "./matches-selector.ts";
import { parseSelectorQuery } from "./parse-query.ts";
import { parseFieldPath } from "./parse-selector.ts";
import type { Json } from "./selector-query.ts";

function matches(selector: Json, document: Json): boolean {
  return matchesSelector(parseSelectorQuery(JSON.stringify({ selector })).selector, document);
}

const car = {
  owner: "tom",
  size: 5,
  color: null,
  electric: false,
  tags: ["red", "fast", 3],
  engine: { power: 90, "fuel.type": "gas" },
  parts: [
    { name: "door", count: 4 },
    { name: "wheel", count: 5 },
  ],
};

test.each<[string, Json, boolean]>([
  ["everything", {}, true],
  ["an implicit $eq", { owner: "tom" }, true],
  ["an implicit $eq of another value", { owner: "Tom" }, false],
  ["several fields, all of which have to match", { owner: "tom", size: 6 }, false],
  ["a nested field by dot", { "engine.power": 90 }, true],
  ["a nested field by object", { engine: { power: { $gt: 80 } } }, true],
  ["a name with a dot", { "engine.fuel\\.type": "gas" }, true],
  ["a place in an array", { "parts.1.name": "wheel" }, true],
  ["two bounds", { size: { $gt: 4, $lte: 5 } }, true],
  ["$ne of a missing field", { weight: { $ne: 1 } }, false],
  ["$not around a missing field", { $not: { weight: 1 } }, false],
  ["$not under a field", { size: { $not: { $eq: 6 } } }, true],
  ["$not of two conditions", { $not: { owner: "tom", size: 6 } }, true],
  ["null by $eq", { color: null }, true],
  ["null below numbers", { color: { $lt: 0 } }, true],
  ["false below true", { electric: { $lt: true } }, true],
  ["text above numbers", { owner: { $gt: 1e300 } }, true],
  ["objects above arrays", { engine: { $gt: [] } }, true],
  ["$in", { size: { $in: [1, 5] } }, true],
  ["$in with an element of an array", { tags: { $in: ["fast"] } }, true],
  ["$nin", { size: { $nin: [1, 5] } }, false],
  ["$nin of a missing field", { weight: { $nin: [1] } }, false],
  ["$exists", { color: { $exists: true } }, true],
  ["$exists of a missing field", { weight: { $exists: false } }, true],
  ["$exists below a value without fields", { "owner.name": { $exists: false } }, false],
  ["$not $exists", { weight: { $not: { $exists: true } } }, true],
  ["$type", { tags: { $type: "array" } }, true],
  ["$type of null", { color: { $type: "object" } }, false],
  ["$size", { tags: { $size: 3 } }, true],
  ["$size of text", { owner: { $size: 3 } }, false],
  ["$all", { tags: { $all: [3, "red"] } }, true],
  ["$all with a missing one", { tags: { $all: [3, "blue"] } }, false],
  ["$elemMatch of objects", { parts: { $elemMatch: { name: "door", count: { $lt: 5 } } } }, true],
  ["$elemMatch, not by two elements", { parts: { $elemMatch: { name: "door", count: 5 } } }, false],
  ["$elemMatch of values", { tags: { $elemMatch: { $eq: 3 } } }, true],
  ["$allMatch", { parts: { $allMatch: { count: { $gt: 3 } } } }, true],
  ["$not $elemMatch", { parts: { $not: { $elemMatch: { name: "roof" } } } }, true],
  ["$mod", { size: { $mod: [3, 2] } }, true],
  ["$mod of text", { owner: { $mod: [3, 2] } }, false],
  ["$regex", { owner: { $regex: "^t.m$" } }, true],
  ["$regex with a flag", { owner: { $regex: "(?i)TOM" } }, true],
  ["$and", { $and: [{ owner: "tom" }, { size: 5 }] }, true],
  ["$or", { $or: [{ owner: "ann" }, { size: 5 }] }, true],
  ["$or without parts", { $or: [] }, false],
  ["$or under a field", { size: { $or: [{ $lt: 1 }, { $eq: 5 }] } }, true],
  ["$nor", { $nor: [{ owner: "ann" }, { size: 5 }] }, false],
  ["$nor, none of which holds", { $nor: [{ owner: "ann" }, { size: 6 }] }, true],
  ["$not $nor", { $not: { $nor: [{ owner: "ann" }, { size: 5 }] } }, true],
  ["a whole object in any order of fields", { engine: { $eq: { "fuel.type": "gas", power: 90 } } }, true],
])("matches %s", (_, selector, expected) => {
  expect(matches(selector, car)).toBe(expected);
});

test.each<[string, string]>([
  ["no JSON", "{"],
  ["no object", "[]"],
  ["no selector", "{}"],
  ["a selector that is an array", '{"selector":[]}'],
  ["an unknown operator", '{"selector":{"a":{"$near":1}}}'],
  ["an unknown operator at the top", '{"selector":{"$where":"1"}}'],
  ["a condition without a field", '{"selector":{"$gt":1}}'],
  ["a value among the parts of $and", '{"selector":{"$and":[1]}}'],
  ["$and of an object", '{"selector":{"$and":{"a":1}}}'],
  ["$not of a value", '{"selector":{"a":{"$not":1}}}'],
  ["$in of a value", '{"selector":{"a":{"$in":1}}}'],
  ["$exists of a number", '{"selector":{"a":{"$exists":1}}}'],
  ["$type of no type", '{"selector":{"a":{"$type":"date"}}}'],
  ["a negative $size", '{"selector":{"a":{"$size":-1}}}'],
  ["$mod by zero", '{"selector":{"a":{"$mod":[0,1]}}}'],
  ["$mod of three", '{"selector":{"a":{"$mod":[2,1,1]}}}'],
  ["a $regex that is none", '{"selector":{"a":{"$regex":"("}}}'],
  ["an empty field name", '{"selector":{"":1}}'],
  ["an empty part of a field name", '{"selector":{"a..b":1}}'],
  ["a deep selector", `{"selector":${'{"$not":'.repeat(70)}{"a":1}${"}".repeat(70)}}`],
  ["an unknown member", '{"selector":{},"conflicts":true}'],
  ["a negative limit", '{"selector":{},"limit":-1}'],
  ["a skip with a fraction", '{"selector":{},"skip":1.5}'],
  ["mixed directions", '{"selector":{},"sort":[{"a":"asc"},{"b":"desc"}]}'],
  ["a direction that is none", '{"selector":{},"sort":[{"a":"up"}]}'],
  ["fields that are no names", '{"selector":{},"fields":[1]}'],
  ["a number as index", '{"selector":{},"use_index":1}'],
  ["a foreign bookmark", '{"selector":{},"bookmark":"g2wAAAABaANkAA"}'],
])("refuses %s", (_, query) => {
  let error: unknown;
  try {
    parseSelectorQuery(query);
  } catch (thrown) {
    error = thrown;
  }
  expect(isConcordatError(error, "QUERY_INVALID")).toBe(true);
});

test("parts field names at dots that are not escaped", () => {
  expect(parseFieldPath("a.b\\.c.d")).toEqual(["a", "b.c", "d"]);
  expect(parseFieldPath("a\\b")).toEqual(["a\\b"]);
});

describe("the order of values", () => {
  test("is CouchDB's across types", () => {
    const ascending: Json[] = [
      null,
      false,
      true,
      -1,
      0,
      1.5,
      2,
      "",
      "A",
      "a",
      "aa",
      "b",
      [],
      [null],
      [1],
      [1, 0],
      ["a"],
      [[]],
      {},
      { a: 1 },
      { a: 2 },
      { a: 2, b: 1 },
      { b: 1 },
    ];
    expect(ascending.toReversed().sort(compareJson)).toEqual(ascending);
  });

  test("of text is that of its UTF-8 bytes", () => {
    const unit = fc.constantFrom("a", "b", "é", "\u{e000}", "\u{ffff}", "\u{10000}", "\u{1f600}", "\u{1f601}");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 5 }), fc.string({ unit, maxLength: 5 }), (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  test("is a total order", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (a, b, c) => {
        const [x, y, z] = [toJson(a), toJson(b), toJson(c)];
        expect(Math.sign(compareJson(x, y))).toBe(-Math.sign(compareJson(y, x)) + 0);
        if (compareJson(x, y) <= 0 && compareJson(y, z) <= 0) expect(compareJson(x, z)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
