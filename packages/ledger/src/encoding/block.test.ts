import { createHash } from "node:crypto";
import { bytesToHex, concatBytes, hexToBytes } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyBlock, damaged, RUNS } from "./arbitraries.fixture.ts";
import { dataHash, decodeBlock, encodeBlock, headerHash } from "./block.ts";
import { EncodingInvalidError } from "./errors.ts";
import { officialBlock } from "./official.fixture.ts";

const two = new Uint8Array(32).fill(2);
const one = new Uint8Array(32).fill(1);

describe("headerHash", () => {
  it.each([
    [0, new Uint8Array(0), "0a3e038c1e47233245443e7b5d6f0b9a22bbf19120874368460d2145368442e4"],
    [10, one, "f3e0bc1a43824cc64e5b686ca4f7e3d49893a7f54d2ee08b2544325bd13f74b3"],
    [255, one, "6fc88abcc8d8c94bc858fe3bfcfd4b28d386bbde13e32c708519c73e1474759e"],
  ])("gives the known value for block %d", (number, previousHash, expected) => {
    expect(bytesToHex(headerHash({ number, previousHash, dataHash: two }))).toBe(expected);
  });

  it("agrees with an encoder on bigint for every block number", () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(70_000), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER)), (number) => {
        let hex = BigInt(number).toString(16);
        if (hex.length % 2 === 1) hex = `0${hex}`;
        if (Number.parseInt(hex.slice(0, 2), 16) >= 0x80) hex = `00${hex}`;
        const content = concatBytes(
          Uint8Array.of(2, hex.length / 2),
          hexToBytes(hex),
          Uint8Array.of(4, 32),
          one,
          Uint8Array.of(4, 32),
          two,
        );
        const der = concatBytes(Uint8Array.of(0x30, content.length), content);
        expect(bytesToHex(headerHash({ number, previousHash: one, dataHash: two }))).toBe(
          createHash("sha256").update(der).digest("hex"),
        );
      }),
      { numRuns: RUNS },
    );
  });
});

describe("dataHash", () => {
  it("is that of the envelopes one after the other", () => {
    const whole = createHash("sha256").update("abcdef").digest();
    expect(dataHash([Buffer.from("abc"), Buffer.from("d"), Buffer.from("ef")])).toEqual(new Uint8Array(whole));
  });
});

/** BlockProof written by hand, for lengths that fit one length byte or two. */
function proofOf(kinds: Uint8Array, checkpoint: string): Uint8Array {
  const text = Buffer.from(checkpoint);
  const length = text.length < 128 ? [text.length] : [(text.length & 0x7f) | 0x80, text.length >> 7];
  const note = text.length === 0 ? new Uint8Array(0) : concatBytes(Uint8Array.of(0x1a, ...length), text);
  return concatBytes(Uint8Array.of(0x08, 1, 0x12, kinds.length), kinds, note);
}

describe("blocks", () => {
  it("are those of Fabric's official classes and read back", () => {
    fc.assert(
      fc.property(anyBlock, (block) => {
        const bytes = encodeBlock(block);
        expect(bytesToHex(bytes)).toBe(bytesToHex(officialBlock(block, proofOf(block.kinds, block.checkpoint))));
        expect(decodeBlock(bytes)).toEqual(block);
      }),
      { numRuns: RUNS },
    );
  });

  it("have one encoding: whatever else decodes is itself the encoding of what it decodes to", () => {
    fc.assert(
      fc.property(fc.oneof(damaged(anyBlock.map(encodeBlock)), fc.uint8Array({ maxLength: 60 })), (bytes) => {
        try {
          expect(bytesToHex(encodeBlock(decodeBlock(bytes)))).toBe(bytesToHex(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(EncodingInvalidError);
        }
      }),
      { numRuns: RUNS * 3 },
    );
  });

  it("hold at least one envelope and one code and kind for each", () => {
    const good = {
      number: 1,
      previousHash: one,
      dataHash: two,
      envelopes: [one],
      validationCodes: Uint8Array.of(0),
      kinds: Uint8Array.of(1),
      checkpoint: "",
    };
    expect(decodeBlock(encodeBlock(good))).toEqual(good);
    const faulty = [
      { ...good, envelopes: [], validationCodes: new Uint8Array(0), kinds: new Uint8Array(0) },
      { ...good, kinds: Uint8Array.of(1, 1) },
      { ...good, validationCodes: Uint8Array.of(0, 0) },
      { ...good, number: 0 },
      { ...good, previousHash: new Uint8Array(0) },
      { ...good, dataHash: Uint8Array.of(1) },
    ];
    for (const block of faulty) expect(() => encodeBlock(block)).toThrow();
  });
});
