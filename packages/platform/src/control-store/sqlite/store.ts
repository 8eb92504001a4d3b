import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { nodeFileSystem } from "@concordat/base";
import { ControlConflictError, ControlStoreNewerError } from "../errors.ts";
import type { ControlChange, ControlState, ControlStore, ControlTableName, IdempotencyEntry } from "../port.ts";
import { migrations } from "./migrations.ts";
import { type ColumnKind, columnOf, tableOrder, tables } from "./tables.ts";

/**
 * Opens the control store in a SQLite file, making or migrating it. The write-ahead log is synced at every commit.
 * @throws ControlStoreNewerError when a later release wrote the file
 */
export async function openSqliteControlStore(path: string): Promise<ControlStore> {
  // Made beforehand, so that the file and SQLite's files beside it belong to their owner alone.
  await (await nodeFileSystem.open(path, { create: true })).close();
  await nodeFileSystem.syncDirectory(dirname(path), "control-store");
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL");
    migrate(database);
    return new SqliteControlStore(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

class SqliteControlStore implements ControlStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async load(): Promise<ControlState> {
    const rows = (name: ControlTableName) => {
      const { sqlName, primaryKey } = tables[name];
      const order = primaryKey.map(columnOf).join(", ");
      const found = this.#database.prepare(`SELECT * FROM ${sqlName} ORDER BY ${order}`).all();
      return found.map((row) => fromSql(name, row));
    };
    const state = Object.fromEntries(tableOrder.map((name) => [name, rows(name)]));
    // The column definitions give each row the shape of its table's type.
    return state as unknown as ControlState;
  }

  async commit(changes: readonly ControlChange[]): Promise<void> {
    const ordered = [
      ...tableOrder
        .toReversed()
        .flatMap((name) => changes.filter((each) => each.table === name && each.remove === true)),
      ...tableOrder.flatMap((name) => changes.filter((each) => each.table === name && each.remove !== true)),
    ];
    inTransaction(this.#database, () => {
      for (const change of ordered) this.#apply(change);
    });
  }

  async findIdempotency(principalUid: string, key: string): Promise<IdempotencyEntry | undefined> {
    const found = this.#database
      .prepare("SELECT * FROM idempotency WHERE principal_uid = ? AND key = ?")
      .get(principalUid, key);
    if (found === undefined) return undefined;
    return {
      key,
      principalUid,
      operation: String(found["operation"]),
      requestHash: String(found["request_hash"]),
      response: found["response"] === null ? undefined : String(found["response"]),
      createdMs: Number(found["created_ms"]),
    };
  }

  async putIdempotency(entry: IdempotencyEntry): Promise<void> {
    this.#database
      .prepare(
        `INSERT INTO idempotency (principal_uid, key, operation, request_hash, response, created_ms) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (principal_uid, key) DO UPDATE SET operation = excluded.operation, request_hash = excluded.request_hash,
           response = excluded.response, created_ms = excluded.created_ms`,
      )
      .run(entry.principalUid, entry.key, entry.operation, entry.requestHash, entry.response ?? null, entry.createdMs);
  }

  async removeIdempotency(principalUid: string, key: string): Promise<void> {
    this.#database.prepare("DELETE FROM idempotency WHERE principal_uid = ? AND key = ?").run(principalUid, key);
  }

  async pruneIdempotency(beforeMs: number): Promise<number> {
    return Number(this.#database.prepare("DELETE FROM idempotency WHERE created_ms < ?").run(beforeMs).changes);
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #apply(change: ControlChange): void {
    const { sqlName, primaryKey, columns } = tables[change.table];
    const values = toSql(columns, change.row);
    try {
      if (change.remove === true) {
        const where = primaryKey.map((property) => `${columnOf(property)} = ?`).join(" AND ");
        const key = primaryKey.map((property) => values[property] ?? null);
        this.#database.prepare(`DELETE FROM ${sqlName} WHERE ${where}`).run(...key);
        return;
      }
      const names = Object.keys(columns).map(columnOf);
      const updates = names.map((name) => `${name} = excluded.${name}`).join(", ");
      const sql = `INSERT INTO ${sqlName} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})
        ON CONFLICT (${primaryKey.map(columnOf).join(", ")}) DO UPDATE SET ${updates}`;
      this.#database.prepare(sql).run(...Object.keys(columns).map((property) => values[property] ?? null));
    } catch (error) {
      throw isConstraintViolation(error) ? new ControlConflictError(sqlName, error) : error;
    }
  }
}

function migrate(database: DatabaseSync): void {
  database.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
  const found = Number(database.prepare("SELECT max(version) AS version FROM schema_version").get()?.["version"] ?? 0);
  if (found > migrations.length) throw new ControlStoreNewerError(found, migrations.length);
  for (const [index, statements] of migrations.entries()) {
    if (index < found) continue;
    inTransaction(database, () => {
      for (const statement of statements) database.exec(statement);
      database.prepare("INSERT INTO schema_version (version) VALUES (?)").run(index + 1);
    });
  }
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function toSql(columns: Readonly<Record<string, ColumnKind>>, row: object): Record<string, SQLInputValue> {
  const values = row as Readonly<Record<string, SQLInputValue | boolean | object>>;
  return Object.fromEntries(
    Object.entries(columns).map(([property, kind]) => {
      const value = kind === "json" ? JSON.stringify(values[property]) : values[property];
      // What is no JSON and no truth value is a form that SQLite takes as it is.
      return [property, typeof value === "boolean" ? Number(value) : ((value ?? null) as SQLInputValue)];
    }),
  );
}

function fromSql(name: ControlTableName, row: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(tables[name].columns).map(([property, kind]) => {
      const value = row[columnOf(property)];
      if (kind === "json") return [property, JSON.parse(String(value))];
      return [property, kind === "boolean" ? value === 1 : value];
    }),
  );
}

/** SQLITE_CONSTRAINT and its extended codes. */
function isConstraintViolation(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 19;
}
