import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireError, WireMessage } from "./read.ts";
import { fieldHead, writeMessage } from "./write.ts";

describe("messages", () => {
  it("read as they were written", () => {
    const fields = fc.tuple(
      fc.uint8Array({ maxLength: 400 }),
      fc.string({ unit: "grapheme" }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    );
    fc.assert(
      fc.property(fields, ([bytes, text, integer]) => {
        const message = new WireMessage(
          writeMessage([1, bytes], [2, text], [3, integer], { present: 536_870_911, value: bytes }),
        );
        expect(Buffer.from(message.bytes(1)).equals(bytes)).toBe(true);
        expect(message.text(2)).toBe(text.toWellFormed());
        expect(message.integer(3)).toBe(integer);
        expect(Buffer.from(message.all(536_870_911)[0] ?? []).equals(bytes)).toBe(true);
        expect(message.has(3)).toBe(integer !== 0n);
      }),
    );
  });

  it("that are noise are refused, and never anything worse", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          const message = new WireMessage(bytes);
          for (const number of [1, 2, 3]) message.all(number);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });

  it.each(["08", "0a05", "00", "0b", "08ffffffffffffffffffff01"])("refuse %s", (text) => {
    expect(() => new WireMessage(Buffer.from(text, "hex"))).toThrow(WireError);
  });

  it("refuse a singular field that occurs twice, another kind of field, and what is too large", () => {
    const twice = new WireMessage(Buffer.from("08010802", "hex"));
    expect(() => twice.integer(1)).toThrow("field 1 occurs twice");
    expect(() => new WireMessage(Buffer.from("0801", "hex")).bytes(1)).toThrow(WireError);
    expect(() => new WireMessage(writeMessage([1, 2n ** 60n])).number(1)).toThrow("field 1 is out of range");
    expect(() => new WireMessage(writeMessage([1, Uint8Array.of(0xff)])).text(1)).toThrow(WireError);
  });

  it("say their length before their content", () => {
    expect(Buffer.from(fieldHead(2, 300)).toString("hex")).toBe("12ac02");
  });
});
