import type { LevelStore, LevelStoreDependencies } from "../derived/level-store.ts";
import { openLevelStore } from "../derived/level-store.ts";
import type { RowBatch } from "../derived/row-batch.ts";
import { checkNamespace } from "../state/level-state-database.ts";
import {
  allRows,
  clockKey,
  decodeHistoryEntry,
  decodeIndexRow,
  decodeMeter,
  decodeNumber,
  decodeTransaction,
  decodeTransactionValue,
  headerKey,
  historyRange,
  meterRows,
  putClock,
  putHeader,
  putHistory,
  putMeter,
  putTransaction,
  transactionKey,
  transactionRows,
} from "./index-rows.ts";
import { Meters } from "./meters.ts";
import type { LedgerIndex, TransactionEntry } from "./ports.ts";

const VALID = 0;
const LOAD_ROWS = 1000;
const UNKNOWN_POSITION = { block: -1, index: -1, validationCode: VALID };

/** @throws ConcordatError STORE_DAMAGED */
export async function openLedgerIndex(
  options: { readonly directory: string; readonly settleBatches?: number; readonly settleBytes?: number },
  dependencies: LevelStoreDependencies = {},
): Promise<LedgerIndex> {
  const store = await openLevelStore({ ...options, format: "concordat-index/2" }, dependencies);
  const meters = new Meters();
  for await (const { name, sum } of store.rows(meterRows, decodeMeter)) meters.set(name, sum);
  return createLedgerIndex(store, meters);
}

function createLedgerIndex(store: LevelStore, meters: Meters): LedgerIndex {
  const known = (txId: string) => {
    const row = store.get(transactionKey(txId));
    return row === undefined ? undefined : decodeTransactionValue(row);
  };
  const refused = new RefusedIds((txId) => known(txId) !== undefined);
  const clockRow = store.get(clockKey);
  let lastTimestampMs = clockRow === undefined ? 0 : decodeNumber(clockRow);
  return {
    get savepoint() {
      return store.savepoint;
    },
    get lastTimestampMs() {
      return lastTimestampMs;
    },
    async apply(height, entries) {
      const batch = store.batch();
      const transactions = refused.select(entries.transactions);
      for (const transaction of transactions) putTransaction(batch, transaction.txId, transaction);
      for (const block of entries.blocks) putHeader(batch, block);
      lastTimestampMs = Math.max(lastTimestampMs, entries.lastTimestampMs ?? 0);
      if (entries.lastTimestampMs !== undefined) putClock(batch, lastTimestampMs);
      for (const write of entries.writes) {
        checkNamespace(write.namespace);
        putHistory(batch, write);
      }
      const sums = meters.add(entries.meters);
      for (const [name, sum] of sums) putMeter(batch, name, sum);
      try {
        await store.write(height, batch);
      } finally {
        refused.written(entries.transactions);
      }
      meters.commit(sums);
    },
    async load(height, transactionIds, sums, loadedTimestampMs) {
      await store.load(height, loadBatches(store, transactionIds, sums, loadedTimestampMs));
      lastTimestampMs = loadedTimestampMs;
      for (const [name, sum] of sums) meters.set(name, sum);
    },
    transaction: known,
    blockNumber: (headerHash) => {
      const row = store.get(headerKey(headerHash));
      return row === undefined ? undefined : decodeNumber(row);
    },
    history: (namespace, key) => store.rows(historyRange(namespace, key), decodeHistoryEntry),
    meters: (contract, prefix) => meters.select(contract, prefix),
    transactionIds: () =>
      store.rows(transactionRows, (key, value) => {
        const { txId, validationCode } = decodeTransaction(key, value);
        return validationCode === VALID ? txId : undefined;
      }),
    dump: () => store.rows(allRows, decodeIndexRow),
    close: () => store.close(),
  };
}

/**
 * Decides which transactions get a row when several share an id. A valid one always does. A refused one does only when
 * no transaction of the id came before it, in the store, in a batch still on its way, or in the same batch: the
 * receipt of a valid transaction must stay findable whatever is refused after it under its id. The look-up is made for refused ones
 * only, so that it costs valid ones nothing.
 */
class RefusedIds {
  readonly #isStored: (txId: string) => boolean;
  readonly #inFlight: (readonly TransactionEntry[])[] = [];

  constructor(isStored: (txId: string) => boolean) {
    this.#isStored = isStored;
  }

  select(transactions: readonly TransactionEntry[]): readonly TransactionEntry[] {
    let selected = transactions;
    if (transactions.some((transaction) => transaction.validationCode !== VALID)) {
      const before = new Set(this.#inFlight.flatMap((entries) => entries.map((entry) => entry.txId)));
      selected = transactions.filter(({ txId, validationCode }) => {
        const isFirst = !before.has(txId) && !(validationCode !== VALID && this.#isStored(txId));
        before.add(txId);
        return validationCode === VALID || isFirst;
      });
    }
    this.#inFlight.push(transactions);
    return selected;
  }

  written(transactions: readonly TransactionEntry[]): void {
    this.#inFlight.splice(this.#inFlight.indexOf(transactions), 1);
  }
}

async function* loadBatches(
  store: LevelStore,
  transactionIds: AsyncIterable<string> | Iterable<string>,
  sums: ReadonlyMap<string, number>,
  lastTimestampMs: number,
): AsyncGenerator<RowBatch> {
  let batch = store.batch();
  putClock(batch, lastTimestampMs);
  for (const [name, sum] of sums) putMeter(batch, name, sum);
  for await (const txId of transactionIds) {
    putTransaction(batch, txId, UNKNOWN_POSITION);
    if (batch.operations.length < LOAD_ROWS) continue;
    yield batch;
    batch = store.batch();
  }
  yield batch;
}
