const slotsAtFirst = 1024;

/**
 * A set of 64-bit fingerprints that stays small: 8 bytes a slot, at most `entriesMax` entries. Two different nonces share a
 * fingerprint once in 2^64 pairs; the later one is then refused as a replay, and its caller signs anew.
 */
export class NonceTable {
  #slots = new BigUint64Array(slotsAtFirst);
  #size = 0;
  readonly #entriesMax: number;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= this.#entriesMax;
  }

  has(fingerprint: bigint): boolean {
    return this.#slots[this.#slotOf(this.#slots, fingerprint)] === fingerprint;
  }

  /** The table must not be full. */
  add(fingerprint: bigint): void {
    if (this.has(fingerprint)) return;
    if (2 * (this.#size + 1) > this.#slots.length) this.#grow();
    this.#slots[this.#slotOf(this.#slots, fingerprint)] = fingerprint;
    this.#size++;
  }

  clear(): void {
    this.#slots = new BigUint64Array(slotsAtFirst);
    this.#size = 0;
  }

  /** Where the fingerprint stands, or the empty slot where it would. Zero marks an empty slot, so callers pass none. */
  #slotOf(slots: BigUint64Array, fingerprint: bigint): number {
    const mask = slots.length - 1;
    let slot = Number(fingerprint & 0xffff_ffffn) & mask;
    while (slots[slot] !== 0n && slots[slot] !== fingerprint) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const grown = new BigUint64Array(this.#slots.length * 2);
    for (const fingerprint of this.#slots) {
      if (fingerprint !== 0n) grown[this.#slotOf(grown, fingerprint)] = fingerprint;
    }
    this.#slots = grown;
  }
}
