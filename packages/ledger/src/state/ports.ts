import type { SelectorQuery } from "./query/selector-query.ts";

/** Position of the transaction that wrote a key. */
export interface Version {
  readonly block: number;
  /** Place of the transaction in its block, from 0. */
  readonly index: number;
}

export interface StateRow {
  readonly namespace: string;
  readonly key: string;
  readonly value: Uint8Array;
  readonly version: Version;
}

/** A row that a query answers. */
export interface QueryRow extends StateRow {
  /** Where the page after this row begins: see `SelectorQuery.bookmark` and `parseBookmark`. */
  readonly bookmark: string;
}

export interface StateWrite {
  readonly namespace: string;
  readonly key: string;
  /** Undefined: the key is deleted. */
  readonly value: Uint8Array | undefined;
  readonly version: Version;
}

/**
 * The world state of one channel: derived data, rebuilt from the block segments by replay.
 *
 * Keys are compared by their UTF-8 bytes; a lone surrogate counts as U+FFFD, which is what a block's protobuf encoding
 * makes of it. Namespaces are Fabric chaincode names (with `$` for collections): never empty, never with U+0000.
 *
 * After a crash: the rows are exactly those of some savepoint at or below the last one applied; `apply` is not synced.
 */
export interface StateDatabase {
  /** Number of blocks whose writes are visible. */
  readonly savepoint: number;
  /** Synchronous; sees what resolved `apply` calls wrote, and possibly the batch that is being written. */
  get(namespace: string, key: string): { readonly value: Uint8Array; readonly version: Version } | undefined;
  /**
   * The rows of a snapshot taken at the call, not at the first `next()`. Ascending by UTF-8 bytes; `endKey` is
   * exclusive; "" = unbounded. Iterate to the end or call `return()` (a `for await` does either): the snapshot is held until then.
   */
  range(namespace: string, startKey: string, endKey: string): AsyncIterableIterator<StateRow>;
  /**
   * CouchDB-style query over the durable rows of one namespace whose value is a JSON object; with `fields`, values are
   * the projected documents. Only where the store can (`couchdb` channels).
   */
  query?(namespace: string, query: SelectorQuery): AsyncIterableIterator<QueryRow>;
  /**
   * Applies the writes of the blocks up to `height` (the savepoint afterwards, greater than the one before) in one
   * atomic batch; the last write of a key wins. The arguments are read before the call returns. Calls may overlap and take
   * effect in call order; after one has failed all later ones are refused.
   * @throws InvariantError `height` is not above that of the call before
   */
  apply(height: number, writes: readonly StateWrite[]): Promise<void>;
  /**
   * Fills an empty store from a snapshot of a channel of `height` blocks. Not atomic, but a store whose load did
   * not finish is refused when it is opened again.
   */
  load(height: number, rows: AsyncIterable<StateRow> | Iterable<StateRow>): Promise<void>;
  /** Every row, ascending by namespace bytes, then key bytes; a snapshot as in `range`. */
  dump(): AsyncIterableIterator<StateRow>;
  /** Waits for what was accepted, then closes. Open iterators end with an error. */
  close(): Promise<void>;
}
