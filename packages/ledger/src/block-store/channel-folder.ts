import { dirname, join } from "node:path";
import { ConcordatError, type FileSystem } from "@concordat/base";
import type { SyncSite } from "./sync-sites.ts";

/** No channel id starts with a dot, so a folder under construction can never be taken for a channel. */
const CREATING_PREFIX = ".creating-";

export interface ChannelFolderOptions {
  /** The folder that holds one folder for each channel. */
  readonly channelsDirectory: string;
  readonly name: string;
}

/**
 * Creates a channel's folder so that it appears under its name only when it is complete. `fill` gets the folder under construction, writes into it
 * (blocks and then the anchor, through stores that sync) and closes what it opened.
 *
 * What a crash leaves: before the rename, at most a folder under construction, which {@link listChannelFolders} removes (nothing in it
 * was acknowledged); between the rename and the sync, that or the whole channel; after the sync, the whole channel. So a channel's folder
 * without an anchor or with fewer blocks than the anchor names is always damage, never an interrupted creation.
 * @throws ConcordatError CHANNEL_EXISTS; whatever `fill` throws: the unfinished folder is then removed with the next call or start
 */
export async function createChannelFolder(
  options: ChannelFolderOptions,
  dependencies: { readonly fileSystem: FileSystem },
  fill: (directory: string) => Promise<void>,
): Promise<string> {
  const { channelsDirectory, name } = options;
  const { fileSystem } = dependencies;
  const finished = join(channelsDirectory, name);
  if (await fileSystem.exists(finished)) {
    throw new ConcordatError({
      code: "CHANNEL_EXISTS",
      summary: `Channel "${name}" exists.`,
      facts: { channel: name },
    });
  }
  if (!(await hasChannels(channelsDirectory, fileSystem))) await makeDirectoryDurable(channelsDirectory, fileSystem);
  const creating = join(channelsDirectory, CREATING_PREFIX + name);
  await fileSystem.remove(creating);
  await fileSystem.makeDirectory(creating);
  await fill(creating);
  await fileSystem.rename(creating, finished);
  await fileSystem.syncDirectory(channelsDirectory, "channel-directory" satisfies SyncSite);
  return finished;
}

/**
 * Names of the finished channel folders, for the start. Folders under construction are removed. Names that a killed process
 * gave but did not sync are synced first: a channel must not go on under a name that the next power cut takes back.
 */
export async function listChannelFolders(
  options: { readonly channelsDirectory: string },
  dependencies: { readonly fileSystem: FileSystem },
): Promise<string[]> {
  const { channelsDirectory } = options;
  const { fileSystem } = dependencies;
  if (!(await fileSystem.exists(channelsDirectory))) return [];
  await fileSystem.syncDirectory(channelsDirectory, "channel-recovery" satisfies SyncSite);
  const names = await fileSystem.list(channelsDirectory);
  for (const name of names.filter((name) => name.startsWith(CREATING_PREFIX))) {
    await fileSystem.remove(join(channelsDirectory, name));
  }
  return names.filter((name) => !name.startsWith("."));
}

/** A finished channel shows that the folders above it were synced before. */
async function hasChannels(channelsDirectory: string, fileSystem: FileSystem): Promise<boolean> {
  if (!(await fileSystem.exists(channelsDirectory))) return false;
  return (await fileSystem.list(channelsDirectory)).some((name) => !name.startsWith("."));
}

/**
 * Makes the folder and its missing parents, and syncs every name on the way: that a folder exists does not say that
 * its name is on disk, since a process may have been killed after making it.
 */
async function makeDirectoryDurable(path: string, fileSystem: FileSystem): Promise<void> {
  await fileSystem.makeDirectory(path);
  for (let child = path; dirname(child) !== child; child = dirname(child)) {
    try {
      await fileSystem.syncDirectory(dirname(child), "parent-directory" satisfies SyncSite);
    } catch (error) {
      // Above the folders that this program made there may be some that it may pass but not open.
      if (child !== path && isForbidden(error)) return;
      throw error;
    }
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM");
}
