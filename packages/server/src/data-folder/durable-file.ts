import { dirname } from "node:path";
import { bytesToUtf8, type FileSystem, isMissing, utf8ToBytes } from "@concordat/base";

/**
 * Replaces a small file: after a crash at any moment it has either its old or its new content, and once this returns the new one.
 * New files are readable by their owner only.
 */
export async function replaceFile(fileSystem: FileSystem, path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await fileSystem.open(temporary, { create: true });
  try {
    await file.truncate(0);
    await file.write(utf8ToBytes(text), 0);
    await file.sync("server/replace-file/content");
  } finally {
    await file.close();
  }
  await fileSystem.rename(temporary, path);
  await fileSystem.syncDirectory(dirname(path), "server/replace-file/entry");
}

/** Undefined when there is no such file. */
export async function readTextFile(fileSystem: FileSystem, path: string): Promise<string | undefined> {
  try {
    const file = await fileSystem.open(path, { readOnly: true });
    try {
      const bytes = new Uint8Array(await file.size());
      return bytesToUtf8(bytes.subarray(0, await file.read(bytes, 0)));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
