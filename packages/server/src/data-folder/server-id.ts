import { bytesToHex, type FileSystem, type RandomSource } from "@concordat/base";
import { serverFault } from "../errors.ts";
import { readTextFile, replaceFile } from "./durable-file.ts";
import type { DataFolder } from "./layout.ts";

/**
 * The id of the server whose data folder this is, made at its first start: it tells the servers on one control store apart, and binds
 * the ledger in this folder to this server.
 * @throws ConcordatError DATA_FOLDER_UNUSABLE when the file is not one of ours: another id would cut the server off from its ledger
 */
export async function ensureServerId(
  folder: DataFolder,
  dependencies: { readonly fileSystem: FileSystem; readonly random: RandomSource },
): Promise<string> {
  const known = (await readTextFile(dependencies.fileSystem, folder.serverId))?.trim();
  if (known !== undefined) {
    if (/^[0-9a-f]{32}$/.test(known)) return known;
    throw serverFault("DATA_FOLDER_UNUSABLE", `${folder.serverId} does not hold a server id.`, {
      remedy: "Put the file back as it was.",
    });
  }
  const serverId = bytesToHex(dependencies.random.bytes(16));
  await replaceFile(dependencies.fileSystem, folder.serverId, `${serverId}\n`);
  return serverId;
}
