import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusalOf } from "../testing/calling-channel.ts";
import { isTextTooLong, parseItem, parseItems } from "./items.ts";

const codeOf = (work: () => unknown) => refusalOf(Promise.resolve().then(work));
const item = (changes: object) => JSON.stringify({ dataKey: "k", phaseData: "v", ...changes });

describe("the length of a text", () => {
  it.each([
    ["x".repeat(4096), false],
    ["x".repeat(4097), true],
    ["稻".repeat(2048), false],
    [`${"稻".repeat(2048)}x`, true],
    [`${"稻".repeat(2047)}xx`, false],
    ["\u{1f600}".repeat(1024), false],
    [`${"\u{1f600}".repeat(1024)}x`, true],
    ["\u0080".repeat(2049), true],
    ["\u007f".repeat(4096), false],
  ])("%#", (text, isTooLong) => {
    expect(isTextTooLong(text)).toBe(isTooLong);
  });

  it("counts each UTF-16 unit beyond ASCII twice", () => {
    const unit = fc.constantFrom("a".repeat(7), "稻", "\u{1f600}", "\n", "é".repeat(5));
    fc.assert(
      fc.property(fc.array(unit, { minLength: 300, maxLength: 1500 }), (units) => {
        const text = units.join("");
        let bytes = 0;
        for (let index = 0; index < text.length; index++) bytes += text.charCodeAt(index) < 128 ? 1 : 2;
        expect(isTextTooLong(text)).toBe(bytes > 4096);
      }),
    );
  });
});

describe("items", () => {
  it("are taken apart to what they say", () => {
    const full = {
      dataKey: "x".repeat(64),
      phaseData: "稻",
      dataSeq: "!~",
      related: [
        { phaseId: "1", dataKey: "a", phaseData: "b" },
        { phaseId: "2", dataKey: "a", phaseData: "", dataSeq: "s" },
      ],
    };
    expect(parseItem(JSON.stringify(full), "text")).toEqual(full);
    expect(parseItem(item({ related: [] }), "text")).toEqual({ dataKey: "k", phaseData: "v", related: [] });
    expect(parseItems(`[${item({})},${item({ dataSeq: "2" })}]`, "text")).toEqual([
      { dataKey: "k", phaseData: "v" },
      { dataKey: "k", phaseData: "v", dataSeq: "2" },
    ]);
  });

  it.each([
    "",
    "no JSON",
    "null",
    "[]",
    '"x"',
    '{"dataKey":"k"}',
    '{"phaseData":"v"}',
    item({ more: "x" }),
    item({ dataSeq: 1 }),
    item({ dataKey: null }),
    item({ related: "x" }),
    item({ related: [1] }),
    item({ related: [{ phaseId: "1", dataKey: "a" }] }),
    item({ related: [{ phaseId: "1", dataKey: "a", phaseData: "b", related: [] }] }),
    '{"dataKey":"k","phaseData":"v","__proto__":"x"}',
  ])("of another form are refused: %s", async (json) => {
    expect(await codeOf(() => parseItem(json, "text"))).toBe("PHASE_DATA_LIST_INVALID");
    expect(await codeOf(() => parseItems(`[${json === "" ? "1" : json}]`, "text"))).toBe("PHASE_DATA_LIST_INVALID");
  });

  const hex = "aB".repeat(32);
  const relatedTo = (changes: object) =>
    item({ related: [{ phaseId: "1", dataKey: "a", phaseData: "b", ...changes }] });
  it.each([
    ["text", item({ dataKey: "" }), "PHASE_DATA_KEY_MALFORMED"],
    ["text", item({ dataKey: "a b" }), "PHASE_DATA_KEY_MALFORMED"],
    ["text", item({ dataKey: "x".repeat(65) }), "PHASE_DATA_KEY_MALFORMED"],
    ["text", item({ dataKey: "k\u0000" }), "PHASE_DATA_KEY_MALFORMED"],
    ["text", item({ dataSeq: "" }), "PHASE_DATA_SEQUENCE_MALFORMED"],
    ["text", item({ dataSeq: "稻" }), "PHASE_DATA_SEQUENCE_MALFORMED"],
    ["text", item({ dataSeq: "x".repeat(65) }), "PHASE_DATA_SEQUENCE_MALFORMED"],
    ["text", item({ phaseData: "" }), "VALUE_EMPTY"],
    ["digest", item({ phaseData: "" }), "VALUE_EMPTY"],
    ["text", item({ phaseData: "\ud800" }), "VALUE_MALFORMED"],
    ["text", item({ phaseData: "x".repeat(4097) }), "VALUE_TOO_LONG"],
    ["digest", item({ phaseData: "x".repeat(64) }), "PHASE_DIGEST_MALFORMED"],
    ["digest", item({ phaseData: hex.slice(1) }), "PHASE_DIGEST_MALFORMED"],
    ["digest", item({ phaseData: `${hex}0` }), "PHASE_DIGEST_MALFORMED"],
    ["text", relatedTo({ dataKey: "" }), "RELATED_DATA_REFUSED"],
    ["text", relatedTo({ dataSeq: "a b" }), "RELATED_DATA_REFUSED"],
    [
      "text",
      item({ related: Array.from({ length: 51 }, () => ({ phaseId: "1", dataKey: "a", phaseData: "b" })) }),
      "RELATED_DATA_REFUSED",
    ],
  ] as const)("%s %# end with %s", async (kind, json, code) => {
    expect(await codeOf(() => parseItem(json, kind))).toBe(code);
    const inBatch = code === "VALUE_TOO_LONG" ? "BATCH_VALUE_TOO_LONG" : code;
    expect(await codeOf(() => parseItems(`[${item({ phaseData: hex })},${json}]`, kind))).toBe(inBatch);
  });

  it("are 1 to 50 in a batch", async () => {
    const list = (count: number) => `[${Array.from({ length: count }, () => item({})).join()}]`;
    expect(parseItems(list(50), "text")).toHaveLength(50);
    expect(await codeOf(() => parseItems(list(51), "text"))).toBe("BATCH_TOO_LARGE");
    for (const json of ["[]", "{}", "", "no JSON"]) {
      expect(await codeOf(() => parseItems(json, "text"))).toBe("PHASE_DATA_LIST_INVALID");
    }
  });
});
