import { join } from "node:path";
import type { FileSystem } from "@concordat/base";
import { openAnchor } from "../block-store/anchor.ts";
import { openBlockStore } from "../block-store/block-store.ts";
import { createChannelFolder } from "../block-store/channel-folder.ts";
import type { TrustBundleChannel } from "../ports.ts";
import { MANIFEST_FILE, MANIFEST_NOTE, snapshotDirectory } from "./files.ts";
import { readBase, verifySnapshot } from "./manifest.ts";

/**
 * Verifies a snapshot and makes a channel's folder of it: the snapshot's files, an empty block store that goes on from its height, and
 * the anchor. The folder appears whole or not at all.
 * @throws LedgerError SNAPSHOT_INVALID
 */
export async function importSnapshot(
  options: {
    readonly from: string;
    readonly channelsDirectory: string;
    readonly channelId: string;
    readonly trust: TrustBundleChannel;
  },
  dependencies: { readonly fileSystem: FileSystem },
): Promise<void> {
  const { fileSystem } = dependencies;
  const { from, channelsDirectory, channelId } = options;
  const { files, origin, height } = await verifySnapshot(fileSystem, from, options.trust);
  const { checkpoint } = await readBase(fileSystem, from);
  await createChannelFolder({ channelsDirectory, name: channelId }, dependencies, async (directory) => {
    const target = snapshotDirectory(directory);
    await fileSystem.makeDirectory(target);
    for (const name of [...Object.keys(files), MANIFEST_FILE, MANIFEST_NOTE]) {
      await copyFile(fileSystem, join(from, name), join(target, name));
    }
    await fileSystem.syncDirectory(target, "snapshot-directory");
    await fileSystem.syncDirectory(directory, "snapshot-directory");
    const blocks = await openBlockStore(
      { directory, origin, acknowledgedHeight: height, firstBlock: height },
      dependencies,
    );
    await blocks.close();
    const anchor = await openAnchor({ directory }, dependencies);
    await anchor.write(height, checkpoint);
    await anchor.close();
  });
}

async function copyFile(fileSystem: FileSystem, from: string, to: string): Promise<void> {
  const source = await fileSystem.open(from, { readOnly: true });
  const target = await fileSystem.open(to, { create: true });
  try {
    const size = await source.size();
    const chunk = new Uint8Array(1 << 20);
    for (let offset = 0; offset < size; offset += chunk.length) {
      const part = chunk.subarray(0, Math.min(chunk.length, size - offset));
      await source.read(part, offset);
      await target.write(part, offset);
    }
    await target.sync("snapshot-file");
  } finally {
    await source.close();
    await target.close();
  }
}
