import { concatBytes, hexToBytes, utf8ToBytes } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { der } from "../testing/der.ts";
import { DerFields } from "./fields.ts";
import { readDer, readDerObjectIdentifier, TAG } from "./read.ts";
import { readDerBits, readDerBoolean, readDerFlags, readDerInteger, readDerTime } from "./scalars.ts";

const value = (hex: string) => readDer(hexToBytes(hex));
const time = (tag: number, text: string) => readDerTime(readDer(der(tag, utf8ToBytes(text))));

describe("scalars of DER", () => {
  it.each([
    ["020100", 0n],
    ["02017f", 127n],
    ["02020080", 128n],
    ["020180", -128n],
    ["0209008000000000000000", 0x8000000000000000n],
    ["0a0106", 6n],
  ])("reads the number %s", (hex, number) => {
    expect(readDerInteger(value(hex))).toBe(number);
  });

  it("reads times of both kinds and gives back every second from 1950 to 9999", () => {
    expect(time(TAG.utcTime, "491231235959Z")).toBe(Date.UTC(2049, 11, 31, 23, 59, 59));
    expect(time(TAG.utcTime, "500101000000Z")).toBe(Date.UTC(1950, 0, 1));
    fc.assert(
      fc.property(fc.integer({ min: -631_152_000, max: 253_402_300_799 }), (second) => {
        const text = `${new Date(second * 1000).toISOString().replace(/\D/g, "").slice(0, 14)}Z`;
        expect(time(TAG.generalizedTime, text)).toBe(second * 1000);
      }),
    );
  });

  it.each([
    ["a number without bytes", () => readDerInteger(value("0200"))],
    ["a padded number", () => readDerInteger(value("02020001"))],
    ["a padded negative number", () => readDerInteger(value("0202ff80"))],
    ["another type for a number", () => readDerInteger(value("040101"))],
    ["a boolean of 1", () => readDerBoolean(value("010101"))],
    ["bits that end inside a byte", () => readDerBits(value("03020700"))],
    ["flags with eight unused bits", () => readDerFlags(value("03020800"))],
    ["flags without a byte", () => readDerFlags(value("030101"))],
    ["a 13th month", () => time(TAG.utcTime, "261301000000Z")],
    ["a 30th of February", () => time(TAG.utcTime, "260230000000Z")],
    ["a time without seconds", () => time(TAG.utcTime, "2601010000Z")],
    ["a time with an offset", () => time(TAG.generalizedTime, "20260101000000+0800")],
    ["a long year in UTCTime", () => time(TAG.utcTime, "20260101000000Z")],
    ["an identifier cut short", () => readDerObjectIdentifier(value("06032a0381"))],
  ])("refuses %s", (_, read) => {
    expect(read).toThrow(RangeError);
  });
});

describe("the fields of a sequence", () => {
  const fields = () => new DerFields(readDer(der(0x30, concatBytes(hexToBytes("020101"), hexToBytes("0101ff")))));

  it("are taken in order", () => {
    const some = fields();
    expect(some.optional(TAG.boolean)).toBeUndefined();
    expect(readDerInteger(some.take(TAG.integer))).toBe(1n);
    expect(some.optional(TAG.integer, TAG.boolean)?.tag).toBe(TAG.boolean);
    expect(() => some.end()).not.toThrow();
    expect(() => some.take()).toThrow(RangeError);
  });

  it("are refused when one is out of place or left over, or the sequence is none", () => {
    expect(() => fields().take(TAG.boolean)).toThrow(RangeError);
    expect(() => fields().end()).toThrow(RangeError);
    expect(() => new DerFields(value("020101"))).toThrow(RangeError);
  });
});
