import { bytesToUtf8, type FileSystem, isMissing, nodeFileSystem, utf8ToBytes } from "@concordat/base";
import { checksumFile, type FileChecksum, readWholeFile, replaceFile, sameChecksum } from "./file-checksum.ts";

/** Checksums by path relative to the derived folder, `<store>/<file>`. */
export type FileChecksums = ReadonlyMap<string, FileChecksum>;

export type SealState =
  /** Every file is as the clean close left it. */
  | { readonly status: "intact"; readonly files: FileChecksums }
  /** `files` differ, are missing or are new; the other stores are as the clean close left them. */
  | { readonly status: "damaged"; readonly files: readonly string[] }
  /** The last close was no clean one (or there never was one). */
  | { readonly status: "unsealed" };

const SEAL_FILE = "seal.json";
const FORMAT = "concordat-seal/1";

/**
 * Writes the seal over all files of the stores below `directory`, each synced first. Only after all stores are closed.
 * `known` are checksums of immutable files taken earlier in this run: those are not read again.
 */
export async function sealDerived(
  directory: string,
  stores: readonly string[],
  known: FileChecksums = new Map(),
  fileSystem: FileSystem = nodeFileSystem,
): Promise<void> {
  const files: Record<string, FileChecksum> = {};
  for (const file of await storeFiles(fileSystem, directory, stores)) {
    files[file] =
      known.get(file) ?? (await checksumFile(fileSystem, `${directory}/${file}`, { syncSite: "derived-seal-store" }));
  }
  for (const store of stores) await fileSystem.syncDirectory(`${directory}/${store}`, "derived-seal-store");
  const seal = utf8ToBytes(JSON.stringify({ format: FORMAT, files }));
  await replaceFile(fileSystem, directory, SEAL_FILE, seal, "derived-seal");
}

/**
 * Compares the files with the seal of the last clean close, and takes the seal away: from here on the stores may change.
 * A seal that cannot be read counts as none.
 */
export async function checkSeal(
  directory: string,
  stores: readonly string[],
  fileSystem: FileSystem = nodeFileSystem,
): Promise<SealState> {
  const seal = await readSeal(fileSystem, `${directory}/${SEAL_FILE}`);
  if (seal === undefined) return { status: "unsealed" };
  const present = await storeFiles(fileSystem, directory, stores);
  const differing: string[] = [];
  for (const file of new Set([...seal.keys(), ...present])) {
    const expected = seal.get(file);
    const isSame =
      expected !== undefined &&
      present.includes(file) &&
      sameChecksum(expected, await checksumFile(fileSystem, `${directory}/${file}`));
    if (!isSame) differing.push(file);
  }
  await fileSystem.remove(`${directory}/${SEAL_FILE}`);
  await fileSystem.syncDirectory(directory, "derived-unseal");
  return differing.length === 0 ? { status: "intact", files: seal } : { status: "damaged", files: differing };
}

async function readSeal(fileSystem: FileSystem, path: string): Promise<Map<string, FileChecksum> | undefined> {
  try {
    const seal: unknown = JSON.parse(bytesToUtf8(await readWholeFile(fileSystem, path)));
    if (!isRecord(seal) || seal["format"] !== FORMAT || !isRecord(seal["files"])) return undefined;
    return readChecksums(seal["files"]);
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Undefined when anything in it is no checksum. */
export function readChecksums(record: Record<string, unknown>): Map<string, FileChecksum> | undefined {
  const checksums = new Map<string, FileChecksum>();
  for (const [file, value] of Object.entries(record)) {
    if (!isRecord(value) || typeof value["size"] !== "number" || typeof value["crc32"] !== "number") return undefined;
    checksums.set(file, { size: value["size"], crc32: value["crc32"] });
  }
  return checksums;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function storeFiles(fileSystem: FileSystem, directory: string, stores: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const store of stores) {
    if (!(await fileSystem.exists(`${directory}/${store}`))) continue;
    const names = await fileSystem.list(`${directory}/${store}`);
    files.push(...names.filter((name) => !holdsNoData(name)).map((name) => `${store}/${name}`));
  }
  return files;
}

/** LevelDB's own diary and lock, and SQLite's shared memory: they hold no data. */
function holdsNoData(name: string): boolean {
  return name === "LOG" || name === "LOG.old" || name === "LOCK" || name.endsWith("-shm");
}
