import { isConcordatError } from "@concordat/base";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { ArchiveGuard, checkedPath } from "./archive-entry.ts";
import { checkGrowth } from "./gunzip.ts";
import type { PackageLimits } from "./limits.ts";
import { packageInvalid, packageTooLarge } from "./package-errors.ts";

const UNIX_FILE_TYPE_MASK = 0o170000;
const UNIX_REGULAR_FILE = 0o100000;
const UNIX_HOST = 3;

function isRegularFile(entry: Entry): boolean {
  if (entry.versionMadeBy >>> 8 !== UNIX_HOST) return true;
  const type = (entry.externalFileAttributes >>> 16) & UNIX_FILE_TYPE_MASK;
  return type === 0 || type === UNIX_REGULAR_FILE;
}

async function contentOf(zip: ZipFile, entry: Entry, bytesMax: number, limits: PackageLimits): Promise<Uint8Array> {
  if (entry.isEncrypted()) throw packageInvalid(`entry "${entry.fileName}" is encrypted`);
  if (entry.uncompressedSize > bytesMax)
    throw packageTooLarge(`entry "${entry.fileName}" has more than ${bytesMax} bytes`);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    if (!(chunk instanceof Uint8Array)) throw packageInvalid("it cannot be unpacked");
    length += chunk.length;
    checkGrowth(entry.compressedSize, length, bytesMax, limits);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/**
 * The regular files of a zip file that has no folders: the outer form of a package.
 * @param bytesMax of each file, unpacked
 * @throws FabricError PACKAGE_INVALID, PACKAGE_TOO_LARGE
 */
export async function readFlatZip(
  bytes: Uint8Array,
  bytesMax: number,
  limits: PackageLimits,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const guard = new ArchiveGuard(limits);
  try {
    const zip = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      lazyEntries: true,
      strictFileNames: true,
    });
    for await (const entry of zip.eachEntry()) {
      guard.count();
      const path = checkedPath(entry.fileName);
      if (path === undefined || entry.fileName.endsWith("/") || !isRegularFile(entry)) {
        throw packageInvalid(`entry "${entry.fileName.slice(0, 100)}" is no file`);
      }
      guard.admit(path, "file");
      if (files.size >= 2) throw packageInvalid("it holds more than metadata.json and code.tar.gz");
      files.set(path, await contentOf(zip, entry, bytesMax, limits));
    }
  } catch (error) {
    throw isConcordatError(error) ? error : packageInvalid("it is not a whole zip file", error);
  }
  return files;
}
