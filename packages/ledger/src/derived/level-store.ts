import { ConcordatError, InvariantError } from "@concordat/base";
import { ClassicLevel } from "classic-level";
import { levelCursor } from "./level-cursor.ts";
import type { KeyRange, Level } from "./level-types.ts";
import { RowBatch, RowReader } from "./row-batch.ts";

/**
 * A LevelDB store of derived rows that knows how many blocks it holds and notices when some are missing.
 *
 * Invariants:
 * - Batches reach LevelDB one after another in call order, each with the savepoint row and a marker row "savepoint a -> b".
 * - `settled` <= `savepoint`; everything up to `settled` lies in table files, nothing of it in a log file. The markers
 *   from `settled` to `savepoint` form one chain. LevelDB skips damaged log records without a word: such a hole breaks the chain.
 * - Nothing is synced for each batch: after a crash the store is that of some earlier savepoint.
 *
 * First key byte: 0 for the rows of this module, anything greater for those of its users.
 */
export interface LevelStore {
  readonly savepoint: number;
  /** Height of the newest accepted write, on its way or done. */
  readonly accepted: number;
  get(key: Uint8Array): Uint8Array | undefined;
  rows<Row>(
    range: KeyRange,
    decode: (key: Uint8Array, value: Uint8Array) => Row | undefined,
  ): AsyncIterableIterator<Row>;
  /** An empty batch, for one `write` or `append`. */
  batch(): RowBatch;
  /** Takes effect in call order; after one failure every later write is refused. */
  write(height: number, batch: RowBatch): Promise<void>;
  /** Fills an empty store in several batches; a load that did not finish is found when the store is opened. */
  load(height: number, batches: AsyncIterable<RowBatch>): Promise<void>;
  close(): Promise<void>;
}

export interface LevelStoreOptions {
  readonly directory: string;
  /** Names the row encoding, so that a store of another kind or version is refused. */
  readonly format: string;
  /** Rows are moved to table files after this many batches. */
  readonly settleBatches?: number;
  /** ... or this many bytes of rows. */
  readonly settleBytes?: number;
}

export interface LevelStoreDependencies {
  /** Called whenever rows have moved to table files, before the store counts them as settled. */
  readonly settled?: () => Promise<void>;
}

const WRITE_BUFFER_BYTES = 8 << 20;
const SETTLE_BATCHES = 4096;
const FORMAT = metaKey("format");
const SAVEPOINT = metaKey("savepoint");
const SETTLED = metaKey("settled");
const LOADING = metaKey("loading");
const MARKER = metaKey("marker:");
/** Sorts after every row: a compaction of this range moves the memory table to a table file and does nothing else. */
const BEYOND = Uint8Array.of(0xff, 0xff);

/** @throws ConcordatError STORE_DAMAGED when the store cannot be trusted: the caller deletes and rebuilds it */
export async function openLevelStore(
  options: LevelStoreOptions,
  dependencies: LevelStoreDependencies = {},
): Promise<LevelStore> {
  const database: Level = new ClassicLevel(options.directory, {
    keyEncoding: "view",
    valueEncoding: "view",
    writeBufferSize: WRITE_BUFFER_BYTES,
  });
  try {
    await database.open();
  } catch (cause) {
    throw damaged(options.directory, "it cannot be opened", cause);
  }
  try {
    const start = await readStart(database, options);
    return createLevelStore(database, options, dependencies, start);
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Start {
  readonly savepoint: number;
  readonly settled: number;
}

async function readStart(database: Level, options: LevelStoreOptions): Promise<Start> {
  const format = database.getSync(FORMAT);
  if (format === undefined) {
    const first = await database.iterator({ limit: 1 }).all();
    if (first.length > 0) throw damaged(options.directory, "its format row is missing");
    await database.put(FORMAT, Buffer.from(options.format));
    return { savepoint: 0, settled: 0 };
  }
  if (Buffer.from(format).toString() !== options.format) throw damaged(options.directory, "it has another format");
  if (database.getSync(LOADING) !== undefined) throw damaged(options.directory, "a load did not finish");
  const savepoint = readNumber(database, SAVEPOINT);
  const settled = readNumber(database, SETTLED);
  await checkChain(database, options.directory, settled, savepoint);
  if (savepoint === 0 && (await hasRows(database))) throw damaged(options.directory, "it has rows but no savepoint");
  return { savepoint, settled };
}

async function hasRows(database: Level): Promise<boolean> {
  const first = await database.keys({ gte: Uint8Array.of(1), limit: 1 }).all();
  return first.length > 0;
}

async function checkChain(database: Level, directory: string, settled: number, savepoint: number): Promise<void> {
  let reached = settled;
  const markers = database.iterator({ gte: markerKey(settled + 1), lt: markerKey(savepoint + 1) });
  for await (const [key, value] of markers) {
    if (new RowReader(value).varint() !== reached) break;
    reached = Buffer.from(key).readUIntBE(MARKER.length, 6);
  }
  if (reached !== savepoint) {
    throw damaged(directory, `batches after block ${reached} are missing below savepoint ${savepoint}`);
  }
}

function createLevelStore(
  database: Level,
  options: LevelStoreOptions,
  dependencies: LevelStoreDependencies,
  start: Start,
): LevelStore {
  let { savepoint, settled } = start;
  let accepted = savepoint;
  let failure: unknown;
  let tail: Promise<void> = Promise.resolve();
  let settling: Promise<void> | undefined;
  let batchesUnsettled = 0;
  let bytesUnsettled = 0;
  let closed = false;
  const slabs: Buffer[] = [];

  /** Runs after every write queued before; a failure stays. */
  const enqueue = (work: () => Promise<void>): Promise<void> => {
    const done = tail.then(async () => {
      if (failure !== undefined) throw failure;
      try {
        await work();
      } catch (error) {
        failure = error;
        throw error;
      }
    });
    tail = done.catch(() => {});
    return done;
  };

  const settle = async (): Promise<void> => {
    const until = savepoint;
    const from = settled;
    batchesUnsettled = 0;
    bytesUnsettled = 0;
    await database.compactRange(BEYOND, BEYOND);
    await dependencies.settled?.();
    await enqueue(async () => {
      const markers = await database.keys({ gte: markerKey(from), lt: markerKey(until + 1) }).all();
      await database.batch([
        { type: "put", key: SETTLED, value: encodeNumber(until) },
        ...markers.map((key) => ({ type: "del" as const, key })),
      ]);
      settled = until;
    });
  };

  const settleWhenDue = (): void => {
    const due =
      batchesUnsettled >= (options.settleBatches ?? SETTLE_BATCHES) ||
      bytesUnsettled >= (options.settleBytes ?? WRITE_BUFFER_BYTES);
    if (!due || settling !== undefined || closed) return;
    settling = settle()
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => {
        settling = undefined;
      });
  };

  const writeNow = async (height: number, batch: RowBatch): Promise<void> => {
    await database.batch(batch.operations);
    if (slabs.length < 2) slabs.push(batch.slab);
    savepoint = height;
    batchesUnsettled++;
    bytesUnsettled += batch.bytesTotal;
    settleWhenDue();
  };

  return {
    get savepoint() {
      return savepoint;
    },
    get accepted() {
      return accepted;
    },
    get: (key) => database.getSync(key),
    rows: (range, decode) => levelCursor(database, range, decode),
    batch: () => new RowBatch(slabs.pop()),
    write(height, batch) {
      if (closed) return Promise.reject(closedError());
      if (!Number.isSafeInteger(height) || height <= accepted) {
        throw new InvariantError(`Savepoint ${height} does not follow ${accepted}.`);
      }
      putNumber(batch, SAVEPOINT, height);
      putNumber(batch, markerKey(height), accepted);
      accepted = height;
      return enqueue(() => writeNow(height, batch));
    },
    async load(height, batches) {
      if (accepted !== 0) throw new InvariantError("Only an empty store can be loaded.");
      await enqueue(() => database.put(LOADING, encodeNumber(height), { sync: true }));
      for await (const batch of batches) await enqueue(() => database.batch(batch.operations));
      const last = new RowBatch();
      putNumber(last, SAVEPOINT, height);
      putNumber(last, SETTLED, height);
      accepted = height;
      await enqueue(async () => {
        await database.compactRange(BEYOND, BEYOND);
        await dependencies.settled?.();
        await database.batch([...last.operations, { type: "del", key: LOADING }], { sync: true });
        savepoint = height;
        settled = height;
      });
    },
    async close() {
      if (closed) return;
      closed = true;
      await settling;
      await tail;
      await database.close();
    },
  };
}

export function damaged(store: string, reason: string, cause?: unknown): ConcordatError<"STORE_DAMAGED"> {
  return new ConcordatError({
    code: "STORE_DAMAGED",
    summary: `The derived store cannot be used: ${reason}.`,
    remedy: "Delete it: the channel rebuilds it from the block segments.",
    facts: { store, reason },
    cause,
  });
}

function closedError(): ConcordatError<"CLOSED"> {
  return new ConcordatError({ code: "CLOSED", summary: "The store is closed." });
}

function metaKey(name: string): Uint8Array {
  return Uint8Array.of(0, ...Buffer.from(name));
}

function markerKey(height: number): Uint8Array {
  const key = Buffer.alloc(MARKER.length + 6);
  key.set(MARKER);
  key.writeUIntBE(height, MARKER.length, 6);
  return key;
}

function putNumber(batch: RowBatch, key: Uint8Array, value: number): void {
  batch.begin(key.length + 8);
  batch.bytes(key);
  batch.endKey();
  batch.varint(value);
  batch.put();
}

function encodeNumber(value: number): Uint8Array {
  const batch = new RowBatch(Buffer.alloc(8));
  batch.varint(value);
  return batch.takeBytes();
}

function readNumber(database: Level, key: Uint8Array): number {
  const value = database.getSync(key);
  return value === undefined ? 0 : new RowReader(value).varint();
}
