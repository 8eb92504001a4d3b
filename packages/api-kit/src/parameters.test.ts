import { isConcordatError } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { formText, parseParameters, percentEncode, queryOf } from "./parameters.ts";

const pairs = (text: string) => parseParameters(text).map(({ name, value }) => [name, value]);

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    return isConcordatError(error) ? error.code : String(error);
  }
  return undefined;
}

describe("parseParameters", () => {
  it.each([
    ["", []],
    ["&&", []],
    [
      "a=1&b=2",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    [
      "a=1&a=2",
      [
        ["a", "1"],
        ["a", "2"],
      ],
    ],
    ["a", [["a", ""]]],
    ["a=", [["a", ""]]],
    ["=a", [["", "a"]]],
    ["a=b=c", [["a", "b=c"]]],
    ["a+b=c+d%2B", [["a b", "c d+"]]],
    ["%E6%95%B0=数", [["数", "数"]]],
  ])("%j", (text, expected) => {
    expect(pairs(text)).toEqual(expected);
  });

  it.each(["a=%", "a=%4", "a=%zz", "a=%ff", "a=%c0%af", "a=%ed%a0%80", "a=\n", "\u007f=1"])("refuses %j", (text) => {
    expect(codeOf(() => parseParameters(text))).toBe("PARAMETERS_MALFORMED");
  });

  it("refuses too many and too long ones, and takes the longest", () => {
    const many = (count: number) => Array.from({ length: count }, () => "a=1").join("&");
    expect(parseParameters(many(limits.parameterCountMax))).toHaveLength(limits.parameterCountMax);
    expect(codeOf(() => parseParameters(many(limits.parameterCountMax + 1)))).toBe("PARAMETERS_TOO_LARGE");
    const value = (bytes: number) => `a=${"%C3%A9".repeat(bytes / 2)}`;
    expect(parseParameters(value(limits.parameterValueBytesMax))).toHaveLength(1);
    expect(codeOf(() => parseParameters(value(limits.parameterValueBytesMax + 2)))).toBe("PARAMETERS_TOO_LARGE");
    expect(codeOf(() => parseParameters(`${"n".repeat(limits.parameterNameBytesMax + 1)}=1`))).toBe(
      "PARAMETERS_TOO_LARGE",
    );
  });

  it("inverts percentEncode, and its encoded forms are canonical", () => {
    const text = fc.string({ unit: "binary", maxLength: 40 }).map((value) => value.toWellFormed());
    fc.assert(
      fc.property(text, text, (name, value) => {
        const [parameter] = parseParameters(`${percentEncode(name)}=${percentEncode(value)}`);
        expect(parameter).toEqual({
          name,
          value,
          encodedName: percentEncode(name),
          encodedValue: percentEncode(value),
        });
      }),
    );
  });
});

describe("percentEncode", () => {
  it("leaves only the unreserved characters of RFC 3986", () => {
    for (let code = 0; code < 128; code += 1) {
      const character = String.fromCharCode(code);
      const expected = /[A-Za-z0-9\-_.~]/.test(character)
        ? character
        : `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
      expect(percentEncode(character)).toBe(expected);
    }
  });
});

describe("queryOf and formText", () => {
  it("cut the query out, with raw bytes as UTF-8", () => {
    expect(queryOf("/path")).toBe("");
    expect(queryOf("/?a=1#b")).toBe("a=1");
    expect(queryOf(`/?a=${Buffer.from("数").toString("latin1")}`)).toBe("a=数");
    expect(codeOf(() => queryOf("/?a=\u00ff"))).toBe("PARAMETERS_MALFORMED");
    expect(codeOf(() => formText(Buffer.from([0xc3])))).toBe("PARAMETERS_MALFORMED");
  });
});
