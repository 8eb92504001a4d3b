import type { KeyModification } from "../contract-api/index.ts";
import { LedgerError } from "../errors.ts";
import { compareKeys } from "../runtime/composite-key.ts";
import type { StateView } from "../runtime/view.ts";
import type { StateDatabase, StateRow, StateWrite } from "../state/ports.ts";
import type { SelectorQuery } from "../state/query/selector-query.ts";
import { mergeRows, Overlay, type OverlayEntry } from "./overlay.ts";

/**
 * The world state in its three ages: in the database; durable in the segments but not yet in the database; executed
 * but not yet durable. Queries see the first two, the executing transaction sees all three.
 */
export class WorldState {
  readonly #database: StateDatabase;
  readonly #durable = new Overlay();
  readonly #pending = new Overlay();

  constructor(database: StateDatabase) {
    this.#database = database;
  }

  executed(writes: readonly StateWrite[]): void {
    for (const write of writes) this.#pending.put(write);
  }

  madeDurable(write: StateWrite): void {
    this.#durable.put(write);
    this.#pending.drop(write);
  }

  inDatabase(write: StateWrite): void {
    this.#durable.drop(write);
  }

  isPending(namespace: string, key: string): boolean {
    return this.#pending.get(namespace, key) !== undefined;
  }

  /** What the executing transaction sees. `settle` makes everything executed so far durable and applied, for queries that run in the database. */
  executionView(history: HistoryReader, settle: () => Promise<void>): StateView {
    return {
      get: (namespace, key) => {
        const entry = this.#pending.get(namespace, key) ?? this.#durable.get(namespace, key);
        return entry === undefined ? this.#database.get(namespace, key) : found(entry);
      },
      range: (namespace, start, end) => this.#range(namespace, start, end, [this.#durable, this.#pending]),
      query: (namespace, query) => settle().then(() => this.#query(namespace, query)),
      history: (namespace, key) => settle().then(() => history(namespace, key)),
    };
  }

  /** What queries see: durable state only, so that nothing is shown that a crash could take back. */
  durableView(history: HistoryReader, applied: () => Promise<void>): StateView {
    return {
      get: (namespace, key) => {
        const entry = this.#durable.get(namespace, key);
        return entry === undefined ? this.#database.get(namespace, key) : found(entry);
      },
      range: (namespace, start, end) => this.#range(namespace, start, end, [this.#durable]),
      query: (namespace, query) => applied().then(() => this.#query(namespace, query)),
      history: (namespace, key) => applied().then(() => history(namespace, key)),
    };
  }

  #range(namespace: string, start: string, end: string, overlays: readonly Overlay[]): AsyncIterable<StateRow> {
    const contains = (key: string) =>
      (start === "" || compareKeys(key, start) >= 0) && (end === "" || compareKeys(key, end) < 0);
    // Both pictures are taken in this tick: nothing can move from an overlay into the database in between.
    const rows = this.#database.range(namespace, start, end);
    const newer = new Map<string, OverlayEntry>();
    for (const overlay of overlays) {
      for (const [key, entry] of overlay.inRange(namespace, contains)) newer.set(key, entry);
    }
    return newer.size === 0 ? rows : mergeRows(namespace, rows, newer, compareKeys);
  }

  #query(namespace: string, query: SelectorQuery): AsyncIterable<StateRow> {
    if (this.#database.query === undefined) {
      throw new LedgerError("QUERY_UNSUPPORTED", "The channel's state database is goleveldb, which has no selectors.", {
        remedy: "Create the channel with state database couchdb.",
      });
    }
    return this.#database.query(namespace, query);
  }
}

/** Modifications of a key, newest first, once everything durable is indexed. */
export type HistoryReader = (namespace: string, key: string) => AsyncIterable<KeyModification>;

function found(entry: OverlayEntry | undefined): { value: Uint8Array; version: OverlayEntry["version"] } | undefined {
  return entry?.value === undefined ? undefined : { value: entry.value, version: entry.version };
}
