import type { StateRow, StateWrite, Version } from "../state/ports.ts";

export interface OverlayEntry {
  /** undefined: deleted. */
  readonly value: Uint8Array | undefined;
  readonly version: Version;
}

/** Writes that the state database does not have yet, by namespace and key; the latest write of a key wins. */
export class Overlay {
  readonly #namespaces = new Map<string, Map<string, OverlayEntry>>();

  get(namespace: string, key: string): OverlayEntry | undefined {
    return this.#namespaces.get(namespace)?.get(key);
  }

  put(write: StateWrite): void {
    let keys = this.#namespaces.get(write.namespace);
    if (keys === undefined) {
      keys = new Map();
      this.#namespaces.set(write.namespace, keys);
    }
    keys.set(write.key, write);
  }

  /** Drops a write that has moved on, unless a later one has taken its place. */
  drop(write: StateWrite): void {
    const keys = this.#namespaces.get(write.namespace);
    if (keys?.get(write.key) === write) keys.delete(write.key);
  }

  /** Entries of a key range as they are now, unordered. */
  inRange(namespace: string, contains: (key: string) => boolean): Map<string, OverlayEntry> {
    const found = new Map<string, OverlayEntry>();
    for (const [key, entry] of this.#namespaces.get(namespace) ?? []) {
      if (contains(key)) found.set(key, entry);
    }
    return found;
  }
}

/** Merges sorted durable rows with newer entries laid over them. `compare` is the rows' order. */
export async function* mergeRows(
  namespace: string,
  rows: AsyncIterable<StateRow>,
  newer: ReadonlyMap<string, OverlayEntry>,
  compare: (a: string, b: string) => number,
): AsyncGenerator<StateRow> {
  const added = [...newer.keys()].sort(compare);
  let next = 0;
  const rowOf = (key: string): StateRow | undefined => {
    const entry = newer.get(key);
    return entry?.value === undefined ? undefined : { namespace, key, value: entry.value, version: entry.version };
  };
  for await (const row of rows) {
    for (; ; next += 1) {
      const key = added[next];
      if (key === undefined || compare(key, row.key) >= 0) break;
      const inserted = rowOf(key);
      if (inserted !== undefined) yield inserted;
    }
    if (!newer.has(row.key)) yield row;
  }
  for (const key of added.slice(next)) {
    const inserted = rowOf(key);
    if (inserted !== undefined) yield inserted;
  }
}
