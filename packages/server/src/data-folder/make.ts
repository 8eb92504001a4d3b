import { dirname } from "node:path";
import type { FileSystem } from "@concordat/base";
import { serverFault, systemCode } from "../errors.ts";
import type { DataFolder } from "./layout.ts";

/** Makes the data folder, readable by its owner only, when it is missing. @throws ConcordatError DATA_FOLDER_UNUSABLE */
export async function makeDataFolder(folder: DataFolder, fileSystem: FileSystem): Promise<void> {
  try {
    if (await fileSystem.exists(folder.directory)) return;
    await fileSystem.makeDirectory(folder.directory);
    await fileSystem.syncDirectory(dirname(folder.directory), "server/data-folder");
  } catch (cause) {
    throw serverFault(
      "DATA_FOLDER_UNUSABLE",
      `The data folder ${folder.directory} cannot be made (${systemCode(cause)}).`,
      { remedy: "Give a folder that this user may write to with --data.", cause },
    );
  }
}
