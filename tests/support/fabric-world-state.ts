import { compareBytes, utf8ToBytes } from "@concordat/base";

export interface Row {
  readonly key: string;
  readonly value: Uint8Array;
}

export interface Change {
  readonly txId: string;
  readonly timeMs: number;
  /** Undefined: the key was deleted. */
  readonly value: Uint8Array | undefined;
}

/** World state and history of one chaincode in memory. */
export class FabricWorldState {
  readonly #rows = new Map<string, Uint8Array>();
  readonly #history = new Map<string, Change[]>();

  get(key: string): Uint8Array | undefined {
    return this.#rows.get(key);
  }

  /** From `start` (inclusive) to `end` (exclusive, "" for no end) by UTF-8 bytes, composite keys included as on a peer. */
  range(start: string, end: string): Row[] {
    const [first, behind] = [utf8ToBytes(start), utf8ToBytes(end)];
    return [...this.#rows]
      .map(([key, value]) => ({ key, value, bytes: utf8ToBytes(key) }))
      .filter(({ bytes }) => compareBytes(bytes, first) >= 0 && (end === "" || compareBytes(bytes, behind) < 0))
      .sort((a, b) => compareBytes(a.bytes, b.bytes));
  }

  /** Newest first. */
  history(key: string): readonly Change[] {
    return this.#history.get(key) ?? [];
  }

  commit(txId: string, timeMs: number, writes: ReadonlyMap<string, Uint8Array | undefined>): void {
    for (const [key, value] of writes) {
      if (value === undefined) this.#rows.delete(key);
      else this.#rows.set(key, value);
      this.#history.set(key, [{ txId, timeMs, value }, ...this.history(key)]);
    }
  }
}
