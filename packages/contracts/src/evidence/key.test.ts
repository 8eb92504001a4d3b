import { describe, expect, it } from "vitest";
import { isGivenBusinessId, isReadableBusinessId, parseEvidenceKey, parseWritableEvidenceKey } from "./key.ts";

describe("parseEvidenceKey", () => {
  it("takes the four parts apart", () => {
    expect(parseEvidenceKey("0001_u3RNZsjruFCsSGUV_4R98_00112233")).toEqual({
      version: "0001",
      chainCode: "u3RNZsjruFCsSGUV",
      dataTypeCode: "4R98",
      id: "00112233",
    });
  });

  it("leaves the id free: any visible ASCII, underscores too, up to 64 characters", () => {
    expect(parseEvidenceKey("0001_u3RNZsjruFCsSGUV_4R98_a_b~!/%")?.id).toBe("a_b~!/%");
    expect(parseEvidenceKey(`0001_u3RNZsjruFCsSGUV_4R98_${"x".repeat(64)}`)).toBeDefined();
  });

  it.each([
    "",
    "0001_u3RNZsjruFCsSGUV_4R98",
    "0001_u3RNZsjruFCsSGUV_4R98_",
    "0003_u3RNZsjruFCsSGUV_4R98_1",
    "1_u3RNZsjruFCsSGUV_4R98_1",
    "0001_u3RNZsjruFCsSGU_4R98_1",
    "0001_u3RNZsjruFCsSGUVV_4R98_1",
    "0001_u3RNZsjruFCsSGU-_4R98_1",
    "0001_u3RNZsjruFCsSGUV_4r98_1",
    "0001_u3RNZsjruFCsSGUV_4R9_1",
    "0001_u3RNZsjruFCsSGUV_4R98_a b",
    "0001_u3RNZsjruFCsSGUV_4R98_é",
    `0001_u3RNZsjruFCsSGUV_4R98_${"x".repeat(65)}`,
    "0001_u3RNZsjruFCsSGUV_4R98_x\n",
  ])("refuses %j", (text) => {
    expect(parseEvidenceKey(text)).toBeUndefined();
  });

  it("knows version 0002 and writes nothing under it", () => {
    expect(parseEvidenceKey("0002_u3RNZsjruFCsSGUV_4R98_1")?.version).toBe("0002");
    expect(parseWritableEvidenceKey("0002_u3RNZsjruFCsSGUV_4R98_1")).toBeUndefined();
  });
});

it("tells business ids that a caller may give from those that can be asked for", () => {
  expect(isGivenBusinessId("0123456789abcdefABCDEF".padEnd(64, "0"))).toBe(true);
  expect(isGivenBusinessId("0".repeat(63))).toBe(false);
  expect(isGivenBusinessId("g".padEnd(64, "0"))).toBe(false);
  expect(isGivenBusinessId("1".repeat(16))).toBe(false);
  expect(isReadableBusinessId("1".repeat(16))).toBe(true);
  expect(isReadableBusinessId("1".repeat(15))).toBe(false);
});
