import { crc32 } from "node:zlib";
import { bytesToUtf8, type FileHandle, type FileSystem, utf8ToBytes } from "@concordat/base";
import { type FileChecksum, readWholeFile, replaceFile } from "./file-checksum.ts";
import { isRecord, readChecksums } from "./seal.ts";

export interface ManifestSeal extends FileChecksum {
  readonly name: string;
}

export interface SealLogContents {
  /** Checksums of immutable table files by file name. */
  readonly tables: ReadonlyMap<string, FileChecksum>;
  /** The MANIFEST as it began when last looked at; it only grows. Undefined: the store was being opened, which makes a new one. */
  readonly manifest: ManifestSeal | undefined;
}

/**
 * Append-only list of the checksums of a running LevelDB store's files, one line for each time its rows were moved to table files:
 * CRC-32 of the rest as 8 hex digits, a space, JSON. A last line without its end was being written at a crash and does not count.
 */
export class SealLog {
  readonly #file: FileHandle;
  #size: number;

  private constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /** Undefined when a line is damaged. @throws ENOENT */
  static async read(fileSystem: FileSystem, path: string): Promise<SealLogContents | undefined> {
    const lines = splitLines(await readWholeFile(fileSystem, path));
    const tables = new Map<string, FileChecksum>();
    let manifest: ManifestSeal | undefined;
    if (lines === undefined || lines.length === 0) return undefined;
    for (const line of lines) {
      const record = parseLine(line);
      if (record === undefined) return undefined;
      for (const [name, checksum] of record.tables) tables.set(name, checksum);
      manifest = record.manifest;
    }
    return { tables, manifest };
  }

  /** Starts anew with the tables known; until the first `append` the MANIFEST counts as being replaced. */
  static async create(
    fileSystem: FileSystem,
    directory: string,
    name: string,
    tables: ReadonlyMap<string, FileChecksum>,
  ): Promise<SealLog> {
    const line = formatLine(tables, undefined);
    await replaceFile(fileSystem, directory, name, line, "derived-seal-log");
    return new SealLog(await fileSystem.open(`${directory}/${name}`), line.length);
  }

  /** Durable when it resolves. */
  async append(tables: ReadonlyMap<string, FileChecksum>, manifest: ManifestSeal): Promise<void> {
    const line = formatLine(tables, manifest);
    await this.#file.write(line, this.#size);
    this.#size += line.length;
    await this.#file.sync("derived-seal-log");
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

function formatLine(tables: ReadonlyMap<string, FileChecksum>, manifest: ManifestSeal | undefined): Uint8Array {
  const text = JSON.stringify({ tables: Object.fromEntries(tables), manifest });
  return utf8ToBytes(`${crc32(text).toString(16).padStart(8, "0")} ${text}\n`);
}

/** Undefined when the bytes are no text. */
function splitLines(bytes: Uint8Array): string[] | undefined {
  const end = bytes.lastIndexOf(0x0a);
  try {
    return end < 0 ? [] : bytesToUtf8(bytes.subarray(0, end)).split("\n");
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function parseLine(line: string): SealLogContents | undefined {
  const text = line.slice(9);
  if (line.slice(0, 9) !== `${crc32(text).toString(16).padStart(8, "0")} `) return undefined;
  const record: unknown = JSON.parse(text);
  if (!isRecord(record) || !isRecord(record["tables"])) return undefined;
  const tables = readChecksums(record["tables"]);
  return tables === undefined ? undefined : { tables, manifest: readManifestSeal(record["manifest"]) };
}

function readManifestSeal(value: unknown): ManifestSeal | undefined {
  if (!isRecord(value)) return undefined;
  const { name, size, crc32: crc } = value;
  if (typeof name !== "string" || typeof size !== "number" || typeof crc !== "number") return undefined;
  return { name, size, crc32: crc };
}
