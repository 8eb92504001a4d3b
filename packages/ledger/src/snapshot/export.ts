import { dirname, join } from "node:path";
import { bytesToBase64, type FileSystem } from "@concordat/base";
import type { Channel } from "../channel/channel.ts";
import { signCheckpoint } from "../checkpoint/sign.ts";
import { ledgerErrors } from "../errors.ts";
import type { Frontier } from "../merkle/log.ts";
import type { StateRow } from "../state/ports.ts";
import {
  BASE_FILE,
  CONFIGS_FILE,
  type FileDigest,
  MANIFEST_FILE,
  MANIFEST_NOTE,
  METERS_FILE,
  STATE_FILE,
  TRANSACTIONS_FILE,
  writeLines,
  writeText,
} from "./files.ts";
import { snapshotBody } from "./manifest.ts";

/**
 * Writes a snapshot of a channel into a new folder. No transaction of the channel is ordered meanwhile. The folder appears under its name
 * only when it is whole and synced.
 * @throws LedgerError SNAPSHOT_INVALID when the folder exists, CHANNEL_READ_ONLY when the channel is locked
 * @source docs/reference/ledger-format.md section 9
 */
export async function exportSnapshot(
  channel: Channel,
  directory: string,
  { fileSystem }: { readonly fileSystem: FileSystem },
): Promise<void> {
  if (await fileSystem.exists(directory)) throw ledgerErrors.snapshotInvalid(`The folder ${directory} exists already.`);
  const partial = `${directory}.partial`;
  await fileSystem.remove(partial);
  await fileSystem.makeDirectory(partial);
  await channel.quiet(() => writeSnapshot(channel, partial, fileSystem));
  await fileSystem.syncDirectory(partial, "snapshot-directory");
  await fileSystem.rename(partial, directory);
  await fileSystem.syncDirectory(dirname(directory), "snapshot-directory");
}

async function writeSnapshot(channel: Channel, directory: string, fileSystem: FileSystem): Promise<void> {
  const { stores, config } = channel;
  const write = (name: string, lines: AsyncIterable<string>) => writeLines(fileSystem, join(directory, name), lines);
  const { frontier, sm3Frontier, ...base } = await channel.base();
  const files: Record<string, FileDigest> = {
    [STATE_FILE]: await write(STATE_FILE, mapLines(stores.state.dump(), stateLine)),
    [TRANSACTIONS_FILE]: await write(
      TRANSACTIONS_FILE,
      mapLines(stores.index.transactionIds(), (id) => JSON.stringify(id)),
    ),
    [CONFIGS_FILE]: await write(
      CONFIGS_FILE,
      mapLines(channel.configEnvelopes(), (entry) => JSON.stringify(entry)),
    ),
    [METERS_FILE]: await writeText(fileSystem, join(directory, METERS_FILE), JSON.stringify(await channel.allMeters())),
    [BASE_FILE]: await writeText(
      fileSystem,
      join(directory, BASE_FILE),
      JSON.stringify({
        ...base,
        frontier: frontierJson(frontier),
        ...(sm3Frontier === undefined ? {} : { sm3Frontier: frontierJson(sm3Frontier) }),
      }),
    ),
  };
  const manifest = JSON.stringify({
    format: "concordat-snapshot/1",
    origin: config.origin,
    height: base.height,
    stateDatabase: config.stateDatabase,
    files,
  });
  const { sha256 } = await writeText(fileSystem, join(directory, MANIFEST_FILE), manifest);
  const note = signCheckpoint(snapshotBody(config.origin, base.height, sha256), channel.signers);
  await writeText(fileSystem, join(directory, MANIFEST_NOTE), note);
}

function frontierJson({ size, hashes }: Frontier): { readonly size: number; readonly hashes: readonly string[] } {
  return { size, hashes: hashes.map(bytesToBase64) };
}

function stateLine({ namespace, key, value, version }: StateRow): string {
  return JSON.stringify({ namespace, key, block: version.block, index: version.index, value: bytesToBase64(value) });
}

async function* mapLines<Item>(items: AsyncIterable<Item>, line: (item: Item) => string): AsyncGenerator<string> {
  for await (const item of items) yield line(item);
}
