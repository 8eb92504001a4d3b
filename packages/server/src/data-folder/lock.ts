import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { serverFault } from "../errors.ts";
import type { DataFolder } from "./layout.ts";

export interface DataFolderLock {
  release(): void;
}

/** SQLITE_BUSY: another connection holds the lock. */
const BUSY = 5;

/**
 * Keeps other servers off a data folder. The lock is the operating system's lock that an exclusive SQLite transaction holds on
 * `lock`, so it ends with the process, however that ends, and a file left behind means nothing. Nothing else in this process may
 * open that file: closing any descriptor of it would drop a POSIX lock.
 * @throws ConcordatError DATA_FOLDER_LOCKED or DATA_FOLDER_UNUSABLE
 */
export function lockDataFolder(folder: DataFolder, options: { readonly processId: number }): DataFolderLock {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(folder.lock);
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    writeFileSync(folder.lockOwner, `${options.processId}\n`, { mode: 0o600 });
  } catch (cause) {
    database?.close();
    if (sqliteCode(cause) === BUSY) throw lockedBy(ownerOf(folder), folder, cause);
    throw serverFault("DATA_FOLDER_UNUSABLE", `The data folder ${folder.directory} cannot be written.`, {
      remedy: "Give a folder that this user may write to with --data.",
      cause,
    });
  }
  const held = database;
  return {
    release() {
      rmSync(folder.lockOwner, { force: true });
      held.close();
    },
  };
}

function lockedBy(owner: number | undefined, folder: DataFolder, cause: unknown) {
  const who = owner === undefined ? "Another server" : `The server with process id ${owner}`;
  return serverFault("DATA_FOLDER_LOCKED", `${who} is using the data folder ${folder.directory}.`, {
    remedy: "Stop it first, or start this one on another folder with --data.",
    facts: { directory: folder.directory, processId: owner },
    cause,
  });
}

/** Undefined in the moment in which the other server holds the lock and has not written its id yet. */
function ownerOf(folder: DataFolder): number | undefined {
  try {
    const owner = Number.parseInt(readFileSync(folder.lockOwner, "utf8"), 10);
    return Number.isSafeInteger(owner) ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** The primary SQLite result code: extended codes carry it in their low byte. */
function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : undefined;
}
