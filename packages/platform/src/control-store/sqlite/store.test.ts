import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { controlStoreSuite } from "../../testing/control-store-suite.ts";
import { migrations } from "./migrations.ts";
import { openSqliteControlStore } from "./store.ts";

async function createFolder() {
  const folder = await mkdtemp(join(tmpdir(), "concordat-control-"));
  return { path: join(folder, "control.sqlite"), dispose: () => rm(folder, { recursive: true, force: true }) };
}

controlStoreSuite("sqlite", async () => {
  const { path, dispose } = await createFolder();
  return { open: () => openSqliteControlStore(path), dispose };
});

it("makes a file that only its owner can read, and syncs every commit", async () => {
  const { path, dispose } = await createFolder();
  const store = await openSqliteControlStore(path);
  expect((await stat(path)).mode & 0o077).toBe(0);
  expect((await stat(`${path}-wal`)).mode & 0o077).toBe(0);
  await store.close();
  const database = new DatabaseSync(path);
  expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  database.close();
  await dispose();
});

it("brings a store of before SM channels up to date: its chains are international", async () => {
  const { path, dispose } = await createFolder();
  const database = new DatabaseSync(path);
  database.exec("CREATE TABLE schema_version (version INTEGER NOT NULL)");
  for (const [index, statements] of migrations.slice(0, 2).entries()) {
    for (const statement of statements) database.exec(statement);
    database.exec(`INSERT INTO schema_version (version) VALUES (${index + 1})`);
  }
  database.exec(`INSERT INTO organizations VALUES ('Org', '1', 'o', 'ca', x'00', 'tls', x'00', 'admin', x'00', x'00', x'00', x'00', 1);
    INSERT INTO principals VALUES ('1', '1', 'account', 'a', 'Org', 'pem', x'00', 1, 1, 1);
    INSERT INTO chains (biz_chain_id, biz_chain_code, channel_id, name, remark, edition, administrator_uid, effective_ms,
      expires_ms, count_quota, capacity_quota_bytes, status) VALUES ('c', 'code', 'ltl-c', 'n', '', 'standard', '1', 1, 2, 3, 4, 'active')`);
  database.close();
  const store = await openSqliteControlStore(path);
  expect(await store.load()).toMatchObject({ chains: [{ cryptography: "international" }], smCheckpointKeys: [] });
  await store.close();
  await dispose();
});

it("refuses a store of a later release", async () => {
  const { path, dispose } = await createFolder();
  await (await openSqliteControlStore(path)).close();
  const database = new DatabaseSync(path);
  database.exec("INSERT INTO schema_version (version) VALUES (99)");
  database.close();
  await expect(openSqliteControlStore(path)).rejects.toMatchObject({ code: "CONTROL_STORE_NEWER" });
  await dispose();
});
