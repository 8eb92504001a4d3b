import { type FileSystem, isMissing } from "@concordat/base";
import { checksumFile, type FileChecksum } from "./file-checksum.ts";
import { readLevelFiles } from "./level-files/level-files.ts";
import { SealLog } from "./seal-log.ts";

/** Seals the files of one running LevelDB store: `seal` whenever its rows have moved to table files. */
export class LevelSealer {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #log: SealLog;
  #tables: Map<string, FileChecksum>;

  private constructor(fileSystem: FileSystem, directory: string, log: SealLog, tables: Map<string, FileChecksum>) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
    this.#log = log;
    this.#tables = tables;
  }

  /** Before LevelDB opens the store: says durably that its MANIFEST is about to be replaced. */
  static async create(
    fileSystem: FileSystem,
    directory: string,
    store: string,
    known: ReadonlyMap<string, FileChecksum>,
  ): Promise<LevelSealer> {
    const log = await SealLog.create(fileSystem, directory, sealLogName(store), known);
    return new LevelSealer(fileSystem, `${directory}/${store}`, log, new Map(known));
  }

  /** Checksums of table files by file name. */
  get tables(): ReadonlyMap<string, FileChecksum> {
    return this.#tables;
  }

  /** Tables are immutable and synced before the MANIFEST names them, so each is read once. One that a compaction removes meanwhile is left out. */
  async seal(): Promise<void> {
    const files = await readLevelFiles(this.#fileSystem, this.#directory);
    const kept = new Map<string, FileChecksum>();
    const added = new Map<string, FileChecksum>();
    for (const name of files.tables.keys()) {
      const known = this.#tables.get(name);
      const checksum = known ?? (await this.#checksum(name));
      if (checksum === undefined) continue;
      kept.set(name, checksum);
      if (known === undefined) added.set(name, checksum);
    }
    await this.#log.append(added, files.manifest);
    this.#tables = kept;
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  async #checksum(name: string): Promise<FileChecksum | undefined> {
    try {
      return await checksumFile(this.#fileSystem, `${this.#directory}/${name}`);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}

export function sealLogName(store: string): string {
  return `${store}.seals`;
}
