import { crc32 } from "node:zlib";
import type { FileSystem } from "@concordat/base";

export interface FileChecksum {
  readonly size: number;
  /** CRC-32 (IEEE, zlib). */
  readonly crc32: number;
}

const CHUNK_BYTES = 1 << 20;

/** Checksum of a file, or of its first `length` bytes. A file that ends earlier gives the size it has. */
export async function checksumFile(
  fileSystem: FileSystem,
  path: string,
  options: { readonly length?: number; readonly syncSite?: string } = {},
): Promise<FileChecksum> {
  const file = await fileSystem.open(path, options.syncSite === undefined ? { readOnly: true } : {});
  try {
    const size = Math.min(options.length ?? Number.POSITIVE_INFINITY, await file.size());
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, size));
    let crc = 0;
    for (let at = 0; at < size; ) {
      const count = await file.read(chunk.subarray(0, Math.min(chunk.length, size - at)), at);
      if (count === 0) return { size: at, crc32: crc };
      crc = crc32(chunk.subarray(0, count), crc);
      at += count;
    }
    if (options.syncSite !== undefined) await file.sync(options.syncSite);
    return { size, crc32: crc };
  } finally {
    await file.close();
  }
}

export async function readWholeFile(fileSystem: FileSystem, path: string): Promise<Uint8Array> {
  const file = await fileSystem.open(path, { readOnly: true });
  try {
    const bytes = new Uint8Array(await file.size());
    return bytes.subarray(0, await file.read(bytes, 0));
  } finally {
    await file.close();
  }
}

/** Replaces a file by `bytes`; after a crash it is wholly the old one or wholly the new one. */
export async function replaceFile(
  fileSystem: FileSystem,
  directory: string,
  name: string,
  bytes: Uint8Array,
  site: string,
): Promise<void> {
  const temporary = `${directory}/${name}.new`;
  await fileSystem.remove(temporary);
  const file = await fileSystem.open(temporary, { create: true });
  try {
    await file.write(bytes, 0);
    await file.sync(site);
  } finally {
    await file.close();
  }
  await fileSystem.rename(temporary, `${directory}/${name}`);
  await fileSystem.syncDirectory(directory, site);
}

export function sameChecksum(a: FileChecksum, b: FileChecksum): boolean {
  return a.size === b.size && a.crc32 === b.crc32;
}
