import { systemRandom, utf8ToBytes } from "@concordat/base";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createKeyRing, createSealer } from "./sealing.ts";

const sealer = createSealer(new Uint8Array(32).fill(7), { random: systemRandom });
const failure = (code: string) => expect.objectContaining({ code });

it("opens what it sealed for the same purpose", () => {
  fc.assert(
    fc.property(fc.string(), fc.uint8Array({ maxLength: 200 }), (purpose, secret) => {
      expect(sealer.open(purpose, sealer.seal(purpose, secret))).toEqual(secret);
    }),
  );
});

it("never gives the same envelope twice", () => {
  const secret = utf8ToBytes("secret");
  expect(sealer.seal("a", secret)).not.toEqual(sealer.seal("a", secret));
});

it("refuses another purpose, every flipped bit and every cut", () => {
  const envelope = sealer.seal("place/one", utf8ToBytes("secret"));
  expect(() => sealer.open("place/two", envelope)).toThrow(failure("SEALED_VALUE_DAMAGED"));
  for (let bit = 0; bit < envelope.length * 8; bit++) {
    const flipped = envelope.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() => sealer.open("place/one", flipped)).toThrow();
  }
  for (let length = 0; length < envelope.length; length++) {
    expect(() => sealer.open("place/one", envelope.subarray(0, length))).toThrow(failure("SEALED_VALUE_DAMAGED"));
  }
});

it("names a foreign master key and an unknown version as such", () => {
  const envelope = sealer.seal("place", utf8ToBytes("secret"));
  const other = createSealer(new Uint8Array(32).fill(8), { random: systemRandom });
  expect(() => other.open("place", envelope)).toThrow(failure("SEALED_WITH_OTHER_KEY"));
  envelope[0] = 2;
  expect(() => sealer.open("place", envelope)).toThrow(failure("SEALED_VERSION_UNKNOWN"));
});

it("takes master keys of 32 bytes only", () => {
  expect(() => createSealer(new Uint8Array(31), { random: systemRandom })).toThrow(failure("MASTER_KEY_INVALID"));
});

it("seals with a new key after a change, opens what earlier ones sealed, and forgets them when told", () => {
  const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const ring = createKeyRing([first], { random: systemRandom });
  const before = ring.seal("place", utf8ToBytes("secret"));
  ring.use(second);
  const after = ring.seal("place", utf8ToBytes("secret"));
  expect([ring.isCurrent(before), ring.isCurrent(after)]).toEqual([false, true]);
  expect([ring.open("place", before), ring.open("place", after)]).toEqual([
    utf8ToBytes("secret"),
    utf8ToBytes("secret"),
  ]);
  expect(createSealer(second, { random: systemRandom }).open("place", after)).toEqual(utf8ToBytes("secret"));
  expect(createKeyRing([second, first], { random: systemRandom }).open("place", before)).toEqual(utf8ToBytes("secret"));
  expect(ring.keyCount).toBe(2);
  ring.forgetEarlier();
  expect(ring.keyCount).toBe(1);
  expect(() => ring.open("place", before)).toThrow(failure("SEALED_WITH_OTHER_KEY"));
  ring.use(second);
  expect(() => ring.open("place", before)).toThrow(failure("SEALED_WITH_OTHER_KEY"));
});
