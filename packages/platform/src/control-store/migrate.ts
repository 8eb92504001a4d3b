import { type Kysely, type RawBuilder, sql } from "kysely";
import { ControlStoreNewerError } from "./errors.ts";
import { migrations } from "./migrations.ts";

export interface MigrationOptions {
  /** Statements for the other one are left out. */
  readonly kind: "sqlite" | "postgres";
  /** Says a statement in the database's own words. */
  readonly translate: (statement: string) => string;
  /** Makes other servers on the same database wait until the transaction has ended. */
  readonly lock?: RawBuilder<unknown>;
}

export interface VersionSchema {
  schemaVersion: { version: number };
}

/**
 * Brings the schema up to date: all pending migrations in one transaction, taken by one server at a time.
 * @throws ControlStoreNewerError when a later release wrote the store
 */
export async function migrate(database: Kysely<VersionSchema>, options: MigrationOptions): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await options.lock?.execute(transaction);
    await sql`CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)`.execute(transaction);
    const { latest } = await transaction
      .selectFrom("schemaVersion")
      .select(({ fn }) => fn.max("version").as("latest"))
      .executeTakeFirstOrThrow();
    const found = Number(latest ?? 0);
    if (found > migrations.length) throw new ControlStoreNewerError(found, migrations.length);
    for (const [index, statements] of migrations.entries()) {
      if (index < found) continue;
      for (const each of statements) {
        const { only, statement } = typeof each === "string" ? { only: options.kind, statement: each } : each;
        if (only === options.kind) await sql.raw(options.translate(statement)).execute(transaction);
      }
      await transaction
        .insertInto("schemaVersion")
        .values({ version: index + 1 })
        .execute();
    }
  });
}
