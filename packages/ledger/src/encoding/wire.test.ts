import { InvariantError } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RUNS } from "./arbitraries.fixture.ts";
import { EncodingInvalidError } from "./errors.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

describe("wire", () => {
  it("reads back every integer up to 2^53 - 1, text and bytes, through a buffer that must grow", () => {
    const integer = fc.oneof(
      fc.nat(300),
      fc.maxSafeNat(),
      fc.integer({ min: 0, max: 52 }).map((bits) => 2 ** bits),
    );
    const text = fc.string({ unit: "binary", maxLength: 120 });
    fc.assert(
      fc.property(integer, text, fc.uint8Array({ maxLength: 200 }), fc.boolean(), (number, string, bytes, flag) => {
        const writer = new WireWriter(1);
        writer.booleanField(4, flag);
        writer.bytesField(3, bytes);
        writer.stringField(2, string);
        writer.varintField(1, number);
        writer.close(15, 0);
        const reader = new WireReader(writer.detach());
        const outer = reader.enter(15);
        expect([reader.varint(1), reader.string(2), reader.bytes(3), reader.boolean(4)]).toEqual([
          number,
          string,
          bytes,
          flag,
        ]);
        reader.leave(outer);
        reader.end();
      }),
      { numRuns: RUNS },
    );
  });

  it("writes the known bytes of protobuf's documentation", () => {
    const writer = new WireWriter();
    writer.stringField(2, "testing");
    writer.varintField(1, 150);
    expect(Buffer.from(writer.detach()).toString("hex")).toBe("089601120774657374696e67");
  });

  it("does not write integers that the format cannot hold", () => {
    for (const value of [-1, 0.5, 2 ** 53, Number.NaN]) {
      expect(() => new WireWriter().varint(value)).toThrow(InvariantError);
    }
  });

  it.each([
    ["a truncated varint", [0x08, 0x80], (reader: WireReader) => reader.varint(1)],
    ["a varint longer than needed", [0x08, 0x81, 0x00], (reader: WireReader) => reader.varint(1)],
    [
      "a varint above 2^53 - 1",
      [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
      (reader: WireReader) => reader.varint(1),
    ],
    ["an endless varint", [0x08, ...new Array<number>(40).fill(0xff)], (reader: WireReader) => reader.varint(1)],
    ["a written default", [0x08, 0x00], (reader: WireReader) => reader.varint(1)],
    ["a boolean of 2", [0x08, 0x02], (reader: WireReader) => reader.boolean(1)],
    ["a length beyond the end", [0x0a, 0x05, 0x61], (reader: WireReader) => reader.bytes(1)],
    [
      "a length beyond the enclosing message",
      [0x0a, 0x02, 0x0a, 0x01, 0x61],
      (reader: WireReader) => {
        reader.enter(1);
        reader.bytes(1);
      },
    ],
    ["invalid UTF-8", [0x0a, 0x02, 0xc3, 0x28], (reader: WireReader) => reader.string(1)],
    ["an encoded surrogate", [0x0a, 0x03, 0xed, 0xa0, 0x80], (reader: WireReader) => reader.string(1)],
    [
      "an unknown field at the end",
      [0x0a, 0x01, 0x61, 0x50, 0x01],
      (reader: WireReader) => {
        reader.string(1);
        reader.end();
      },
    ],
    ["a missing field", [0x12, 0x00], (reader: WireReader) => reader.enter(1)],
  ])("refuses %s", (_name, bytes, read) => {
    expect(() => read(new WireReader(Uint8Array.from(bytes)))).toThrow(EncodingInvalidError);
  });
});
