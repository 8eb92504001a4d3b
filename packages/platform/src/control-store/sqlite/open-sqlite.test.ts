import { stat } from "node:fs/promises";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { expect, it } from "vitest";
import { defaultBlockCutting } from "../../chains/block-cutting.ts";
import { controlStoreSuite } from "../../testing/control-store-suite.ts";
import { changeOf, fullChanges, fullRow } from "../../testing/full-rows.ts";
import { sqliteFixture } from "../../testing/sqlite-fixture.ts";
import { migrations } from "../migrations.ts";
import type { ControlChange } from "../rows.ts";
import { toSql } from "../tables.ts";
import { inWritingOrder } from "../write-changes.ts";
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
  makeVersion(database, 1);
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

it("lets accounts of the fourth schema own further organizations, and keeps what refers to them", async () => {
  const { path, dispose } = await sqliteFixture();
  const database = new DatabaseSync(path);
  makeVersion(database, 4);
  const older = fullChanges().filter(({ table }) => !table.startsWith("network") && !table.startsWith("node"));
  for (const { table, row } of inWritingOrder(older)) {
    const columns = Object.entries(toSql(table, row));
    const names = columns.map(([name]) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
    const sqlName = table.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    database
      .prepare(`INSERT INTO ${sqlName} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`)
      // Values as the control store itself would write them.
      .run(...(columns.map(([, value]) => value) as SQLInputValue[]));
  }
  database.close();
  const store = await openSqliteControlStore(path);
  const { version, state } = await store.load();
  for (const { table, row } of older) expect(state[table]).toEqual([row]);
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

/** The schema as an earlier release left it. */
function makeVersion(database: DatabaseSync, version: number): void {
  for (const statement of migrations.slice(0, version).flat()) {
    if (typeof statement === "string") database.exec(statement);
  }
  database.exec("CREATE TABLE schema_version (version INTEGER NOT NULL)");
  database.exec(`INSERT INTO schema_version (version) VALUES (${version})`);
}

it("refuses a store of a later release", async () => {
  const { path, dispose } = await sqliteFixture();
  await (await openSqliteControlStore(path)).close();
  const database = new DatabaseSync(path);
  database.exec("INSERT INTO schema_version (version) VALUES (99)");
  database.close();
  await expect(openSqliteControlStore(path)).rejects.toMatchObject({ code: "CONTROL_STORE_NEWER" });
  await dispose();
});
