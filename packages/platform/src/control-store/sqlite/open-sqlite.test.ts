import { stat } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { defaultBlockCutting } from "../../chains/block-cutting.ts";
import { controlStoreSuite } from "../../testing/control-store-suite.ts";
import { earlierSchema, isInEarlierSchema, upgradedRow } from "../../testing/earlier-schema.ts";
import { changeOf, fullRow } from "../../testing/full-rows.ts";
import { sqliteFixture } from "../../testing/sqlite-fixture.ts";
import { upgradeSuite } from "../../testing/upgrade-suite.ts";
import type { ControlChange, ControlTableName } from "../rows.ts";
import { tableOrder } from "../tables.ts";
import { openSqliteControlStore } from "./open-sqlite.ts";

controlStoreSuite("SQLite", sqliteFixture);
upgradeSuite("SQLite", async () => {
  const fixture = await sqliteFixture();
  return { ...fixture, kind: "sqlite", run: async (statements) => runOn(fixture.path, statements) };
});

function runOn(path: string, statements: readonly string[]): void {
  const database = new DatabaseSync(path);
  for (const statement of statements) database.exec(statement);
  database.close();
}

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
  runOn(path, [
    ...earlierSchema("sqlite", 1, () => false),
    "PRAGMA foreign_keys = OFF",
    "INSERT INTO chains VALUES ('1', 'code', 'ltl-1', 'chain', '', 'standard', '1', 1, 2, 3, 4, 'active')",
  ]);
  const store = await openSqliteControlStore(path);
  expect((await store.load()).state.chains).toMatchObject([
    { bizChainId: "1", blockCutting: defaultBlockCutting, cryptography: "international" },
  ]);
  await store.close();
  await dispose();
});

it("lets accounts of the fourth schema own further organizations, and keeps what refers to them", async () => {
  const { path, dispose } = await sqliteFixture();
  const isThere = (table: ControlTableName) => !table.startsWith("network") && !table.startsWith("node");
  runOn(path, ["BEGIN", ...earlierSchema("sqlite", 4, isThere), "COMMIT"]);
  const store = await openSqliteControlStore(path);
  const { version, state } = await store.load();
  for (const table of tableOrder) {
    const rows = isThere(table) && isInEarlierSchema(table) ? [upgradedRow(table, fullRow(table))] : [];
    expect(state[table], table).toEqual(rows);
  }
  const second = changeOf("organizations", { ...fullRow("organizations"), mspId: "Second" });
  await store.commit({ changes: [second], basedOn: version });
  // What referred to the table before still does.
  const removal = { ...changeOf("organizations", fullRow("organizations")), remove: true } as ControlChange;
  await expect(store.commit({ changes: [removal], basedOn: version + 1 })).rejects.toMatchObject({
    code: "CONTROL_CONFLICT",
  });
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
