import type { StateRow, StateWrite, Version } from "../state/ports.ts";

export interface OverlayEntry {
  /** undefined: deleted. */
  readonly value: Uint8Array | undefined;
  readonly version: Version;
}

/** The latest writes of one key in the two ages that a write goes through before the database has it. */
interface Latest {
  pending: StateWrite | undefined;
  durable: StateWrite | undefined;
}

/**
 * Writes that the state database does not have yet, by namespace and key: pending ones (executed, not yet durable) and
 * durable ones. Of each age the latest write of a key counts.
 */
export class Overlay {
  readonly #namespaces = new Map<string, Map<string, Latest>>();

  /** The newest write, pending or durable. */
  newest(namespace: string, key: string): OverlayEntry | undefined {
    const latest = this.#namespaces.get(namespace)?.get(key);
    return latest?.pending ?? latest?.durable;
  }

  durable(namespace: string, key: string): OverlayEntry | undefined {
    return this.#namespaces.get(namespace)?.get(key)?.durable;
  }

  isPending(namespace: string, key: string): boolean {
    return this.#namespaces.get(namespace)?.get(key)?.pending !== undefined;
  }

  /** A new write: pending. */
  put(write: StateWrite): void {
    let keys = this.#namespaces.get(write.namespace);
    if (keys === undefined) {
      keys = new Map();
      this.#namespaces.set(write.namespace, keys);
    }
    const latest = keys.get(write.key);
    if (latest === undefined) keys.set(write.key, { pending: write, durable: undefined });
    else latest.pending = write;
  }

  /** A write that was put has become durable. */
  madeDurable(write: StateWrite): void {
    const latest = this.#namespaces.get(write.namespace)?.get(write.key);
    if (latest === undefined) return;
    latest.durable = write;
    if (latest.pending === write) latest.pending = undefined;
  }

  /** Drops a durable write that has moved on, unless a later one has taken its place. */
  drop(write: StateWrite): void {
    const keys = this.#namespaces.get(write.namespace);
    const latest = keys?.get(write.key);
    if (latest?.durable !== write) return;
    latest.durable = undefined;
    if (latest.pending === undefined) keys?.delete(write.key);
  }

  /** Entries of a key range as they are now, unordered; with the pending ones or without. */
  inRange(namespace: string, contains: (key: string) => boolean, age: "newest" | "durable"): Map<string, OverlayEntry> {
    const found = new Map<string, OverlayEntry>();
    for (const [key, { pending, durable }] of this.#namespaces.get(namespace) ?? []) {
      const entry = age === "newest" ? (pending ?? durable) : durable;
      if (entry !== undefined && contains(key)) found.set(key, entry);
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
