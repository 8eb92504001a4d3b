import { type FileSystem, isConcordatError, isMissing, nodeFileSystem } from "@concordat/base";
import { openLedgerIndex } from "../history/ledger-index.ts";
import type { LedgerIndex } from "../history/ports.ts";
import { openLevelStateDatabase } from "../state/level-state-database.ts";
import type { StateDatabase } from "../state/ports.ts";
import { openSqliteStateDatabase } from "../state/sqlite-state-database.ts";
import type { FileChecksum } from "./file-checksum.ts";
import { levelDamage, liveTables } from "./level-files/level-files.ts";
import { LevelSealer, sealLogName } from "./level-sealer.ts";
import type { LevelStoreDependencies } from "./level-store.ts";
import { checkSeal, type SealState, sealDerived } from "./seal.ts";
import { SealLog } from "./seal-log.ts";

const TREE_STORE = "tree";

export interface DerivedOptions {
  readonly directory: string;
  readonly stateDatabase: "goleveldb" | "couchdb";
  /** Number of blocks that the ledger holds: a store with more has seen blocks that were cut off since. */
  readonly height: number;
  /** After how many batches, or bytes of rows, rows are moved to sealed table files; for tests. */
  readonly settleBatches?: number;
  readonly settleBytes?: number;
}

export interface Derived {
  readonly state: StateDatabase;
  readonly index: LedgerIndex;
  /** Where the owner keeps the tree's rows: sealed with the stores, so to be closed before `close`. Empty when it was damaged. */
  readonly treePath: string;
  /** The same for the rows of an SM channel's second tree. */
  readonly sm3TreePath: string;
  /** Stores that could not be trusted and are empty now, each as `<store>: <reason>`. */
  readonly rebuilt: readonly string[];
  /** Closes both stores and seals their files. */
  close(): Promise<void>;
}

/**
 * Opens the derived stores of one channel, each as it was at its own savepoint, or else empty: the caller replays the
 * blocks from each store's savepoint on. A store is deleted when it is damaged, cannot be opened or is ahead of the ledger.
 *
 * What is found: after a clean close, any change of any byte of the stores. After a crash: any change of the table files
 * and the MANIFEST (seals, block checksums), records missing in the middle of a log file (chain of markers), any changed,
 * lost or added row of an SQLite store (checksum over all rows). Lost records at the end of a log only mean an earlier savepoint.
 *
 * What is not found: changes made on purpose by someone who also redoes the checksums (the block segments are the truth;
 * `verify` never reads derived data); damage done to files while the stores are open, until the next start, since LevelDB does not check what it
 * reads back; memory errors before a checksum was taken; with probability 2^-32 for each damaged part, an equal checksum.
 */
export async function openDerived(options: DerivedOptions, fileSystem: FileSystem = nodeFileSystem): Promise<Derived> {
  const { directory, height } = options;
  await fileSystem.makeDirectory(directory);
  const stateStore = options.stateDatabase === "couchdb" ? "state-sql" : "state";
  const stores = [stateStore, "index", TREE_STORE];
  const seal = await checkSeal(directory, stores, fileSystem);
  const rebuilt: string[] = [];
  const place = { fileSystem, directory, seal, height, rebuilt };
  const openState = (storeDirectory: string, dependencies: LevelStoreDependencies) =>
    options.stateDatabase === "couchdb"
      ? openSqliteStateDatabase({ directory: storeDirectory, trusted: seal.status === "intact" })
      : openLevelStateDatabase({ ...options, directory: storeDirectory }, dependencies);
  const state = await openOrReset({ ...place, store: stateStore, isLevel: stateStore === "state" }, openState);
  const index = await openOrReset({ ...place, store: "index", isLevel: true }, (storeDirectory, dependencies) =>
    openLedgerIndex({ ...options, directory: storeDirectory }, dependencies),
  ).catch(async (error: unknown) => {
    await state.close();
    throw error;
  });
  await openTreeFolder(place);
  return {
    state: state.store,
    index: index.store,
    treePath: `${directory}/${TREE_STORE}/rows`,
    sm3TreePath: `${directory}/${TREE_STORE}/rows-sm3`,
    rebuilt,
    async close() {
      await state.close();
      await index.close();
      const known = new Map([...state.checksums(), ...index.checksums()]);
      await sealDerived(directory, stores, known, fileSystem);
    },
  };
}

/** The tree's file has no checksums of its own: without a seal its owner compares its root, and each proof, with signed checkpoints. */
async function openTreeFolder({
  fileSystem,
  directory,
  seal,
  rebuilt,
}: Omit<Place, "store" | "isLevel">): Promise<void> {
  const folder = `${directory}/${TREE_STORE}`;
  const file = seal.status === "damaged" ? seal.files.find((name) => name.startsWith(`${TREE_STORE}/`)) : undefined;
  if (file !== undefined) {
    rebuilt.push(`${TREE_STORE}: ${file} differs from its seal`);
    await fileSystem.remove(folder);
  }
  await fileSystem.makeDirectory(folder);
}

interface Place {
  readonly fileSystem: FileSystem;
  readonly directory: string;
  readonly store: string;
  readonly isLevel: boolean;
  readonly seal: SealState;
  readonly height: number;
  readonly rebuilt: string[];
}

type Open<Store> = (directory: string, dependencies: LevelStoreDependencies) => Promise<Store>;

interface Opened<Store> {
  readonly store: Store;
  /** Known checksums of immutable files, by path relative to the derived folder. */
  checksums(): ReadonlyMap<string, FileChecksum>;
  close(): Promise<void>;
}

interface DerivedStore {
  readonly savepoint: number;
  close(): Promise<void>;
}

async function openOrReset<Store extends DerivedStore>(place: Place, open: Open<Store>): Promise<Opened<Store>> {
  const trust = await examine(place);
  let reason = trust.damage;
  if (reason === undefined) {
    const opened = await openSealed(place, open, trust.tables).catch((error: unknown) => {
      if (isConcordatError(error, "STORE_DAMAGED")) return String(error.facts["reason"]);
      throw error;
    });
    if (typeof opened === "string") reason = opened;
    else if (opened.store.savepoint <= place.height) return opened;
    else {
      reason = `it holds ${opened.store.savepoint} blocks, the ledger ${place.height}`;
      await opened.close();
    }
  }
  place.rebuilt.push(`${place.store}: ${reason}`);
  await place.fileSystem.remove(`${place.directory}/${place.store}`);
  await place.fileSystem.remove(`${place.directory}/${sealLogName(place.store)}`);
  await place.fileSystem.syncDirectory(place.directory, "derived-reset");
  return openSealed(place, open, new Map());
}

interface Examination {
  readonly damage: string | undefined;
  /** Checksums of the live table files that were found right. */
  readonly tables: ReadonlyMap<string, FileChecksum>;
}

/** Looks at the files before anything opens them. */
async function examine(place: Place): Promise<Examination> {
  const { fileSystem, directory, store, seal } = place;
  const storeDirectory = `${directory}/${store}`;
  const none = { damage: undefined, tables: new Map<string, FileChecksum>() };
  if (seal.status === "damaged") {
    const file = seal.files.find((name) => name.startsWith(`${store}/`));
    if (file !== undefined) return { ...none, damage: `${file} differs from its seal` };
  }
  if (!(await fileSystem.exists(storeDirectory))) {
    const isLost = place.height > 0 || (await fileSystem.exists(`${directory}/${sealLogName(store)}`));
    return isLost ? { ...none, damage: "it is missing" } : none;
  }
  if (!place.isLevel) return none;
  if (seal.status === "intact") {
    return { damage: undefined, tables: await liveTables(fileSystem, storeDirectory, storeTables(seal.files, store)) };
  }
  const sealed = await readSealLog(fileSystem, `${directory}/${sealLogName(store)}`);
  if (sealed === undefined) return { ...none, damage: "its list of seals is missing or damaged" };
  const damage = await levelDamage(fileSystem, storeDirectory, sealed);
  if (damage !== undefined) return { ...none, damage };
  return { damage, tables: await liveTables(fileSystem, storeDirectory, sealed.tables) };
}

function storeTables(files: ReadonlyMap<string, FileChecksum>, store: string): Map<string, FileChecksum> {
  const prefix = `${store}/`;
  const inStore = [...files].filter(([file]) => file.startsWith(prefix) && file.endsWith(".ldb"));
  return new Map(inStore.map(([file, checksum]) => [file.slice(prefix.length), checksum]));
}

async function readSealLog(fileSystem: FileSystem, path: string) {
  try {
    return await SealLog.read(fileSystem, path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function openSealed<Store extends DerivedStore>(
  place: Place,
  open: Open<Store>,
  known: ReadonlyMap<string, FileChecksum>,
): Promise<Opened<Store>> {
  const { fileSystem, directory, store: name } = place;
  const storeDirectory = `${directory}/${name}`;
  await fileSystem.makeDirectory(storeDirectory);
  if (!place.isLevel) {
    const store = await open(storeDirectory, {});
    return { store, checksums: () => new Map(), close: () => store.close() };
  }
  const sealer = await LevelSealer.create(fileSystem, directory, name, known);
  const closing: (() => Promise<void>)[] = [() => sealer.close()];
  const close = async () => {
    for (const step of closing) await step();
  };
  try {
    const store = await open(storeDirectory, { settled: () => sealer.seal() });
    closing.unshift(() => store.close());
    await sealer.seal();
    const pathOf = (file: string) => `${name}/${file}`;
    return { store, checksums: () => new Map([...sealer.tables].map(([file, sum]) => [pathOf(file), sum])), close };
  } catch (error) {
    await close();
    throw error;
  }
}
