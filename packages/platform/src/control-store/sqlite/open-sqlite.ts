import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { nodeFileSystem } from "@concordat/base";
import { SqliteDialect, sql } from "kysely";
import type { ControlStore } from "../port.ts";
import { openSqlControlStore } from "../sql-control-store.ts";
import { kyselyDatabase } from "./kysely-database.ts";

/**
 * Opens the control store in a SQLite file, making or migrating it. The write-ahead log is synced at every commit.
 * @throws ControlStoreNewerError when a later release wrote the file
 */
export async function openSqliteControlStore(path: string): Promise<ControlStore> {
  // Made beforehand, so that the file and SQLite's files beside it belong to their owner alone.
  await (await nodeFileSystem.open(path, { create: true })).close();
  await nodeFileSystem.syncDirectory(dirname(path), "control-store");
  const createDialect = () => new SqliteDialect({ database: async () => kyselyDatabase(openDatabase(path)) });
  return openSqlControlStore({
    kind: "sqlite",
    dialect: createDialect(),
    migrationDialect: createDialect(),
    databaseTime: sql`CAST(unixepoch('subsec') * 1000 AS INTEGER)`,
    translate: (statement) => statement,
  });
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  return database;
}
