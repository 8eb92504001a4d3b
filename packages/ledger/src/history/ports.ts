import type { StateWrite } from "../state/ports.ts";

/** Where a transaction stands and what its verdict is. `block` and `index` are -1 for an id known from a snapshot only. */
export interface TransactionPosition {
  readonly block: number;
  readonly index: number;
  /** Fabric's TxValidationCode; 0 is valid. */
  readonly validationCode: number;
}

export interface TransactionEntry extends TransactionPosition {
  readonly txId: string;
}

export interface HistoryEntry {
  readonly block: number;
  readonly index: number;
  readonly isDelete: boolean;
}

export interface HistoryRow extends HistoryEntry {
  readonly namespace: string;
  readonly key: string;
}

export interface BlockEntry {
  readonly number: number;
  readonly headerHash: Uint8Array;
}

export interface IndexEntries {
  readonly blocks: readonly BlockEntry[];
  /** The latest time that the channel itself gave a transaction (kinds 0 and 1) in these blocks; undefined when none of them has one. */
  readonly lastTimestampMs: number | undefined;
  /** In log order. */
  readonly transactions: readonly TransactionEntry[];
  /** Writes of valid transactions. */
  readonly writes: readonly StateWrite[];
  /** Amounts to add, by {@link meterName}. */
  readonly meters: ReadonlyMap<string, number>;
}

/** One row of a dump; rows are grouped by kind and stand in a fixed order. */
export type IndexRow =
  | ({ readonly kind: "transaction" } & TransactionEntry)
  | ({ readonly kind: "history" } & HistoryRow)
  | { readonly kind: "meter"; readonly contract: string; readonly meter: string; readonly sum: number }
  | ({ readonly kind: "block" } & BlockEntry)
  | { readonly kind: "clock"; readonly lastTimestampMs: number };

/**
 * What a channel looks up besides its state: transactions by id, the history of keys, and the meters of contracts.
 * Derived data, rebuilt from the block segments by replay; after a crash it is that of some savepoint at or below the last one applied.
 */
export interface LedgerIndex {
  /** Number of blocks whose entries are visible. */
  readonly savepoint: number;
  /** The channel's latest time of its own, see {@link IndexEntries.lastTimestampMs}; 0 when there is none. It never goes back. */
  readonly lastTimestampMs: number;
  /**
   * Adds the entries of the blocks up to `height`, in one atomic batch. The arguments are read before the call returns and
   * must not change until it settles. Calls may overlap and take effect in call order; after one has failed all later ones are refused.
   *
   * When transactions share an id, the valid one is kept; among refused ones the first.
   * @throws InvariantError `height` is not above that of the call before
   */
  apply(height: number, entries: IndexEntries): Promise<void>;
  /** Fills an empty index of a channel imported at `height` blocks with the ids of its valid transactions, whose positions are unknown, its meter sums and its clock. */
  load(
    height: number,
    transactionIds: AsyncIterable<string> | Iterable<string>,
    sums: ReadonlyMap<string, number>,
    lastTimestampMs: number,
  ): Promise<void>;
  /** Synchronous; sees what resolved `apply` calls wrote, and possibly the batch that is being written. */
  transaction(txId: string): TransactionPosition | undefined;
  /** The number of the stored block with this header hash. */
  blockNumber(headerHash: Uint8Array): number | undefined;
  /** Newest first; a snapshot taken at the call. Iterate to the end or call `return()`: the snapshot is held until then. */
  history(namespace: string, key: string): AsyncIterableIterator<HistoryEntry>;
  /** Sums of the contract's meters whose names begin with `prefix`; what resolved `apply` calls added. */
  meters(contract: string, prefix: string): Record<string, number>;
  /** Ids of the valid transactions, ascending by bytes; a snapshot taken at the call. */
  transactionIds(): AsyncIterableIterator<string>;
  /** Every row of what is looked up; a snapshot taken at the call. */
  dump(): AsyncIterableIterator<IndexRow>;
  /** Waits for what was accepted, then closes. */
  close(): Promise<void>;
}

/** Key of {@link IndexEntries.meters}. A contract's name has no U+0000; a meter's may. */
export function meterName(contract: string, meter: string): string {
  return `${contract}\0${meter}`;
}
