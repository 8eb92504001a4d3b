import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { controlStoreSuite } from "../../testing/control-store-suite.ts";
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

it("refuses a store of a later release", async () => {
  const { path, dispose } = await createFolder();
  await (await openSqliteControlStore(path)).close();
  const database = new DatabaseSync(path);
  database.exec("INSERT INTO schema_version (version) VALUES (99)");
  database.close();
  await expect(openSqliteControlStore(path)).rejects.toMatchObject({ code: "CONTROL_STORE_NEWER" });
  await dispose();
});
