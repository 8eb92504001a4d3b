import { bytesToHex, utf8ToBytes } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkBlockLength,
  decodeSegmentHeader,
  encodeRecords,
  encodeSegmentHeader,
  isTornHeader,
  segmentName,
  segmentNameToFirstBlock,
} from "./segment-format.ts";

describe("segment header", () => {
  it("has the bytes of the format page", () => {
    const header = encodeSegmentHeader("o/é", 258);
    expect(bytesToHex(header.subarray(0, -4))).toBe(
      `${bytesToHex(utf8ToBytes("CONCSEG1"))}00046f2fc3a90000000000000102`,
    );
    // CRC-32 of those 22 bytes, computed with Python's zlib.
    expect(bytesToHex(header.subarray(-4))).toBe("f3af431a");
  });

  it("is read back, also with records behind it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), fc.nat(), (origin, firstBlock) => {
        const header = encodeSegmentHeader(origin, firstBlock);
        const file = encodeRecords([new Uint8Array([1])], header);
        expect(decodeSegmentHeader(file)).toEqual({ origin, firstBlock, bytes: header.length });
      }),
    );
  });

  it("is refused when any bit differs or any byte is missing", () => {
    const header = encodeSegmentHeader("concordat/0/a", 7);
    for (let index = 0; index < header.length; index++) {
      const changed = header.slice();
      changed[index] = (changed[index] ?? 0) ^ 4;
      expect(decodeSegmentHeader(changed)).toBeUndefined();
      expect(decodeSegmentHeader(header.subarray(0, index))).toBeUndefined();
    }
  });

  it("torn by a crash is a part of itself with zeros, and nothing else", () => {
    const header = encodeSegmentHeader("concordat/0/a", 7);
    const holed = header.slice().fill(0, 5, 12);
    expect(isTornHeader(header.subarray(0, 9), header)).toBe(true);
    expect(isTornHeader(holed, header)).toBe(true);
    expect(isTornHeader(encodeSegmentHeader("concordat/0/b", 7), header)).toBe(false);
  });
});

describe("records", () => {
  it("have the bytes of the format page", () => {
    // CRC-32 of 00000003 616263, computed with Python's zlib.
    expect(bytesToHex(encodeRecords([utf8ToBytes("abc")]))).toBe("0000000345bce840616263");
  });

  it("hold at least one byte", () => {
    expect(() => checkBlockLength(new Uint8Array(0))).toThrow(RangeError);
  });
});

describe("segment names", () => {
  it("are twelve digits", () => {
    expect(segmentName(1234)).toBe("000000001234.segment");
    expect(segmentNameToFirstBlock("000000001234.segment")).toBe(1234);
  });

  it.each(["1234.segment", "000000001234.offsets", "x000000001234.segment"])("do not include %s", (name) => {
    expect(segmentNameToFirstBlock(name)).toBeUndefined();
  });
});
