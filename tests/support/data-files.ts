import { cp, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ClassicLevel } from "classic-level";
import { temporaryFolder } from "./temporary.ts";

export interface FolderFile {
  /** From the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** Every file below a folder. */
export async function readFolder(folder: string): Promise<readonly FolderFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.map(async (path) => ({
      path: relative(folder, path).replaceAll("\\", "/"),
      bytes: await readFile(path),
    })),
  );
}

/** Looks into the control store of a server that was ended. The store is left as it is. */
export async function queryControlStore<Result>(
  dataFolder: string,
  query: (database: DatabaseSync) => Result,
): Promise<Result> {
  const copies = await temporaryFolder("control-copy");
  const names = (await readdir(dataFolder)).filter((name) => /^control\.sqlite(-wal)?$/.test(name));
  for (const name of names) await cp(join(dataFolder, name), join(copies, name));
  const database = new DatabaseSync(join(copies, "control.sqlite"));
  try {
    return query(database);
  } finally {
    database.close();
    await rm(copies, { recursive: true });
  }
}

/** What every table holds, value by value: a long value lies on several pages of the file. */
function readControlStore(dataFolder: string): Promise<readonly FolderFile[]> {
  return queryControlStore(dataFolder, (database) =>
    database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .map(({ name }) => ({ path: `control.sqlite, table ${name}`, bytes: tableBytes(database, String(name)) })),
  );
}

function tableBytes(database: DatabaseSync, name: string): Buffer {
  const values = database
    .prepare(`SELECT * FROM "${name}"`)
    .all()
    .flatMap((row) => Object.values(row));
  return Buffer.concat(
    values.flatMap((value) => [
      value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value)),
      Buffer.from("\n"),
    ]),
  );
}

/** What every LevelDB folder below a folder holds, one file for each: table files are compressed. The folders are left as they are. */
async function readLevelFolders(folder: string): Promise<readonly FolderFile[]> {
  const found = (await readFolder(folder))
    .filter(({ path }) => path.endsWith("/CURRENT"))
    .map(({ path }) => dirname(path));
  return Promise.all(
    found.map(async (path) => {
      const copy = await temporaryFolder("level-copy");
      await cp(join(folder, path), copy, { recursive: true });
      const database = new ClassicLevel<Uint8Array, Uint8Array>(copy, { keyEncoding: "view", valueEncoding: "view" });
      const rows = await database.iterator().all();
      await database.close();
      return { path: `${path}, rows`, bytes: Buffer.concat(rows.flat()) };
    }),
  );
}

/** All that a data folder holds: its files as they are, and what is inside those that are packed. */
export async function readDataFolder(folder: string): Promise<readonly FolderFile[]> {
  return [...(await readFolder(folder)), ...(await readControlStore(folder)), ...(await readLevelFolders(folder))];
}
