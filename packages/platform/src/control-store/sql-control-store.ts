import { CamelCasePlugin, type Dialect, Kysely, type RawBuilder, type Transaction } from "kysely";
import { type MigrationOptions, migrate, type VersionSchema } from "./migrate.ts";
import type { ControlCommit, ControlStore, SeenChange } from "./port.ts";
import { readChangesSince } from "./read-changes.ts";
import type { ControlState, ControlTableName } from "./rows.ts";
import type { ControlSchema } from "./schema.ts";
import type { SqlSchema } from "./sql-schema.ts";
import { fromSql, tableOrder, tables } from "./tables.ts";
import { inWritingOrder, takeNextVersion, versionOf, writeChange } from "./write-changes.ts";

/** What differs between databases. */
export interface SqlBackend extends MigrationOptions {
  /** Its driver throws ControlConflictError and ControlUnavailableError in place of the database's own. */
  readonly dialect: Dialect;
  /** Over a connection of its own, for statements that take long. */
  readonly migrationDialect: Dialect;
  /** See ControlStore. */
  readonly databaseTime: RawBuilder<number>;
}

/** @throws ControlStoreNewerError when a later release wrote the store */
export async function openSqlControlStore(backend: SqlBackend): Promise<ControlStore> {
  await migrated(backend);
  return new SqlControlStore(kyselyOver<SqlSchema>(backend.dialect), backend);
}

async function migrated(backend: SqlBackend): Promise<void> {
  const database = kyselyOver<VersionSchema>(backend.migrationDialect);
  try {
    await migrate(database, backend);
  } finally {
    await database.destroy();
  }
}

function kyselyOver<Schema>(dialect: Dialect): Kysely<Schema> {
  return new Kysely<Schema>({ dialect, plugins: [new CamelCasePlugin()] });
}

class SqlControlStore implements ControlStore {
  readonly #database: Kysely<SqlSchema>;
  readonly databaseTime: RawBuilder<number>;

  constructor(database: Kysely<SqlSchema>, { databaseTime }: SqlBackend) {
    this.#database = database;
    this.databaseTime = databaseTime;
  }

  get database(): Kysely<ControlSchema> {
    return this.#database as unknown as Kysely<ControlSchema>;
  }

  load(): Promise<{ readonly version: number; readonly state: ControlState }> {
    return this.#read(async (transaction) => {
      const version = await versionOf(transaction);
      const state: Partial<Record<ControlTableName, readonly object[]>> = {};
      for (const name of tableOrder) {
        let query = transaction.selectFrom(name).selectAll();
        for (const property of tables[name].primaryKey) query = query.orderBy(property);
        const found = await query.execute();
        state[name] = found.map((row) => fromSql(name, row));
      }
      // The column definitions give each row the shape of its table's type.
      return { version, state: state as unknown as ControlState };
    });
  }

  async commit({ changes, audit = [], basedOn }: ControlCommit): Promise<number> {
    if (changes.length === 0 && audit.length === 0) return basedOn;
    return this.#database.transaction().execute(async (transaction) => {
      const version = changes.length === 0 ? basedOn : await takeNextVersion(transaction, basedOn);
      for (const change of inWritingOrder(changes)) await writeChange(transaction, change, version);
      if (audit.length > 0) {
        await transaction
          .insertInto("auditEntries")
          .values([...audit])
          .execute();
      }
      return version;
    });
  }

  changesSince(version: number): Promise<{ readonly version: number; readonly changes: readonly SeenChange[] }> {
    return this.#read(async (transaction) => {
      const latest = await versionOf(transaction);
      return { version: latest, changes: latest === version ? [] : await readChangesSince(transaction, version) };
    });
  }

  async close(): Promise<void> {
    await this.#database.destroy();
  }

  /** All statements see the same moment. */
  #read<Result>(work: (transaction: Transaction<SqlSchema>) => Promise<Result>): Promise<Result> {
    return this.#database.transaction().setIsolationLevel("repeatable read").execute(work);
  }
}
