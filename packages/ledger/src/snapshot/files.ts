import { createHash, type Hash } from "node:crypto";
import { join } from "node:path";
import { bytesToUtf8, concatBytes, type FileHandle, type FileSystem, utf8ToBytes } from "@concordat/base";
import { ledgerErrors } from "../errors.ts";

export const STATE_FILE = "state.ndjson";
export const TRANSACTIONS_FILE = "transactions.ndjson";
export const CONFIGS_FILE = "configs.ndjson";
export const METERS_FILE = "meters.json";
export const BASE_FILE = "base.json";
export const MANIFEST_FILE = "manifest.json";
export const MANIFEST_NOTE = "manifest.note";

/** Where an imported channel keeps the snapshot that it starts from: its derived data is rebuilt from there. */
export function snapshotDirectory(channelDirectory: string): string {
  return join(channelDirectory, "snapshot");
}

const CHUNK_BYTES = 1 << 20;

export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/** Writes text lines to a new file in large chunks and syncs it. */
export async function writeLines(
  fileSystem: FileSystem,
  path: string,
  lines: AsyncIterable<string>,
): Promise<FileDigest> {
  const handle = await fileSystem.open(path, { create: true });
  const digest = createHash("sha256");
  let bytes = 0;
  let waiting = "";
  const write = async () => {
    const chunk = utf8ToBytes(waiting);
    waiting = "";
    digest.update(chunk);
    await handle.write(chunk, bytes);
    bytes += chunk.length;
  };
  try {
    for await (const line of lines) {
      waiting += `${line}\n`;
      if (waiting.length >= CHUNK_BYTES) await write();
    }
    await write();
    await handle.sync("snapshot-file");
  } finally {
    await handle.close();
  }
  return { bytes, sha256: digest.digest("hex") };
}

export async function writeText(fileSystem: FileSystem, path: string, text: string): Promise<FileDigest> {
  const bytes = utf8ToBytes(text);
  const handle = await fileSystem.open(path, { create: true });
  try {
    await handle.write(bytes, 0);
    await handle.sync("snapshot-file");
  } finally {
    await handle.close();
  }
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

export async function readText(fileSystem: FileSystem, path: string): Promise<string> {
  const handle = await fileSystem.open(path, { readOnly: true });
  try {
    const bytes = new Uint8Array(await handle.size());
    await handle.read(bytes, 0);
    return bytesToUtf8(bytes);
  } finally {
    await handle.close();
  }
}

/** The lines of a file, read in chunks; a last line without its newline is an error. */
export async function* readLines(fileSystem: FileSystem, path: string): AsyncGenerator<string> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of readChunks(fileSystem, path)) {
    const text = concatBytes(rest, chunk);
    const end = text.lastIndexOf(0x0a) + 1;
    rest = text.slice(end);
    if (end > 0) yield* bytesToUtf8(text.subarray(0, end - 1)).split("\n");
  }
  if (rest.length > 0) throw ledgerErrors.snapshotInvalid(`The last line of ${path} is incomplete.`);
}

/** @throws LedgerError SNAPSHOT_INVALID when the file is not the one that was signed */
export async function checkDigest(
  fileSystem: FileSystem,
  directory: string,
  name: string,
  expected: FileDigest,
): Promise<void> {
  const digest: Hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of readChunks(fileSystem, join(directory, name))) {
    digest.update(chunk);
    bytes += chunk.length;
  }
  if (bytes !== expected.bytes || digest.digest("hex") !== expected.sha256) {
    throw ledgerErrors.snapshotInvalid(`The snapshot's file ${name} is not the one that was signed.`);
  }
}

async function* readChunks(fileSystem: FileSystem, path: string): AsyncGenerator<Uint8Array> {
  const handle: FileHandle = await fileSystem.open(path, { readOnly: true });
  try {
    const size = await handle.size();
    for (let offset = 0; offset < size; offset += CHUNK_BYTES) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, size - offset));
      await handle.read(chunk, offset);
      yield chunk;
    }
  } finally {
    await handle.close();
  }
}
