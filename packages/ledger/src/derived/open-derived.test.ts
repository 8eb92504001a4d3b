import { appendFile, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyBlocks, copyAtRest, digestOf, filesBelow, replay, temporaryDirectory } from "./damage.fixture.ts";
import { type DerivedOptions, openDerived } from "./open-derived.ts";

let directory: string;
let live: string;
let crashed: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
  live = join(directory, "live");
  crashed = join(directory, "crashed");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Stores of `height` blocks: closed in `live`, and in `crashed` as they were while open. */
async function build(stateDatabase: DerivedOptions["stateDatabase"], height: number, settleBatches = 1000) {
  const derived = await openDerived({ directory: live, stateDatabase, height, settleBatches });
  await applyBlocks(derived, 0, height);
  const digests = { state: await digestOf(derived.state.dump()), index: await digestOf(derived.index.dump()) };
  await copyAtRest(live, crashed);
  await derived.close();
  return digests;
}

async function reasons(folder: string, stateDatabase: DerivedOptions["stateDatabase"], height: number) {
  const derived = await openDerived({ directory: folder, stateDatabase, height });
  await derived.close();
  return derived.rebuilt;
}

/** Changes the byte in the middle of each `text` in a file. */
async function alter(file: string, text: string): Promise<void> {
  const bytes = await readFile(file);
  const middle = Math.floor(text.length / 2);
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes[at + middle] = (bytes[at + middle] ?? 0) ^ 1;
  }
  await writeFile(file, bytes);
}

async function fileEnding(folder: string, ending: string): Promise<string> {
  const found = (await filesBelow(folder)).find((file) => file.endsWith(ending) || file.includes(ending));
  if (found === undefined) throw new Error(`There is no ${ending} in ${folder}.`);
  return found;
}

describe.each(["goleveldb", "couchdb"] as const)("derived stores (%s)", (stateDatabase) => {
  const stateStore = stateDatabase === "couchdb" ? "state-sql" : "state";

  test("open new, close, and open again as they were", async () => {
    const digests = await build(stateDatabase, 30);
    const derived = await openDerived({ directory: live, stateDatabase, height: 30 });
    expect(derived.rebuilt).toEqual([]);
    expect([derived.state.savepoint, derived.index.savepoint]).toEqual([30, 30]);
    expect(await digestOf(derived.state.dump())).toBe(digests.state);
    expect(await digestOf(derived.index.dump())).toBe(digests.index);
    await derived.close();
  });

  test("open after a crash at some savepoint, with nothing reset", async () => {
    const digests = await build(stateDatabase, 30, 8);
    const derived = await openDerived({ directory: crashed, stateDatabase, height: 30 });
    expect(derived.rebuilt).toEqual([]);
    await replay(derived, 30);
    expect(await digestOf(derived.state.dump())).toBe(digests.state);
    expect(await digestOf(derived.index.dump())).toBe(digests.index);
    await derived.close();
  });

  test("are reset when they hold more blocks than the ledger", async () => {
    await build(stateDatabase, 30);
    const reason = "it holds 30 blocks, the ledger 29";
    expect(await reasons(live, stateDatabase, 29)).toEqual([`${stateStore}: ${reason}`, `index: ${reason}`]);
  });

  test("are reset one by one", async () => {
    await build(stateDatabase, 30);
    await rm(join(live, "index"), { recursive: true });
    expect(await reasons(live, stateDatabase, 30)).toEqual([
      expect.stringMatching(/^index: index\/.* differs from its seal$/),
    ]);
    await rm(join(crashed, stateStore), { recursive: true });
    expect(await reasons(crashed, stateDatabase, 30)).toEqual([`${stateStore}: it is missing`]);
  });

  test("are unsealed while they are open", async () => {
    await build(stateDatabase, 3);
    expect(await readdir(live)).toContain("seal.json");
    const derived = await openDerived({ directory: live, stateDatabase, height: 3 });
    expect(await readdir(live)).not.toContain("seal.json");
    await derived.close();
    expect(await readdir(live)).toContain("seal.json");
  });
});

describe("a LevelDB store after a crash", () => {
  test("shows a record that LevelDB skipped in the middle of its log", async () => {
    await build("goleveldb", 100);
    const log = await fileEnding(join(crashed, "state"), ".log");
    const bytes = await readFile(log);
    expect(bytes.length).toBeGreaterThan(200_000);
    bytes[70_000] = (bytes[70_000] ?? 0) ^ 1;
    await writeFile(log, bytes);
    const missing = /^state: batches after block [0-9]+ are missing below savepoint 100$/;
    expect(await reasons(crashed, "goleveldb", 100)).toEqual([expect.stringMatching(missing)]);
  });

  test("goes back to an earlier savepoint when its log was cut", async () => {
    await build("goleveldb", 100);
    const log = await fileEnding(join(crashed, "state"), ".log");
    await truncate(log, 100_000);
    const derived = await openDerived({ directory: crashed, stateDatabase: "goleveldb", height: 100 });
    expect(derived.rebuilt).toEqual([]);
    expect(derived.state.savepoint).toBeGreaterThan(10);
    expect(derived.state.savepoint).toBeLessThan(90);
    await derived.close();
  });

  test("shows a MANIFEST that was cut at the border of a record", async () => {
    await build("goleveldb", 100, 10);
    const manifest = await fileEnding(join(crashed, "state"), "MANIFEST");
    const { size } = await readFile(manifest).then((bytes) => ({ size: bytes.readUInt16LE(4) + 7 }));
    await truncate(manifest, size);
    expect(await reasons(crashed, "goleveldb", 100)).toEqual(["state: the MANIFEST differs from the sealed one"]);
  });

  test("shows a changed table, sealed or too young for a seal", async () => {
    await build("goleveldb", 100, 10);
    // A compaction under way may have left a table that is live no more, or one that is too young for a seal.
    const files = await filesBelow(join(crashed, "state"));
    for (const table of files.filter((file) => file.endsWith(".ldb"))) await alter(table, "accoun");
    const again = join(directory, "again");
    await copyAtRest(crashed, again);
    expect(await reasons(crashed, "goleveldb", 100)).toEqual([
      expect.stringMatching(
        /^state: .*ldb is damaged: (it differs from its seal|the block at [0-9]+ has another checksum)$/,
      ),
    ]);
    const seals = join(again, "state.seals");
    await writeFile(seals, (await readFile(seals, "utf8")).split("\n").slice(0, 1).join("\n").concat("\n"));
    expect(await reasons(again, "goleveldb", 100)).toEqual([
      expect.stringMatching(/^state: .*ldb is damaged: the block at [0-9]+ has another checksum$/),
    ]);
  });

  test("takes a seal that was being written for none, and a changed one for damage", async () => {
    await build("goleveldb", 30, 10);
    await appendFile(join(crashed, "state.seals"), "00000000 {");
    await alter(join(crashed, "index.seals"), "tables");
    expect(await reasons(crashed, "goleveldb", 30)).toEqual(["index: its list of seals is missing or damaged"]);
  });
});

describe("an SQLite store after a crash", () => {
  beforeEach(async () => {
    await build("couchdb", 30);
    await rm(join(live, "seal.json"));
  });
  const file = () => join(live, "state-sql", "state.sqlite");
  const change = (sql: string) => {
    const database = new DatabaseSync(file());
    database.exec(sql);
    database.close();
  };

  test("shows a changed value, which SQLite's integrity check does not see", async () => {
    await alter(file(), '"filling":"');
    const database = new DatabaseSync(file());
    expect(database.prepare("pragma integrity_check").get()).toEqual({ integrity_check: "ok" });
    database.close();
    expect(await reasons(live, "couchdb", 30)).toEqual(["state-sql: a row differs from its checksum"]);
  });

  test.each([
    ["a lost row", "delete from state where block = 3 and position = 1", "rows are missing or too many"],
    [
      "a changed version",
      "update state set block = 4 where block = 3 and position = 1",
      "a row differs from its checksum",
    ],
    [
      "a value of another form",
      "update state set value = cast(value as blob) where block = 3",
      "a row differs from its checksum",
    ],
    ["a changed savepoint", "update meta set savepoint = 29", "its savepoint row is damaged"],
    ["another format", "update meta set format = 'other'", "it has another format"],
  ])("shows %s", async (_, sql, reason) => {
    change(sql);
    expect(await reasons(live, "couchdb", 30)).toEqual([`state-sql: ${reason}`]);
  });
});
