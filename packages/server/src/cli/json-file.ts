import type { FileSystem } from "@concordat/base";
import { readTextFile } from "../data-folder/durable-file.ts";
import { serverFault, systemCode } from "../errors.ts";

/** @throws ConcordatError FILE_UNREADABLE */
export async function readInputFile(fileSystem: FileSystem, path: string): Promise<string> {
  const text = await readTextFile(fileSystem, path).catch((cause: unknown) => {
    throw serverFault("FILE_UNREADABLE", `${path} cannot be read (${systemCode(cause) ?? "not UTF-8"}).`, { cause });
  });
  if (text === undefined) throw serverFault("FILE_UNREADABLE", `There is no file ${path}.`);
  return text;
}

/** @throws ConcordatError FILE_UNREADABLE when it is missing or no JSON */
export async function readJsonFile(fileSystem: FileSystem, path: string): Promise<unknown> {
  const text = await readInputFile(fileSystem, path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw serverFault("FILE_UNREADABLE", `${path} is not a JSON file.`, { cause });
  }
}
