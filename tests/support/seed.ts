/**
 * The seed of this run: from the SEED variable, else new. Printed, so that a failing run can be repeated.
 * Every random test of the suites takes its choices from here.
 */
export function runSeed(name: string): number {
  const given = process.env["SEED"];
  const seed = given === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(given);
  console.log(`${name}: SEED=${seed}`);
  return seed;
}

export interface Chooser {
  /** 0 (inclusive) to 1 (exclusive). */
  fraction(): number;
  /** `from` (inclusive) to `to` (exclusive), whole. */
  between(from: number, to: number): number;
  oneOf<Item>(items: readonly Item[]): Item;
  bytes(length: number): Buffer;
}

/** mulberry32: small, even enough for choosing test cases, the same on every machine. */
export function createChooser(seed: number): Chooser {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number) => from + Math.floor(fraction() * (to - from));
  return {
    fraction,
    between,
    oneOf(items) {
      const item = items[between(0, items.length)];
      if (item === undefined) throw new RangeError("nothing to choose from");
      return item;
    },
    bytes: (length) => Buffer.from(Array.from({ length }, () => between(0, 256))),
  };
}
