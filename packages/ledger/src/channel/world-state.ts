import type { KeyModification } from "../contract-api/index.ts";
import { LedgerError } from "../errors.ts";
import { compareKeys } from "../runtime/composite-key.ts";
import type { StateView } from "../runtime/view.ts";
import type { QueryRow, StateDatabase, StateRow, StateWrite } from "../state/ports.ts";
import type { SelectorQuery } from "../state/query/selector-query.ts";
import { mergeRows, Overlay, type OverlayEntry } from "./overlay.ts";
import { createPictureView, type PictureSurroundings } from "./picture-view.ts";
import { type Found, type Picture, Pictures } from "./pictures.ts";

/**
 * The world state in its three ages: in the database; durable in the segments but not yet in the database; executed
 * but not yet durable. Queries see the first two, the executing transaction sees all three.
 */
export class WorldState {
  readonly #database: StateDatabase;
  readonly #overlay = new Overlay();
  /** Of the durable state. */
  readonly pictures = new Pictures();

  constructor(database: StateDatabase) {
    this.#database = database;
  }

  executed(writes: readonly StateWrite[]): void {
    for (const write of writes) this.#overlay.put(write);
  }

  madeDurable(write: StateWrite): void {
    const { namespace, key } = write;
    if (this.pictures.areOpen) this.pictures.keep(namespace, key, () => this.durable(namespace, key));
    this.#overlay.madeDurable(write);
  }

  inDatabase(write: StateWrite): void {
    this.#overlay.drop(write);
  }

  isPending(namespace: string, key: string): boolean {
    return this.#overlay.isPending(namespace, key);
  }

  durable(namespace: string, key: string): Found {
    const entry = this.#overlay.durable(namespace, key);
    return entry === undefined ? this.#database.get(namespace, key) : found(entry);
  }

  /** What the executing transaction sees. `settle` makes everything executed so far durable and applied, for queries that run in the database. */
  executionView(history: HistoryReader, settle: () => Promise<void>): StateView {
    return {
      get: (namespace, key) => {
        const entry = this.#overlay.newest(namespace, key);
        return entry === undefined ? this.#database.get(namespace, key) : found(entry);
      },
      range: (namespace, start, end) => this.#range(namespace, start, end, "newest"),
      query: (namespace, query) => settle().then(() => this.queryDatabase(namespace, query)),
      history: (namespace, key) => settle().then(() => history(namespace, key)),
    };
  }

  /** What queries see: durable state only, so that nothing is shown that a crash could take back. */
  durableView(history: HistoryReader, applied: () => Promise<void>): StateView {
    return {
      get: (namespace, key) => this.durable(namespace, key),
      range: (namespace, start, end) => this.#range(namespace, start, end, "durable"),
      query: (namespace, query) => applied().then(() => this.queryDatabase(namespace, query)),
      history: (namespace, key) => applied().then(() => history(namespace, key)),
    };
  }

  /** The durable state as it is, of that height, or the one that another picture shows. */
  openPicture(same: Picture | undefined, height: number, around: PictureSurroundings): OpenedPicture {
    const { pictures } = this;
    const picture = same === undefined ? pictures.take(height) : pictures.share(same);
    return {
      picture,
      view: createPictureView(picture, { pictures, durable: this, ...around }),
      release: () => pictures.release(picture),
    };
  }

  /** Durable rows, with what these keys held before in place of what they hold. */
  durableRange(
    namespace: string,
    start: string,
    end: string,
    before: ReadonlyMap<string, Found>,
  ): AsyncIterable<StateRow> {
    return this.#range(namespace, start, end, "durable", before);
  }

  #range(
    namespace: string,
    start: string,
    end: string,
    age: "newest" | "durable",
    before?: ReadonlyMap<string, Found>,
  ): AsyncIterable<StateRow> {
    const contains = (key: string) =>
      (start === "" || compareKeys(key, start) >= 0) && (end === "" || compareKeys(key, end) < 0);
    // Both pictures are taken in this tick: nothing can move from an overlay into the database in between.
    const rows = this.#database.range(namespace, start, end);
    const newer = this.#overlay.inRange(namespace, contains, age);
    for (const [key, found] of before ?? []) if (contains(key)) newer.set(key, found ?? ABSENT);
    return newer.size === 0 ? rows : mergeRows(namespace, rows, newer, compareKeys);
  }

  queryDatabase(namespace: string, query: SelectorQuery): AsyncIterable<QueryRow> {
    if (this.#database.query === undefined) {
      throw new LedgerError("QUERY_UNSUPPORTED", "The channel's state database is goleveldb, which has no selectors.", {
        remedy: "Create the channel with state database couchdb.",
      });
    }
    return this.#database.query(namespace, query);
  }
}

/** A picture and what is seen in it. */
export interface OpenedPicture {
  readonly picture: Picture;
  readonly view: StateView;
  readonly release: () => void;
}

/** Hides a row that the database has. */
const ABSENT: OverlayEntry = { value: undefined, version: { block: 0, index: 0 } };

/** Modifications of a key, newest first, once everything durable is indexed; with `height` those of the blocks below it. */
export type HistoryReader = (namespace: string, key: string, height?: number) => AsyncIterable<KeyModification>;

function found(entry: OverlayEntry | undefined): { value: Uint8Array; version: OverlayEntry["version"] } | undefined {
  return entry?.value === undefined ? undefined : { value: entry.value, version: entry.version };
}
