import { dirname } from "node:path";
import type { FileHandle, FileSystem } from "@concordat/base";
import { serverFault, systemCode } from "../errors.ts";

/** A file to be, that only its owner may read. */
export interface OwnFile {
  /** Puts it in its place, durably. @throws ConcordatError FILE_UNWRITABLE */
  write(bytes: Uint8Array): Promise<void>;
  /** Leaves everything as it was. */
  discard(): Promise<void>;
}

/**
 * Writes a file that only its owner may read, whoever could read one of the same name before: what is written may hold a key.
 * @throws ConcordatError FILE_UNWRITABLE
 */
export async function writeOwnFile(fileSystem: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  await (await reserveOwnFile(fileSystem, path)).write(bytes);
}

/**
 * Makes sure that a file can be written, for what is asked for once and lost when there is no place for it. Nothing stands at the path itself
 * until it is written.
 * @throws ConcordatError FILE_UNWRITABLE
 */
export async function reserveOwnFile(fileSystem: FileSystem, path: string): Promise<OwnFile> {
  const temporary = `${path}.new`;
  const file = await orUnwritable(path, async () => {
    await fileSystem.remove(temporary);
    return fileSystem.open(temporary, { create: true });
  });
  return {
    write: (bytes) =>
      orUnwritable(path, async () => {
        await fill(file, bytes);
        await fileSystem.rename(temporary, path);
        await fileSystem.syncDirectory(dirname(path), "server/own-file/entry");
      }),
    discard: async () => {
      await file.close();
      await fileSystem.remove(temporary);
    },
  };
}

async function fill(file: FileHandle, bytes: Uint8Array): Promise<void> {
  try {
    await file.write(bytes, 0);
    await file.sync("server/own-file/content");
  } finally {
    await file.close();
  }
}

async function orUnwritable<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw serverFault("FILE_UNWRITABLE", `${path} cannot be written (${systemCode(cause) ?? "no reason given"}).`, {
      cause,
    });
  }
}
