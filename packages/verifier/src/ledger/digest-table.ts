/**
 * A map from the first 128 bits of a SHA-256 digest to a whole number, in flat memory outside the heap: tens of millions of entries
 * would burden the collector, and a Map of JavaScript ends at 16.7 million. Open addressing, linear probing.
 */
export class DigestTable {
  /** Six words for each slot: four of the digest, two of the value plus one (both zero: empty). */
  #words: Uint32Array;
  #slots: number;
  #used = 0;

  constructor(slots = 1024) {
    this.#slots = slots;
    this.#words = new Uint32Array(slots * WORDS);
  }

  get size(): number {
    return this.#used;
  }

  /** The value of a digest whose first four words are given, or -1. */
  get(a: number, b: number, c: number, d: number): number {
    const at = this.#find(a, b, c, d);
    return this.#valueAt(at) - 1;
  }

  set(a: number, b: number, c: number, d: number, value: number): void {
    let at = this.#find(a, b, c, d);
    if (this.#valueAt(at) === 0) {
      if ((this.#used + 1) * 3 > this.#slots * 2) {
        this.#grow();
        at = this.#find(a, b, c, d);
      }
      this.#used += 1;
    }
    const words = this.#words;
    words[at] = a;
    words[at + 1] = b;
    words[at + 2] = c;
    words[at + 3] = d;
    words[at + 4] = (value + 1) % TWO_32;
    words[at + 5] = Math.floor((value + 1) / TWO_32);
  }

  /** The offset of the digest's slot, or of the empty one where it belongs. */
  #find(a: number, b: number, c: number, d: number): number {
    const words = this.#words;
    const mask = this.#slots - 1;
    for (let slot = (a ^ d) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * WORDS;
      if (words[at + 4] === 0 && words[at + 5] === 0) return at;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return at;
    }
  }

  #valueAt(at: number): number {
    return (this.#words[at + 5] ?? 0) * TWO_32 + (this.#words[at + 4] ?? 0);
  }

  #grow(): void {
    const old = this.#words;
    this.#slots *= 2;
    this.#words = new Uint32Array(this.#slots * WORDS);
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + 4] === 0 && old[from + 5] === 0) continue;
      const at = this.#find(old[from] ?? 0, old[from + 1] ?? 0, old[from + 2] ?? 0, old[from + 3] ?? 0);
      this.#words.set(old.subarray(from, from + WORDS), at);
    }
  }
}

const WORDS = 6;
const TWO_32 = 2 ** 32;
