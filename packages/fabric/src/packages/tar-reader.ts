import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isConcordatError } from "@concordat/base";
import { extract, type Header } from "tar-stream";
import { type ArchiveEntry, ArchiveGuard, checkedLinkTarget, checkedPath } from "./archive-entry.ts";
import { gunzipChunks } from "./gunzip.ts";
import type { PackageLimits } from "./limits.ts";
import { packageInvalid, packageTooLarge } from "./package-errors.ts";

/** What is used of the library's entries, whose type it keeps to itself. */
interface Source extends AsyncIterable<unknown> {
  readonly header: Header;
  resume(): unknown;
}

const EXECUTABLE_BITS = 0o111;

async function contentOf(entry: Source, size: number): Promise<Uint8Array> {
  const content = new Uint8Array(size);
  let offset = 0;
  for await (const chunk of entry) {
    if (!(chunk instanceof Uint8Array) || offset + chunk.length > size)
      throw packageInvalid("an entry is longer than it says");
    content.set(chunk, offset);
    offset += chunk.length;
  }
  if (offset !== size) throw packageInvalid("an entry is shorter than it says");
  return content;
}

function kindOf(header: Header): ArchiveEntry["kind"] {
  if (header.type === "file") return "file";
  if (header.type === "directory") return "folder";
  if (header.type === "symlink") return "link";
  throw packageInvalid(`entry "${header.name.slice(0, 100)}" is neither a file, a folder nor a symbolic link`);
}

async function checkedEntry(
  entry: Source,
  guard: ArchiveGuard,
  bytesLeft: number,
  limits: PackageLimits,
): Promise<ArchiveEntry | undefined> {
  const { header } = entry;
  guard.count();
  const kind = kindOf(header);
  const path = checkedPath(header.name);
  if (path === undefined) {
    if (kind !== "folder") throw packageInvalid("its root is no folder");
    return undefined;
  }
  const size = header.size;
  if (kind === "file" && size > bytesLeft) {
    throw packageTooLarge(`it unpacks to more than ${limits.unpackedBytesMax} bytes`);
  }
  if (kind !== "file" && size !== 0) throw packageInvalid(`entry "${path}" is no file and has contents`);
  if (kind === "link") {
    const target = checkedLinkTarget(path, header.linkname);
    guard.admit(path, kind, target);
    return { kind, path, target };
  }
  guard.admit(path, kind);
  if (kind === "folder") return { kind, path };
  const isExecutable = (header.mode & EXECUTABLE_BITS) !== 0;
  return { kind, path, content: await contentOf(entry, size), isExecutable };
}

/**
 * Reads a gzip-compressed tar file strictly, one entry in memory at a time. An entry that is handed over may still belong to an
 * archive that is refused further on: whoever writes files takes them away then.
 * @throws FabricError PACKAGE_INVALID, PACKAGE_TOO_LARGE; whatever `take` throws
 */
export async function readTarGzip(
  packed: Uint8Array,
  limits: PackageLimits,
  take: (entry: ArchiveEntry) => void | Promise<void>,
): Promise<void> {
  const reader = extract();
  const faults: unknown[] = [];
  const feeding = pipeline(Readable.from(gunzipChunks(packed, limits)), reader).catch((error: unknown) => {
    faults.push(error);
  });
  let taking: Promise<void> | undefined;
  let isTaken = true;
  try {
    const guard = new ArchiveGuard(limits);
    let bytesLeft = limits.unpackedBytesMax;
    for await (const entry of reader) {
      const checked = await checkedEntry(entry, guard, bytesLeft, limits);
      if (checked?.kind === "file") bytesLeft -= checked.content.length;
      else entry.resume();
      if (checked === undefined) continue;
      isTaken = false;
      taking = Promise.resolve(take(checked));
      await taking;
      isTaken = true;
    }
    guard.finish();
  } catch (error) {
    faults.push(error);
    reader.destroy();
  }
  await feeding;
  if (faults.length === 0) return;
  // The reader only says that its input ended; the reason stands with what fed it.
  if (!isTaken) await taking;
  throw faults.find((fault) => isConcordatError(fault)) ?? packageInvalid("it is not a whole tar file", faults[0]);
}
