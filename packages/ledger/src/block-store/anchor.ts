import { join } from "node:path";
import { ConcordatError, type FileHandle, type FileSystem, InvariantError, isMissing } from "@concordat/base";
import {
  ANCHOR_SLOT_BYTES,
  type AnchorSlot,
  CHECKPOINT_BYTES_MAX,
  decodeAnchor,
  encodeAnchorSlot,
} from "./anchor-format.ts";
import { StoreDamagedError, storeClosed, storeFailed } from "./errors.ts";
import type { SyncSite } from "./sync-sites.ts";

const FILE_NAME = "anchor";
const NEW_FILE_NAME = "anchor.new";
const FILE_BYTES = 2 * ANCHOR_SLOT_BYTES;

export interface AnchorPosition {
  /** Number of blocks: at least as many are in the segments, or acknowledged data is lost. */
  readonly height: number;
  /** The signed note of block `height` - 1. */
  readonly checkpoint: string;
}

/** The last acknowledged height and checkpoint of a channel, in a file apart from the segments. */
export interface Anchor {
  /** Undefined before the first write. */
  readonly current: AnchorPosition | undefined;
  /**
   * Resolves when the position is on disk: one write in place and one fdatasync. The blocks it names must be on disk before the call; their
   * transactions may be acknowledged after it. One call at a time, heights never decrease.
   * After a crash before it resolves the anchor holds this position or the one before.
   * @throws ConcordatError CHECKPOINT_TOO_LARGE (nothing is written), CHANNEL_FAILED, CLOSED
   */
  write(height: number, checkpoint: string): Promise<void>;
  close(): Promise<void>;
}

export interface AnchorOptions {
  /** The channel's folder. */
  readonly directory: string;
  /** A missing file is damage: for channels whose creation was finished. */
  readonly mustExist?: boolean;
}

/**
 * Opens the anchor of a channel. The file appears with the first `write`, whole: it is prepared as `anchor.new`, synced, renamed, and the
 * folder is synced. So a crash during creation leaves no `anchor` (nothing was acknowledged), or a valid one.
 *
 * An anchor that is found is written anew in the same way: what a killed process left in it may be in the page cache
 * only, and the next write in place, when torn, would then destroy the only slot that is on disk.
 * @throws StoreDamagedError the file has no valid slot, or is missing although it must exist
 */
export async function openAnchor(
  options: AnchorOptions,
  dependencies: { readonly fileSystem: FileSystem },
): Promise<Anchor> {
  const { directory } = options;
  const { fileSystem } = dependencies;
  const slot = await readAnchorSlot(directory, fileSystem);
  if (slot === undefined) {
    if (options.mustExist === true) throw new StoreDamagedError("The anchor is missing.", { file: FILE_NAME });
    return new TwoSlotAnchor(directory, fileSystem);
  }
  return new TwoSlotAnchor(directory, fileSystem, { slot, file: await createAnchorFile(directory, slot, fileSystem) });
}

/**
 * The position in a channel's anchor, without changing anything on disk; undefined when there is no anchor.
 * @throws StoreDamagedError the file has no valid slot
 */
export async function readAnchor(
  options: { readonly directory: string },
  dependencies: { readonly fileSystem: FileSystem },
): Promise<AnchorPosition | undefined> {
  const slot = await readAnchorSlot(options.directory, dependencies.fileSystem);
  return slot && { height: slot.height, checkpoint: slot.checkpoint };
}

async function readAnchorSlot(directory: string, fileSystem: FileSystem): Promise<AnchorSlot | undefined> {
  const bytes = new Uint8Array(FILE_BYTES);
  try {
    const file = await fileSystem.open(join(directory, FILE_NAME), { readOnly: true });
    try {
      await file.read(bytes, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const slot = decodeAnchor(bytes);
  if (slot === undefined) throw new StoreDamagedError("The anchor has no valid slot.", { file: FILE_NAME });
  return slot;
}

/** A file of full length that holds one slot: later writes change bytes in place and never the file's size. */
async function createAnchorFile(directory: string, slot: AnchorSlot, fileSystem: FileSystem): Promise<FileHandle> {
  const bytes = new Uint8Array(FILE_BYTES);
  bytes.set(encodeAnchorSlot(slot), (slot.sequence % 2) * ANCHOR_SLOT_BYTES);
  const newPath = join(directory, NEW_FILE_NAME);
  // What an interrupted creation left may be of any length.
  await fileSystem.remove(newPath);
  const file = await fileSystem.open(newPath, { create: true });
  try {
    await file.write(bytes, 0);
    await file.sync("anchor-create" satisfies SyncSite);
    await fileSystem.rename(newPath, join(directory, FILE_NAME));
    await fileSystem.syncDirectory(directory, "anchor-directory" satisfies SyncSite);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

class TwoSlotAnchor implements Anchor {
  readonly #directory: string;
  readonly #fileSystem: FileSystem;
  #file: FileHandle | undefined;
  #slot: AnchorSlot | undefined;
  /** Bytes in use of each slot: a shorter checkpoint must overwrite the rest of a longer one with zeros. */
  readonly #usedBytes: [number, number] = [0, 0];
  #writing: Promise<void> | undefined;
  #failure: ConcordatError | undefined;
  #isClosed = false;

  constructor(directory: string, fileSystem: FileSystem, found?: { slot: AnchorSlot; file: FileHandle }) {
    this.#directory = directory;
    this.#fileSystem = fileSystem;
    if (found === undefined) return;
    this.#file = found.file;
    this.#slot = found.slot;
    this.#usedBytes[found.slot.sequence % 2 === 0 ? 0 : 1] = encodeAnchorSlot(found.slot).length;
  }

  get current(): AnchorPosition | undefined {
    return this.#slot && { height: this.#slot.height, checkpoint: this.#slot.checkpoint };
  }

  async write(height: number, checkpoint: string): Promise<void> {
    if (this.#isClosed) throw storeClosed();
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#writing !== undefined) throw new InvariantError("Two writes to one anchor at a time.");
    if (height < (this.#slot?.height ?? 0)) throw new InvariantError("The anchor's height would decrease.");
    checkCheckpointLength(checkpoint);
    const slot = { sequence: (this.#slot?.sequence ?? -1) + 1, height, checkpoint };
    this.#writing = this.#writeSlot(slot);
    try {
      await this.#writing;
      this.#slot = slot;
    } catch (error) {
      this.#failure = storeFailed(`the anchor in ${this.#directory}`, error);
      throw this.#failure;
    } finally {
      this.#writing = undefined;
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.allSettled([this.#writing]);
    await this.#file?.close();
  }

  async #writeSlot(slot: AnchorSlot): Promise<void> {
    const encoded = encodeAnchorSlot(slot);
    const index = slot.sequence % 2 === 0 ? 0 : 1;
    if (this.#file === undefined) {
      this.#file = await createAnchorFile(this.#directory, slot, this.#fileSystem);
    } else {
      const bytes = new Uint8Array(Math.max(encoded.length, this.#usedBytes[index]));
      bytes.set(encoded);
      await this.#file.write(bytes, index * ANCHOR_SLOT_BYTES);
      await this.#file.sync("anchor-data" satisfies SyncSite);
    }
    this.#usedBytes[index] = encoded.length;
  }
}

function checkCheckpointLength(checkpoint: string): void {
  const bytes = Buffer.byteLength(checkpoint);
  if (bytes <= CHECKPOINT_BYTES_MAX) return;
  throw new ConcordatError({
    code: "CHECKPOINT_TOO_LARGE",
    summary: `A checkpoint of ${bytes} bytes does not fit the anchor.`,
    remedy: "A channel can have fewer checkpoint keys.",
    facts: { bytes, bytesMax: CHECKPOINT_BYTES_MAX },
  });
}
