import { mkdirSync } from "node:fs";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { crc32 } from "node:zlib";
import { bytesToUtf8, ConcordatError, InvariantError, utf8ToBytes } from "@concordat/base";
import { damaged } from "../derived/level-store.ts";
import { checkNamespace } from "./level-state-database.ts";
import type { QueryRow, StateDatabase, StateRow, StateWrite } from "./ports.ts";
import { documentOf } from "./query/documents.ts";
import { candidateOf, runQuery } from "./query/run-query.ts";
import type { SelectorQuery } from "./query/selector-query.ts";
import { sqlFilter } from "./query/sql-filter.ts";
import { guarded, openConnection, ReaderPool, ROW_COLUMNS, SCHEMA } from "./sqlite-connection.ts";

const FORMAT = "concordat-state-sql/1";
/** Row checksums are added up modulo this, so that sums stay exact in a double. */
const SUM_MODULUS = 2 ** 48;
const LOAD_ROWS = 1000;

/**
 * State of a `couchdb` channel. A value that is a JSON object is stored as text, which SQLite's JSON functions read; any other is a blob, which no
 * query sees. SQLite has no checksums of its own: each row carries one, and the sum of them is written with the savepoint.
 * `trusted`: the file is known to be as it was closed; otherwise all of it is checked.
 * @throws ConcordatError STORE_DAMAGED
 */
export async function openSqliteStateDatabase(options: {
  readonly directory: string;
  readonly trusted?: boolean;
}): Promise<StateDatabase> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const path = `${options.directory}/state.sqlite`;
  return guarded(path, () => {
    const connection = openConnection(path);
    try {
      connection.exec(SCHEMA);
      const meta = readMeta(connection, path);
      if (options.trusted !== true) checkRows(connection, path, meta);
      return new SqliteStateDatabase(path, connection, meta);
    } catch (error) {
      connection.close();
      throw error;
    }
  });
}

interface Meta {
  readonly savepoint: number;
  readonly rowsSum: number;
}

function readMeta(connection: DatabaseSync, path: string): Meta {
  const row = connection.prepare("select format, savepoint, rows_sum, checksum from meta").get();
  if (row === undefined) return { savepoint: 0, rowsSum: 0 };
  const meta = { savepoint: Number(row["savepoint"]), rowsSum: Number(row["rows_sum"]) };
  if (row["format"] !== FORMAT) throw damaged(path, "it has another format");
  if (row["checksum"] !== metaChecksum(meta)) throw damaged(path, "its savepoint row is damaged");
  if (meta.savepoint === 0 && meta.rowsSum !== 0) throw damaged(path, "a load did not finish");
  return meta;
}

function metaChecksum({ savepoint, rowsSum }: Meta): number {
  return crc32(`${savepoint},${rowsSum}`);
}

function checkRows(connection: DatabaseSync, path: string, meta: Meta): void {
  const result = connection.prepare("pragma integrity_check(1)").get();
  if (result?.["integrity_check"] !== "ok") throw damaged(path, "SQLite's integrity check fails");
  let sum = 0;
  for (const row of connection.prepare(`select ${ROW_COLUMNS}, document from state`).iterate()) {
    const checksum = checksumOf(row);
    if (checksum === undefined) throw damaged(path, "a row differs from its checksum");
    sum = (sum + checksum) % SUM_MODULUS;
  }
  if (sum !== meta.rowsSum) throw damaged(path, "rows are missing or too many");
}

/** Undefined when the row is not what was written. The form of its value counts too: queries see text only. */
function checksumOf(row: Record<string, unknown>): number | undefined {
  const { namespace, key, value } = row;
  if (typeof namespace !== "string" || !(key instanceof Uint8Array)) return undefined;
  if (typeof value !== "string" && !(value instanceof Uint8Array)) return undefined;
  const bytes = decodeValue(value);
  const stored = encodeValue(bytes);
  const keyText = Buffer.from(key).toString("utf8");
  const checksum = rowChecksum({ namespace, key: keyText, value: bytes, version: decodeVersion(row) });
  const isSame =
    checksum === row["checksum"] && typeof stored.value === typeof value && stored.document === row["document"];
  return isSame ? checksum : undefined;
}

class SqliteStateDatabase implements StateDatabase {
  readonly #path: string;
  readonly #connection: DatabaseSync;
  readonly #readers: ReaderPool;
  readonly #statements;
  #meta: Meta;
  #failure: unknown;
  #closed = false;

  constructor(path: string, connection: DatabaseSync, meta: Meta) {
    this.#path = path;
    this.#connection = connection;
    this.#readers = new ReaderPool(path);
    this.#meta = meta;
    this.#statements = {
      get: connection.prepare("select block, position, value from state where namespace = ? and key = ?"),
      checksum: connection.prepare("select checksum from state where namespace = ? and key = ?"),
      put: connection.prepare(
        `insert into state (${ROW_COLUMNS}, document) values (?, ?, ?, ?, ?, ?, ?) on conflict do update set ` +
          "block = excluded.block, position = excluded.position, value = excluded.value, checksum = excluded.checksum, document = excluded.document",
      ),
      delete: connection.prepare("delete from state where namespace = ? and key = ?"),
      meta: connection.prepare("insert or replace into meta values (1, ?, ?, ?, ?)"),
    };
  }

  get savepoint(): number {
    return this.#meta.savepoint;
  }

  get(namespace: string, key: string) {
    const row = guarded(this.#path, () => this.#statements.get.get(namespace, utf8ToBytes(key)));
    if (row === undefined) return undefined;
    return { value: decodeValue(row["value"]), version: decodeVersion(row) };
  }

  range(namespace: string, startKey: string, endKey: string): AsyncIterableIterator<StateRow> {
    checkNamespace(namespace);
    const bounds: SQLInputValue[] = [namespace, utf8ToBytes(startKey)];
    if (endKey !== "") bounds.push(utf8ToBytes(endKey));
    const where = `namespace = ? and key >= ?${endKey === "" ? "" : " and key < ?"}`;
    const sql = `select ${ROW_COLUMNS} from state where ${where} order by key`;
    return this.#readers.rows(sql, (statement) => statement.iterate(...bounds).map(decodeRow));
  }

  query(namespace: string, query: SelectorQuery): AsyncIterableIterator<QueryRow> {
    checkNamespace(namespace);
    const filter = sqlFilter(query.selector);
    const parameters: SQLInputValue[] = [namespace, ...(filter?.parameters ?? [])];
    let where = `namespace = ? and json is not null${filter === undefined ? "" : ` and ${filter.sql}`}`;
    if (query.bookmark !== undefined && query.sort.length === 0) {
      where += " and key > ?";
      parameters.push(utf8ToBytes(query.bookmark.key));
    }
    const sql = `select ${ROW_COLUMNS} from state where ${where} order by key`;
    return this.#readers.rows(sql, (statement) => {
      const candidates = statement.iterate(...parameters).flatMap((row) => {
        const candidate = candidateOf(decodeRow(row));
        return candidate === undefined ? [] : [candidate];
      });
      return runQuery(query, candidates);
    });
  }

  async apply(height: number, writes: readonly StateWrite[]): Promise<void> {
    this.#checkWritable();
    if (!Number.isSafeInteger(height) || height <= this.savepoint) {
      throw new InvariantError(`Savepoint ${height} does not follow ${this.savepoint}.`);
    }
    const last = new Map(writes.map((write) => [`${write.namespace}\0${write.key.toWellFormed()}`, write]));
    this.#transaction(height, last.values());
  }

  async load(height: number, rows: AsyncIterable<StateRow> | Iterable<StateRow>): Promise<void> {
    this.#checkWritable();
    if (this.savepoint !== 0 || this.#meta.rowsSum !== 0)
      throw new InvariantError("Only an empty store can be loaded.");
    let batch: StateRow[] = [];
    for await (const row of rows) {
      batch.push(row);
      if (batch.length < LOAD_ROWS) continue;
      // Savepoint 0 with rows below it is what an unfinished load leaves behind.
      this.#transaction(0, batch);
      batch = [];
    }
    this.#transaction(height, batch);
  }

  dump(): AsyncIterableIterator<StateRow> {
    const sql = `select ${ROW_COLUMNS} from state order by namespace, key`;
    return this.#readers.rows(sql, (statement) => statement.iterate().map(decodeRow));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#readers.close();
    this.#connection.close();
  }

  #transaction(savepoint: number, writes: Iterable<StateWrite>): void {
    this.#connection.exec("begin immediate");
    try {
      let rowsSum = this.#meta.rowsSum;
      for (const write of writes) rowsSum = (rowsSum + this.#write(write) + SUM_MODULUS) % SUM_MODULUS;
      const meta = { savepoint, rowsSum };
      this.#statements.meta.run(FORMAT, savepoint, rowsSum, metaChecksum(meta));
      this.#connection.exec("commit");
      this.#meta = meta;
    } catch (error) {
      this.#failure = error;
      if (this.#connection.isTransaction) this.#connection.exec("rollback");
      throw error;
    }
  }

  /** Answers by how much the sum of the row checksums changes. */
  #write({ namespace, key, value, version }: StateWrite): number {
    checkNamespace(namespace);
    const keyBytes = utf8ToBytes(key);
    const before = Number(this.#statements.checksum.get(namespace, keyBytes)?.["checksum"] ?? 0);
    if (value === undefined) {
      this.#statements.delete.run(namespace, keyBytes);
      return -before;
    }
    const checksum = rowChecksum({ namespace, key, value, version });
    const stored = encodeValue(value);
    const { block, index } = version;
    this.#statements.put.run(namespace, keyBytes, block, index, stored.value, checksum, stored.document);
    return checksum - before;
  }

  #checkWritable(): void {
    if (this.#closed) throw new ConcordatError({ code: "CLOSED", summary: "The store is closed." });
    if (this.#failure !== undefined) throw this.#failure;
  }
}

function rowChecksum({ namespace, key, value, version }: StateRow): number {
  return crc32(value, crc32(`${namespace}\0${key.toWellFormed()}\0${version.block},${version.index}\0`));
}

/** Text that SQLite's JSON functions may read has no repeated names, so that both sides see the same document. */
function encodeValue(value: Uint8Array): { readonly value: string | Uint8Array; readonly document: string | null } {
  const stored = documentOf(value);
  if (stored === undefined) return { value, document: null };
  return stored.isCanonical ? { value: stored.canonical, document: null } : { value, document: stored.canonical };
}

function decodeValue(value: unknown): Uint8Array {
  if (typeof value === "string") return utf8ToBytes(value);
  if (value instanceof Uint8Array) return value;
  throw new InvariantError("A state value is neither text nor a blob.");
}

function decodeVersion(row: Record<string, unknown>) {
  return { block: Number(row["block"]), index: Number(row["position"]) };
}

function decodeRow(row: Record<string, unknown>): StateRow {
  const { namespace, key } = row;
  if (typeof namespace !== "string" || !(key instanceof Uint8Array))
    throw new InvariantError("A state row has no key.");
  return { namespace, key: bytesToUtf8(key), value: decodeValue(row["value"]), version: decodeVersion(row) };
}
