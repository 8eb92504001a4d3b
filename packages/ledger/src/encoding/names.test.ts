import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RUNS } from "./arbitraries.fixture.ts";
import { NameInvalidError } from "./errors.ts";
import {
  assertChannelId,
  assertContractName,
  assertKey,
  assertMspId,
  channelIdOfOrigin,
  compareKeys,
} from "./names.ts";

describe("names", () => {
  it.each([
    [assertChannelId, ["a", "ltl-1", "a.b-c9", "a".repeat(249)], ["", "A", "1a", "a_b", "a\n", "a b", "a".repeat(250)]],
    [assertMspId, ["Org1MSP", "a", "A.b-9", "a".repeat(64)], ["", "1Org", "Org_1", "Org/1", "Org\n", "a".repeat(65)]],
    [assertContractName, ["evidence", "a-b_c", "1"], ["", "-a", "a-", "a--b", "a.b", "a\n", "a".repeat(65)]],
    [assertKey, ["k", "\u0000type\u0000a\u0000", "\ufeff", "😀"], ["", "\ud800", "a\udc00b"]],
  ])("%o accepts and refuses as it says", (check, good, bad) => {
    for (const name of good) expect(() => check(name)).not.toThrow();
    for (const name of bad) expect(() => check(name)).toThrow(NameInvalidError);
  });

  it("an origin names a channel", () => {
    expect(channelIdOfOrigin("concordat/0123456789abcdef/ltl-1")).toBe("ltl-1");
    for (const origin of [
      "",
      "ltl-1",
      "concordat/0123/ltl-1",
      "concordat/0123456789ABCDEF/ltl-1",
      "concordat/0123456789abcdef/",
      "concordat/0123456789abcdef/a/b",
    ]) {
      expect(() => channelIdOfOrigin(origin)).toThrow(NameInvalidError);
    }
  });

  it("keys compare as their UTF-8 bytes do", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "\u0000", "é", "\ud7ff", "\ue000", "\uffff", "😀", "\u{10ffff}"),
      maxLength: 5,
    });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: RUNS },
    );
  });
});
