import { bytesToHex, hexToBytes } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDer, readDerChildren, readDerObjectIdentifier } from "./read.ts";
import { derElement, derInteger, derObjectIdentifier, derSequence, derTime } from "./write.ts";

describe("DER", () => {
  it.each([
    ["zero", Uint8Array.of(0), "020100"],
    ["no bytes", new Uint8Array(0), "020100"],
    ["a leading one bit", Uint8Array.of(0x80), "02020080"],
    ["leading zeros", Uint8Array.of(0, 0, 1), "020101"],
  ])("writes integers positive and minimal: %s", (_, magnitude, hex) => {
    expect(bytesToHex(derInteger(magnitude))).toBe(hex);
  });

  it.each(["2.5.4.3", "1.2.840.113549.1.9.1", "2.999.3", "0.9"])("reads back the identifier %s", (dotted) => {
    expect(readDerObjectIdentifier(readDer(derObjectIdentifier(dotted)))).toBe(dotted);
  });

  it("turns to four-digit years in 2050", () => {
    expect(readDer(derTime(Date.UTC(2049, 11, 31, 23, 59, 59))).tag).toBe(0x17);
    expect(bytesToHex(derTime(Date.UTC(2050, 0, 1)))).toBe("180f32303530303130313030303030305a");
  });

  it("reads back what it wrote, at every length", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (contents) => {
        const value = readDer(derSequence(...contents.map((content) => derElement(0x04, content))));
        expect(readDerChildren(value).map((child) => child.content)).toEqual(contents);
      }),
    );
  });

  it.each(["", "04", "0401", "048101ff", "0480", "04850000000001ff", "1f0100", "04000500"])("refuses %s", (hex) => {
    expect(() => readDer(hexToBytes(hex))).toThrow(RangeError);
  });
});
