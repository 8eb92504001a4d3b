import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchToSkeleton, findBatchFault, isValueTooLong, parseBatch, skeletonToText } from "./batch.ts";
import { parseEvidenceKey } from "./key.ts";

const outerKey = "0001_aaaaaaaaaaaaaaaa_AB12_outer";
const itemKey = (id: string | number) => `0001_aaaaaaaaaaaaaaaa_AB12_${id}`;
const item = (id: string | number, value = "v") => ({ key: itemKey(id), value });

function faultOf(value: unknown) {
  const batch = parseBatch(JSON.stringify(value));
  const outer = parseEvidenceKey(outerKey);
  if (batch === undefined || outer === undefined) throw new Error("Not a batch.");
  return findBatchFault(outerKey, outer, batch);
}

describe("parseBatch", () => {
  it.each([
    ["lower case", [{ key: "k", value: "v" }]],
    ["upper first", [{ Key: "k", Value: "v" }]],
    ["capitals, value first", [{ VALUE: "v", KEY: "k" }]],
  ])("takes member names in any case: %s", (_, value) => {
    expect(parseBatch(JSON.stringify(value))?.items).toEqual([{ key: "k", value: "v" }]);
  });

  it.each([
    ["text", "plain"],
    ["broken JSON", '[{"key":"k","value":"v"}'],
    ["an empty array", "[]"],
    ["an object", '{"key":"k","value":"v"}'],
    ["an array of texts", '["key","value"]'],
    ["a number as value", '[{"key":"k","value":1}]'],
    ["a third member", '[{"key":"k","value":"v","more":"m"}]'],
    ["a missing member", '[{"key":"k"}]'],
    ["a repeated member", '[{"key":"k","key":"k","value":"v"}]'],
    ["two spellings of one member", '[{"key":"k","Key":"k"}]'],
    ["one good and one bad item", '[{"key":"k","value":"v"},{"key":"k"}]'],
    ["text that UTF-8 cannot hold", '[{"key":"k","value":"\\ud800"}]'],
    ["null", "[null]"],
  ])("leaves %s a plain value", (_, value) => {
    expect(parseBatch(value)).toBeUndefined();
  });
});

describe("findBatchFault", () => {
  const many = (length: number) => Array.from({ length }, (_, index) => item(index));
  it.each([
    ["fifty items", many(50), undefined],
    ["values of 256 bytes", [item(1, "é".repeat(128))], undefined],
    ["an item key of another form", [item(1), { key: "x", value: "v" }], "EVIDENCE_KEY_MALFORMED"],
    ["an item key of version 0002", [{ key: "0002_aaaaaaaaaaaaaaaa_AB12_1", value: "v" }], "EVIDENCE_KEY_MALFORMED"],
    ["an empty value", [item(1, "")], "VALUE_EMPTY"],
    ["another chain code", [item(1), { key: "0001_bbbbbbbbbbbbbbbb_AB12_1", value: "v" }], "BATCH_MIXED"],
    ["another type code", [item(1), { key: "0001_aaaaaaaaaaaaaaaa_AB13_1", value: "v" }], "BATCH_MIXED"],
    ["a key twice", [item(1), item(2), item(1)], "BATCH_KEY_REPEATED"],
    ["the outer key", [item("outer")], "BATCH_KEY_REPEATED"],
    ["51 items", many(51), "BATCH_TOO_LARGE"],
    ["a value of 257 bytes", [item(1, `x${"é".repeat(128)}`)], "BATCH_VALUE_TOO_LONG"],
  ])("%s", (_, value, expected) => {
    expect(faultOf(value)).toBe(expected);
  });

  it("names the first fault of the document's table when several apply", () => {
    const everything = [...many(50), item(1, "x".repeat(257)), { key: "0001_aaaaaaaaaaaaaaaa_ZZZZ_1", value: "v" }];
    expect(faultOf([...everything, { key: "x", value: "v" }])).toBe("EVIDENCE_KEY_MALFORMED");
    expect(faultOf([...everything, item("e", "")])).toBe("VALUE_EMPTY");
    expect(faultOf(everything)).toBe("BATCH_MIXED");
    expect(faultOf(everything.slice(0, 51))).toBe("BATCH_KEY_REPEATED");
    expect(faultOf([...many(50), item(51, "x".repeat(257))])).toBe("BATCH_TOO_LARGE");
  });

  it("refuses a batch that is blown up by padding", () => {
    const batch = parseBatch(`[${" ".repeat(131_072)}${JSON.stringify(item(1))}]`);
    const outer = parseEvidenceKey(outerKey);
    expect(batch !== undefined && outer !== undefined && findBatchFault(outerKey, outer, batch)).toBe("VALUE_TOO_LONG");
  });
});

it("counts a value's length in UTF-8 bytes", () => {
  expect(isValueTooLong("x".repeat(256))).toBe(false);
  expect(isValueTooLong("x".repeat(257))).toBe(true);
  expect(isValueTooLong("值".repeat(85))).toBe(false);
  expect(isValueTooLong("值".repeat(86))).toBe(true);
  expect(isValueTooLong("😀".repeat(64))).toBe(false);
  expect(isValueTooLong("😀".repeat(65))).toBe(true);
});

describe("the skeleton", () => {
  const names = fc.constantFrom(["key", "value"], ["Key", "Value"], ["KEY", "vaLUE"]);
  const anyItem = fc.record({
    key: fc.string({ unit: "grapheme" }),
    value: fc.string({ unit: "grapheme", minLength: 1 }),
    names,
    valueFirst: fc.boolean(),
    ascii: fc.boolean(),
  });
  const space = fc.constantFrom("", " ", "\n\t ");

  it("keeps every batch's text to the byte and no value that JSON.stringify would write alike", () => {
    fc.assert(
      fc.property(fc.array(anyItem, { minLength: 1, maxLength: 6 }), space, (items, gap) => {
        const written = items.map(({ key, value, names: [keyName, valueName], valueFirst, ascii }) => {
          const literal = ascii ? toAscii(value) : JSON.stringify(value);
          const members = [`"${keyName}"${gap}:${JSON.stringify(key)}`, `"${valueName}":${gap}${literal}`];
          return `{${(valueFirst ? members.reverse() : members).join(`${gap},`)}}`;
        });
        const text = `${gap}[${written.join(`,${gap}`)}]${gap}`;
        const batch = parseBatch(text);
        if (batch === undefined) throw new Error(`Not a batch: ${text}`);
        expect(batch.items).toEqual(items.map(({ key, value }) => ({ key, value })));
        const skeleton = parseBatch(batchToSkeleton(batch));
        if (skeleton === undefined) throw new Error("The skeleton is not a batch.");
        const values = items.map(({ value }) => value);
        expect(skeletonToText(skeleton, values)).toBe(text);
        for (const [index, { value, ascii }] of items.entries()) {
          if (!ascii) expect(skeleton.items[index]?.value).toBe("");
          else expect(["", value]).toContain(skeleton.items[index]?.value);
        }
      }),
      { verbose: 1 },
    );
  });

  function toAscii(value: string): string {
    return JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  }
});
