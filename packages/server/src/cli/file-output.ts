import { dirname } from "node:path";
import type { FileSystem } from "@concordat/base";
import { serverFault, systemCode } from "../errors.ts";

/**
 * Writes a file that only its owner may read, whoever could read one of the same name before: what is written may hold a key.
 * @throws ConcordatError FILE_UNWRITABLE
 */
export async function writeOwnFile(fileSystem: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.new`;
  try {
    await fileSystem.remove(temporary);
    const file = await fileSystem.open(temporary, { create: true });
    try {
      await file.write(bytes, 0);
      await file.sync("server/own-file/content");
    } finally {
      await file.close();
    }
    await fileSystem.rename(temporary, path);
    await fileSystem.syncDirectory(dirname(path), "server/own-file/entry");
  } catch (cause) {
    throw serverFault("FILE_UNWRITABLE", `${path} cannot be written (${systemCode(cause) ?? "no reason given"}).`, {
      cause,
    });
  }
}
