import fc from "fast-check";
import { expect, it } from "vitest";
import { matchesGlob } from "./glob.ts";

it.each([
  ["", "", true],
  ["", "a", false],
  ["*", "", true],
  ["*", "anything", true],
  ["get*", "getDetail", true],
  ["get*", "target", false],
  ["*Cert", "downloadCert", true],
  ["a*b*c", "a--b-b--c", true],
  ["a*b*c", "a--b-b--", false],
  ["**a**", "bab", true],
  ["a.c", "abc", false],
])("%s against %s: %s", (pattern, text, expected) => {
  expect(matchesGlob(pattern, text)).toBe(expected);
});

it("agrees with a regular expression", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 12 });
  fc.assert(
    fc.property(word, text, (pattern, subject) => {
      const expression = new RegExp(`^${pattern.replaceAll("*", ".*")}$`);
      expect(matchesGlob(pattern, subject)).toBe(expression.test(subject));
    }),
  );
});

it("counts its steps in lengths, not in powers of them", () => {
  const pattern = "*a".repeat(200);
  expect(matchesGlob(pattern, `${"a".repeat(5_000)}b`)).toBe(false);
});
