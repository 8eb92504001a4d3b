import { DatabaseSync, type StatementSync } from "node:sqlite";
import { damaged } from "../derived/level-store.ts";

/** SQLite's error numbers for files that are none of its own or hold impossible contents: CORRUPT and NOTADB. */
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

export const SCHEMA = `
  create table if not exists meta (id integer primary key check (id = 1), format text, savepoint integer, rows_sum integer, checksum integer) strict;
  create table if not exists state (
    namespace text not null,
    key blob not null,
    block integer not null,
    position integer not null,
    value any not null,
    document text,
    checksum integer not null,
    json text generated always as (coalesce(document, iif(typeof(value) = 'text', value, null))) virtual,
    primary key (namespace, key)
  ) strict, without rowid;
`;

/** The row columns that {@link decodeRow} needs. */
export const ROW_COLUMNS = "namespace, key, block, position, value, checksum";

/** Runs `work` and turns SQLite's complaints about the file into STORE_DAMAGED. */
export function guarded<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (isDamage(error)) throw damaged(path, "SQLite finds it corrupt", error);
    throw error;
  }
}

function isDamage(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  const primary = error.errcode & 0xff;
  return primary === CORRUPT || primary === NOT_A_DATABASE || /malformed|no such (table|column)/.test(error.message);
}

/** Write-ahead log, synced only when it is folded into the file: a crash leaves an earlier commit, never half of one. */
export function openConnection(path: string): DatabaseSync {
  const connection = new DatabaseSync(path);
  connection.exec("pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -16000");
  return connection;
}

/** Connections for reading beside the writer, used again and again. Each reader holds one snapshot. */
export class ReaderPool {
  readonly #path: string;
  readonly #idle: DatabaseSync[] = [];
  readonly #busy = new Set<DatabaseSync>();

  constructor(path: string) {
    this.#path = path;
  }

  /** Rows of a statement on a snapshot taken now. The connection returns when the iteration ends. */
  rows<Row>(sql: string, bind: (statement: StatementSync) => Iterable<Row>): AsyncIterableIterator<Row> {
    const connection = this.#idle.pop() ?? openConnection(this.#path);
    this.#busy.add(connection);
    connection.exec("begin; select savepoint from meta");
    const iterator = bind(connection.prepare(sql))[Symbol.iterator]();
    let ended = false;
    const finish = () => {
      if (!ended) {
        ended = true;
        iterator.return?.();
        this.#giveBack(connection);
      }
      return { value: undefined, done: true } as const;
    };
    return {
      next: async () => {
        if (ended) return finish();
        const result = guarded(this.#path, () => iterator.next());
        return result.done === true ? finish() : { value: result.value, done: false };
      },
      return: async () => finish(),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  close(): void {
    for (const connection of [...this.#idle, ...this.#busy]) connection.close();
    this.#idle.length = 0;
    this.#busy.clear();
  }

  #giveBack(connection: DatabaseSync): void {
    if (!this.#busy.delete(connection)) return;
    connection.exec("rollback");
    this.#idle.push(connection);
  }
}
