import { bytesToUtf8, type FileSystem, isMissing } from "@concordat/base";
import { checksumFile, type FileChecksum, readWholeFile, sameChecksum } from "../file-checksum.ts";
import type { ManifestSeal, SealLogContents } from "../seal-log.ts";
import { readManifest } from "./manifest.ts";
import { tableDamage } from "./table.ts";

export interface LevelFiles {
  readonly manifest: ManifestSeal;
  /** Table files that the MANIFEST names: file name and size. */
  readonly tables: ReadonlyMap<string, number>;
}

/** What the store consists of by its CURRENT and MANIFEST. May run beside LevelDB, which only appends to the MANIFEST. @throws RangeError when it is damaged, ENOENT */
export async function readLevelFiles(fileSystem: FileSystem, directory: string): Promise<LevelFiles> {
  const name = await currentManifest(fileSystem, directory);
  const bytes = await readWholeFile(fileSystem, `${directory}/${name}`);
  const tables = new Map<string, number>();
  for (const [number, size] of readManifest(bytes).tables) tables.set(`${String(number).padStart(6, "0")}.ldb`, size);
  const checksum = await checksumFile(fileSystem, `${directory}/${name}`, { length: bytes.length });
  return { manifest: { name, ...checksum }, tables };
}

async function currentManifest(fileSystem: FileSystem, directory: string): Promise<string> {
  const bytes = await readWholeFile(fileSystem, `${directory}/CURRENT`);
  const match = /^(MANIFEST-[0-9]{6,})\n$/.exec(Buffer.from(bytes).toString("latin1"));
  if (match?.[1] === undefined) throw new RangeError("CURRENT names no MANIFEST.");
  return bytesToUtf8(bytes).trimEnd();
}

/** Those of `known` that the store's MANIFEST names: others may be left over, and LevelDB may use their numbers again. */
export async function liveTables(
  fileSystem: FileSystem,
  directory: string,
  known: ReadonlyMap<string, FileChecksum>,
): Promise<Map<string, FileChecksum>> {
  const { tables } = await readLevelFiles(fileSystem, directory);
  return new Map([...known].filter(([name]) => tables.has(name)));
}

/**
 * Checks the files of a store that was not closed cleanly, before LevelDB opens it: the MANIFEST begins as sealed,
 * and each table that it names has the sealed checksum or, when younger than the last seal, its own block checksums.
 * Answers what is wrong, or undefined. Log files are not looked at: the chain of markers shows what LevelDB skips in them.
 */
export async function levelDamage(
  fileSystem: FileSystem,
  directory: string,
  sealed: SealLogContents,
): Promise<string | undefined> {
  try {
    const files = await readLevelFiles(fileSystem, directory);
    const manifestDamage = await manifestDiffers(fileSystem, directory, files.manifest, sealed.manifest);
    if (manifestDamage !== undefined) return manifestDamage;
    for (const [name, size] of files.tables) {
      const reason = await tableFileDamage(fileSystem, `${directory}/${name}`, size, sealed.tables.get(name));
      if (reason !== undefined) return `table file ${name} is damaged: ${reason}`;
    }
    return undefined;
  } catch (error) {
    if (isMissing(error)) return "a file is missing";
    if (error instanceof RangeError || error instanceof TypeError) return error.message;
    throw error;
  }
}

async function manifestDiffers(
  fileSystem: FileSystem,
  directory: string,
  present: ManifestSeal,
  sealed: ManifestSeal | undefined,
): Promise<string | undefined> {
  if (sealed === undefined) return undefined;
  if (sealed.name !== present.name) return "CURRENT names another MANIFEST than the sealed one";
  const beginning = await checksumFile(fileSystem, `${directory}/${present.name}`, { length: sealed.size });
  return sameChecksum(beginning, sealed) ? undefined : "the MANIFEST differs from the sealed one";
}

async function tableFileDamage(
  fileSystem: FileSystem,
  path: string,
  size: number,
  sealed: FileChecksum | undefined,
): Promise<string | undefined> {
  if (sealed !== undefined) {
    return sameChecksum(await checksumFile(fileSystem, path), sealed) ? undefined : "it differs from its seal";
  }
  const bytes = await readWholeFile(fileSystem, path);
  return bytes.length === size ? tableDamage(bytes) : "it has another size";
}
