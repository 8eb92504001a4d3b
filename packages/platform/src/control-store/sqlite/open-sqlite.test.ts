import { stat } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { defaultBlockCutting } from "../../chains/block-cutting.ts";
import { controlStoreSuite } from "../../testing/control-store-suite.ts";
import { sqliteFixture } from "../../testing/sqlite-fixture.ts";
import { migrations } from "../migrations.ts";
import { openSqliteControlStore } from "./open-sqlite.ts";

controlStoreSuite("SQLite", sqliteFixture);

it("makes a file that only its owner can read, and syncs every commit", async () => {
  const { path, dispose } = await sqliteFixture();
  const store = await openSqliteControlStore(path);
  await store.load();
  expect((await stat(path)).mode & 0o077).toBe(0);
  expect((await stat(`${path}-wal`)).mode & 0o077).toBe(0);
  await store.close();
  const database = new DatabaseSync(path);
  expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  database.close();
  await dispose();
});

it("gives chains of the first schema the block cutting and cryptography that they were made with", async () => {
  const { path, dispose } = await sqliteFixture();
  const database = new DatabaseSync(path);
  for (const statement of migrations[0] ?? []) database.exec(statement);
  database.exec("CREATE TABLE schema_version (version INTEGER NOT NULL)");
  database.exec("INSERT INTO schema_version (version) VALUES (1)");
  database.exec("PRAGMA foreign_keys = OFF");
  database.exec("INSERT INTO chains VALUES ('1', 'code', 'ltl-1', 'chain', '', 'standard', '1', 1, 2, 3, 4, 'active')");
  database.close();
  const store = await openSqliteControlStore(path);
  expect((await store.load()).state.chains).toMatchObject([
    { bizChainId: "1", blockCutting: defaultBlockCutting, cryptography: "international" },
  ]);
  await store.close();
  await dispose();
});

it("refuses a store of a later release", async () => {
  const { path, dispose } = await sqliteFixture();
  await (await openSqliteControlStore(path)).close();
  const database = new DatabaseSync(path);
  database.exec("INSERT INTO schema_version (version) VALUES (99)");
  database.close();
  await expect(openSqliteControlStore(path)).rejects.toMatchObject({ code: "CONTROL_STORE_NEWER" });
  await dispose();
});
