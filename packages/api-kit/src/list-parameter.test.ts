import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileTable } from "./compile.ts";
import { limits } from "./limits.ts";
import { type ListCodec, listParameter, listWithText } from "./list-parameter.ts";
import { openApiDocument } from "./openapi.ts";
import { operationFor } from "./operation.ts";
import { readParameter, SpreadParameter } from "./spread-parameter.ts";
import { Type } from "./typebox.ts";

const stop = Type.Object({ city: Type.String(), notes: Type.Optional(Type.Array(Type.String())) });
const legs = Type.Array(
  Type.Object({ from: Type.String(), to: Type.Optional(Type.String()), stops: Type.Optional(Type.Array(stop)) }),
  { maxItems: 5 },
);
const list = listParameter(legs);
const names = listParameter(Type.Array(Type.String()));

const spread = (codec: ListCodec, parts: Readonly<Record<string, string>>) =>
  codec.decodeSpread(new Map(Object.entries(parts)));

type Spelling = (name: string) => string;
const asIs: Spelling = (name) => name;
const upper: Spelling = (name) => name.slice(0, 1).toUpperCase() + name.slice(1);

/** What clients make of a list. */
function flattened(value: unknown, spelling: Spelling, prefix = ""): [string, string][] {
  if (typeof value === "string") return [[prefix, value]];
  const at = (name: string) => (prefix === "" ? name : `${prefix}.${name}`);
  if (Array.isArray(value)) return value.flatMap((item, index) => flattened(item, spelling, at(String(index + 1))));
  return Object.entries(value as object).flatMap(([name, item]) => flattened(item, spelling, at(spelling(name))));
}

const text = fc.string({ unit: "binary", maxLength: 20 }).map((value) => value.toWellFormed());
const anyStop = fc.record(
  { city: text, notes: fc.array(text, { minLength: 1, maxLength: 3 }) },
  { requiredKeys: ["city"] },
);
const anyLegs = fc.array(
  fc.record(
    { from: text, to: text, stops: fc.array(anyStop, { minLength: 1, maxLength: 3 }) },
    { requiredKeys: ["from"] },
  ),
  { minLength: 1, maxLength: 5 },
);

describe("any list survives", () => {
  it("as JSON, with members in the schema's order whatever order they came in", () => {
    fc.assert(
      fc.property(anyLegs, (value) => {
        expect(list.decode(JSON.stringify(value))).toEqual(value);
        expect(list.decode(list.encode(value))).toEqual(value);
        const turned = value.map((leg) => Object.fromEntries(Object.entries(leg).reverse()));
        expect(list.encode(turned)).toBe(list.encode(value));
      }),
    );
  });

  it("spread over parameters in any order, first letters in either case", () => {
    fc.assert(
      fc.property(anyLegs, fc.constantFrom(asIs, upper), fc.nat(), (value, spelling, turn) => {
        const parts = flattened(value, spelling);
        const turned = [...parts.slice(turn % parts.length), ...parts.slice(0, turn % parts.length)];
        expect(list.decodeSpread(new Map(turned))).toEqual(value);
        const values = new Map([["Other", "x"], ...turned.map(([name, part]) => [`Legs.${name}`, part] as const)]);
        const read = readParameter(values, { in: "parameter", name: "Legs", codec: list });
        expect(read instanceof SpreadParameter ? list.decodeSpread(read.parts) : read).toEqual(value);
      }),
    );
  });

  it("of texts, both ways", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (value) => {
        expect(names.decode(names.encode(value))).toEqual(value);
        expect(names.decodeSpread(new Map(flattened(value, asIs)))).toEqual(value);
      }),
    );
  });
});

describe("JSON that is no such list", () => {
  it.each([
    "",
    "[",
    "nonsense",
    "null",
    "{}",
    '"a"',
    "1",
    "[1]",
    "[null]",
    "[[]]",
    '["a"]',
    '[{"from":1}]',
    '[{"from":["a"]}]',
    '[{"from":{"city":"a"}}]',
    '[{"from":"a","stops":{"1":{"city":"b"}}}]',
    '[{"from":"a","stops":"[]"}]',
    '[{"from":"a","from":"a"}]',
    '[{"from":"a","From":"b"}]',
    '[{"from":"a","stops":[{"city":"b","city":"c"}]}]',
    '[{"from":"\\ud800"}]',
    `[${Array(6).fill('{"from":"a"}').join()}]`,
    "[".repeat(100_000),
    `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
  ])("%.60s", (json) => {
    expect(list.decode(json)).toBeUndefined();
  });

  it("takes as many items as the schema allows, or the limit", () => {
    expect(list.decode(`[${Array(5).fill('{"from":"a"}').join()}]`)).toHaveLength(5);
    const many = (count: number) => JSON.stringify(Array(count).fill("a"));
    expect(names.decode(many(limits.listItemsMax))).toHaveLength(limits.listItemsMax);
    expect(names.decode(many(limits.listItemsMax + 1))).toBeUndefined();
  });

  it("is not what texts hold: colons, quotes and braces in them count nothing", () => {
    const odd = String.raw`{"from":"a","from":"\"b\":c\\"}`;
    expect(list.decode(JSON.stringify([{ from: odd, to: ':"\\' }]))).toEqual([{ from: odd, to: ':"\\' }]);
    expect(list.decode(' [ { "from" : "\\u0061" , "to":"" } ] ')).toEqual([{ from: "a", to: "" }]);
  });

  it("may hold members that the schema does not know, which are ignored, and null for what is left out", () => {
    const known = [{ from: "a" }];
    for (const json of [
      '[{"from":"a","via":"b"}]',
      '[{"from":"a","FROM":"b"}]',
      '[{"from":"a","":"b"}]',
      '[{"from":"a","__proto__":{"to":"b"}}]',
      '[{"from":"a","constructor":"b"}]',
      '[{"from":"a","to":null,"stops":null}]',
      `[{"from":"a","via":${'[{"stops":'.repeat(10_000)}[]${"}]".repeat(10_000)}}]`,
      '[{"from":"a","via":{"deep":[{"x":{"y":1}},{"x":2}]}}]',
      `[{"from":"a","via":${"[".repeat(50_000)}${"]".repeat(50_000)}}]`,
    ]) {
      expect(list.decode(json), json.slice(0, 60)).toEqual(known);
    }
    expect(list.decode('[{"from":"a","via":{"x":1,"x":2}}]')).toBeUndefined();
    expect(
      list.decodeSpread(
        new Map([
          ["1.from", "a"],
          ["1.via", "b"],
          ["1.__proto__", "c"],
        ]),
      ),
    ).toEqual(known);
  });

  it("may be an empty list, or an item without members: that is the schema's to judge", () => {
    expect(list.decode("[]")).toEqual([]);
    expect(list.decode("[{}]")).toEqual([{}]);
  });
});

describe("parameters that make no such list", () => {
  it.each<[string, Record<string, string>]>([
    ["a gap", { "1.from": "a", "3.from": "b" }],
    ["no first", { "2.from": "a" }],
    ["a zeroth", { "0.from": "a", "1.from": "b" }],
    ["a leading zero", { "01.from": "a" }],
    ["a sign", { "+1.from": "a" }],
    ["a word for a number", { "first.from": "a" }],
    ["a text for an item", { "1": "a" }],
    ["a text and an item", { "1": "a", "1.from": "b" }],
    ["a text and a list", { "1.from": "a", "1.stops": "[]", "1.stops.1.city": "b" }],
    ["a list for a text", { "1.from.1": "a" }],
    ["a member twice, by its first letter", { "1.from": "a", "1.From": "b" }],
    ["an inner list twice", { "1.from": "a", "1.stops.1.city": "b", "1.Stops.2.city": "c" }],
    ["an inner gap", { "1.from": "a", "1.stops.2.city": "b" }],
    ["JSON inside", { "1.from": "a", "1.stops": '[{"city":"b"}]' }],
    ["too deep", { "1.from": "a", "1.stops.1.notes.1.1": "b" }],
    ["far too deep", { [Array(100).fill("1").join(".")]: "a" }],
    ["an empty name", { "": "a" }],
    ["too many items", Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`${index + 1}.from`, "a"]))],
  ])("%s", (_what, parts) => {
    expect(spread(list, parts)).toBeUndefined();
  });

  it("are those that come beside the JSON form", () => {
    const field = { in: "parameter", name: "Legs", codec: list } as const;
    const both = new Map([
      ["Legs", "[]"],
      ["Legs.1.from", "a"],
    ]);
    const read = readParameter(both, field);
    expect(read).toBeInstanceOf(SpreadParameter);
    expect(read instanceof SpreadParameter && list.decodeSpread(read.parts)).toBeUndefined();
    expect(readParameter(new Map([["LegsOf.1", "a"]]), field)).toBeUndefined();
    expect(readParameter(new Map([["Legs.1", "a"]]), { in: "parameter", name: "Legs" })).toBeUndefined();
  });
});

describe("a list with its text", () => {
  const codec = listWithText(list);

  it("keeps the text that came", () => {
    const sent = ' [ {"To":"b", "from":"a"} ] ';
    expect(codec.decode(sent)).toEqual({ items: [{ from: "a", to: "b" }], text: sent });
    expect(codec.decode("[1]")).toBeUndefined();
    expect(codec.encode({ items: [], text: sent })).toBe(sent);
  });

  it("has the JSON of schema's order when it came in pieces or is sent without one", () => {
    const json = '[{"from":"a","to":"b"}]';
    expect(spread(codec, { "1.To": "b", "1.From": "a" })).toEqual({
      items: [{ from: "a", to: "b" }],
      text: json,
    });
    expect(spread(codec, { "2.To": "b" })).toBeUndefined();
    expect(codec.encode({ items: [{ to: "b", from: "a" }] })).toBe(json);
  });
});

describe("a row with a list", () => {
  const row = operationFor<never>()({
    id: "x:Travel",
    summary: "Travels.",
    source: "nowhere",
    methods: ["GET"],
    path: "/",
    permission: "x:travel",
    mutating: false,
    input: Type.Object({ legs: Type.Array(Type.Object({ from: Type.String() }), { minItems: 1 }) }),
    wire: {
      legs: { in: "parameter", name: "Legs", codec: listParameter(Type.Array(Type.Object({ from: Type.String() }))) },
    },
    output: Type.String(),
    errors: [],
    example: { input: { legs: [{ from: "a" }] }, output: "" },
  });
  const travel = compileTable({ Travel: row }).get("Travel");
  const decode = (values: Readonly<Record<string, string>>) =>
    travel?.decodeInput((field) => readParameter(new Map(Object.entries(values)), field));

  it("is read in both forms, and its faults bear the parameter's name", () => {
    expect(decode({ Legs: '[{"From":"a"}]' })).toEqual({ ok: true, input: { legs: [{ from: "a" }] } });
    expect(decode({ "Legs.1.from": "a" })).toEqual({ ok: true, input: { legs: [{ from: "a" }] } });
    expect(decode({})).toMatchObject({ fault: { kind: "missing", wireName: "Legs" } });
    for (const Legs of ["", "[]", "[{}]", "[1]"]) {
      expect(decode({ Legs })).toMatchObject({ fault: { kind: "malformed", wireName: "Legs" } });
    }
    expect(decode({ "Legs.2.from": "a" })).toMatchObject({ fault: { kind: "malformed", wireName: "Legs" } });
  });

  it("is sent as JSON, and documented so", () => {
    expect(travel?.encodeInput({ legs: [{ from: "a" }] })).toMatchObject([{ value: '[{"from":"a"}]' }]);
    const document = openApiDocument({
      title: "",
      version: "",
      description: "",
      table: { Travel: row },
      securitySchemes: {},
      errorBody: { mediaType: "application/json", schema: {} },
    });
    expect(JSON.parse(JSON.stringify(document))).toMatchObject({
      paths: {
        "/": {
          get: {
            parameters: [
              { name: "Legs", required: true, content: { "application/json": { schema: { type: "array" } } } },
            ],
          },
        },
      },
    });
  });
});
