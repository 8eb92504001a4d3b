import { InvariantError } from "@concordat/base";
import type { LevelStore, LevelStoreDependencies } from "../derived/level-store.ts";
import { openLevelStore } from "../derived/level-store.ts";
import type { KeyRange } from "../derived/level-types.ts";
import type { RowBatch } from "../derived/row-batch.ts";
import { RowReader } from "../derived/row-batch.ts";
import type { StateDatabase, StateRow, StateWrite } from "./ports.ts";

/** First byte of a state row's key; then the namespace, 0, the key. Value: varint block, varint index, the value's bytes. */
const STATE = 1;
const LOAD_ROWS = 1000;

/** State of a `goleveldb` channel. @throws ConcordatError STORE_DAMAGED */
export async function openLevelStateDatabase(
  options: { readonly directory: string; readonly settleBatches?: number; readonly settleBytes?: number },
  dependencies: LevelStoreDependencies = {},
): Promise<StateDatabase> {
  const store = await openLevelStore({ ...options, format: "concordat-state/1" }, dependencies);
  return createLevelStateDatabase(store);
}

function createLevelStateDatabase(store: LevelStore): StateDatabase {
  let scratch = Buffer.allocUnsafeSlow(1024);
  const scratchKey = (namespace: string, key: string): Uint8Array => {
    const bytesMax = 3 * (namespace.length + key.length) + 2;
    if (bytesMax > scratch.length) scratch = Buffer.allocUnsafeSlow(bytesMax);
    return scratch.subarray(0, writeRowKey(scratch, namespace, key));
  };
  return {
    get savepoint() {
      return store.savepoint;
    },
    get(namespace, key) {
      const row = store.get(scratchKey(namespace, key));
      if (row === undefined) return undefined;
      const reader = new RowReader(row);
      const version = { block: reader.varint(), index: reader.varint() };
      return { value: reader.rest(), version };
    },
    range: (namespace, startKey, endKey) => store.rows(rangeOf(namespace, startKey, endKey), decodeRow),
    async apply(height, writes) {
      const batch = store.batch();
      for (const write of writes) putWrite(batch, write);
      await store.write(height, batch);
    },
    load: (height, rows) => store.load(height, rowBatches(store, rows)),
    dump: () => store.rows({ start: Uint8Array.of(STATE), end: Uint8Array.of(STATE + 1) }, decodeRow),
    close: () => store.close(),
  };
}

function putWrite(batch: RowBatch, write: StateWrite): void {
  const { namespace, key, value, version } = write;
  checkNamespace(namespace);
  batch.begin(3 * (namespace.length + key.length) + 18 + (value?.length ?? 0));
  batch.byte(STATE);
  batch.utf8(namespace);
  batch.byte(0);
  batch.utf8(key);
  if (value === undefined) {
    batch.delete();
    return;
  }
  batch.endKey();
  batch.varint(version.block);
  batch.varint(version.index);
  batch.bytes(value);
  batch.put();
}

async function* rowBatches(
  store: LevelStore,
  rows: AsyncIterable<StateRow> | Iterable<StateRow>,
): AsyncGenerator<RowBatch> {
  let batch = store.batch();
  for await (const row of rows) {
    putWrite(batch, row);
    if (batch.operations.length < LOAD_ROWS) continue;
    yield batch;
    batch = store.batch();
  }
  yield batch;
}

/** Without this check "a\0b" in namespace "n" and "b" in namespace "n\0a" would be one row. */
export function checkNamespace(namespace: string): void {
  if (namespace === "" || namespace.includes("\0")) {
    throw new InvariantError("A namespace is neither empty nor contains U+0000.");
  }
}

function writeRowKey(target: Buffer, namespace: string, key: string): number {
  target[0] = STATE;
  let offset = 1 + target.write(namespace, 1, "utf8");
  target[offset++] = 0;
  return offset + target.write(key, offset, "utf8");
}

function rowKey(namespace: string, key: string): Uint8Array {
  const bytes = Buffer.allocUnsafe(3 * (namespace.length + key.length) + 2);
  return bytes.subarray(0, writeRowKey(bytes, namespace, key));
}

function rangeOf(namespace: string, startKey: string, endKey: string): KeyRange {
  checkNamespace(namespace);
  const start = rowKey(namespace, startKey);
  if (endKey !== "") return { start, end: rowKey(namespace, endKey) };
  const end = rowKey(namespace, "");
  end[end.length - 1] = 1;
  return { start, end };
}

function decodeRow(rowKeyBytes: Uint8Array, value: Uint8Array): StateRow {
  const keyBytes = Buffer.from(rowKeyBytes.buffer, rowKeyBytes.byteOffset, rowKeyBytes.length);
  const border = keyBytes.indexOf(0, 1);
  const reader = new RowReader(value);
  const version = { block: reader.varint(), index: reader.varint() };
  return {
    namespace: keyBytes.toString("utf8", 1, border),
    key: keyBytes.toString("utf8", border + 1),
    value: reader.rest(),
    version,
  };
}
