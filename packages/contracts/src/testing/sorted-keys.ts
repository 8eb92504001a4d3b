import { compareBytes, utf8ToBytes } from "@concordat/base";

interface Entry {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** A set of keys, kept in the order of their UTF-8 bytes. */
export class SortedKeys {
  readonly #entries: Entry[] = [];

  add(key: string): void {
    const bytes = utf8ToBytes(key);
    const position = this.#positionOf(bytes);
    if (this.#entries[position]?.key !== key) this.#entries.splice(position, 0, { key, bytes });
  }

  delete(key: string): void {
    const position = this.#positionOf(utf8ToBytes(key));
    if (this.#entries[position]?.key === key) this.#entries.splice(position, 1);
  }

  all(): string[] {
    return this.#entries.map(({ key }) => key);
  }

  withPrefix(prefix: string): string[] {
    const found: string[] = [];
    for (let position = this.#positionOf(utf8ToBytes(prefix)); ; position++) {
      const key = this.#entries[position]?.key;
      if (key === undefined || !key.startsWith(prefix)) return found;
      found.push(key);
    }
  }

  /** Of the first key that is not before these bytes. */
  #positionOf(bytes: Uint8Array): number {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && compareBytes(entry.bytes, bytes) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
