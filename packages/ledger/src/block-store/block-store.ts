import { join } from "node:path";
import type { FileSystem } from "@concordat/base";
import { ClosedSegments } from "./closed-segments.ts";
import { damagedSegment } from "./errors.ts";
import { recoverLastSegment } from "./last-segment.ts";
import { SegmentBlockStore } from "./segment-block-store.ts";
import { segmentName, segmentNameToFirstBlock } from "./segment-format.ts";
import { SEGMENT_BYTES_LIMIT } from "./segment-offsets.ts";
import type { SyncSite } from "./sync-sites.ts";

const SEGMENT_BYTES_MAX_DEFAULT = 256 * 1024 * 1024;

export interface BlockStoreOptions {
  /** The channel's folder; the segments lie in its folder `segments`. */
  readonly directory: string;
  readonly origin: string;
  /** Number of blocks that the anchor names: fewer than that in the segments is a loss. 0 in a channel without an anchor. */
  readonly acknowledgedHeight: number;
  /** Above 0 in a channel that was imported from a snapshot: number of the first block that is stored. */
  readonly firstBlock?: number;
  /** A segment that has a block takes another one only up to this size; below 2^32. Default 256 MiB. */
  readonly segmentBytesMax?: number;
}

export interface StoredBlock {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/**
 * The blocks of one channel, in order, in append-only segments (docs/reference/ledger-format.md section 2).
 *
 * - Blocks below `height` are on disk; nothing else can be read.
 * - Closed segments never change. Only the last one is written, and only behind its last record.
 * - One segment is synced before the next one is created: a crash leaves traces in the last segment only.
 * - After a failed write or sync nothing more is written until the store is opened anew.
 */
export interface BlockStore {
  /** Number of the next block. */
  readonly height: number;
  /** Number of the first stored block. */
  readonly firstBlock: number;
  /**
   * Appends blocks `height`, `height` + 1, ... and resolves when all of them are on disk: one write and one fdatasync for each
   * segment touched. One call at a time. After a crash before it resolves any number of the blocks may be there, from the first on.
   * @throws ConcordatError CHANNEL_FAILED  a write or sync failed, now or before; CLOSED
   */
  append(blocks: readonly Uint8Array[]): Promise<void>;
  /** @throws StoreDamagedError the CRC or the length is wrong; ConcordatError BLOCK_UNKNOWN, CLOSED */
  read(number: number): Promise<Uint8Array>;
  /**
   * Blocks `from` up to, not including, `to` (default: the height at the time of the call), read ahead in big steps. The bytes are views into
   * shared buffers: copy what is kept for long.
   * @throws StoreDamagedError as `read`
   */
  blocks(from: number, to?: number): AsyncIterable<StoredBlock>;
  /**
   * Reads all segments but the last and checks every CRC; the last was read at opening.
   * @throws StoreDamagedError for the first damaged block; ConcordatError CLOSED when the store was closed before the end
   */
  scrub(): Promise<void>;
  /** Waits for running calls; none may follow. */
  close(): Promise<void>;
}

/**
 * Opens the block store of a channel, or starts an empty one. The last segment is read whole and a torn tail is cut; closed
 * segments are known by name, size and offsets file. When it resolves, all blocks below `height` are on disk for sure, also
 * those at or above `acknowledgedHeight` that a crash or a killed process left.
 * @throws StoreDamagedError damaged or missing records below `acknowledgedHeight`, or damage that no crash can leave; nothing is cut then
 */
export async function openBlockStore(
  options: BlockStoreOptions,
  dependencies: { readonly fileSystem: FileSystem },
): Promise<BlockStore> {
  const { fileSystem } = dependencies;
  const firstBlock = options.firstBlock ?? 0;
  const acknowledgedHeight = Math.max(options.acknowledgedHeight, firstBlock);
  const segmentBytesMax = options.segmentBytesMax ?? SEGMENT_BYTES_MAX_DEFAULT;
  if (segmentBytesMax > SEGMENT_BYTES_LIMIT) throw new RangeError("A segment has less than 2^32 bytes.");
  const folder = join(options.directory, "segments");
  if (acknowledgedHeight === firstBlock) {
    await fileSystem.makeDirectory(folder);
    await fileSystem.syncDirectory(options.directory, "segments-folder" satisfies SyncSite);
  }
  const firsts = await listSegments(folder, fileSystem);
  checkFirstSegment(firsts, firstBlock, acknowledgedHeight);
  const closed = new ClosedSegments({ folder, origin: options.origin }, fileSystem);
  try {
    for (const [index, next] of firsts.slice(1).entries()) await closed.checkAtStart(firsts[index] ?? firstBlock, next);
    const lastFirst = firsts.at(-1);
    const last =
      lastFirst === undefined
        ? undefined
        : await recoverLastSegment(
            { folder, origin: options.origin, firstBlock: lastFirst, acknowledgedHeight },
            fileSystem,
          );
    const layout = { folder, origin: options.origin, firstBlock, segmentBytesMax };
    return new SegmentBlockStore(layout, { fileSystem, closed, closedFirsts: firsts.slice(0, -1), last });
  } catch (error) {
    await closed.close();
    throw error;
  }
}

async function listSegments(folder: string, fileSystem: FileSystem): Promise<number[]> {
  if (!(await fileSystem.exists(folder))) return [];
  const numbers = (await fileSystem.list(folder)).map(segmentNameToFirstBlock);
  return numbers.filter((number) => number !== undefined).sort((a, b) => a - b);
}

function checkFirstSegment(firsts: readonly number[], firstBlock: number, acknowledgedHeight: number): void {
  const first = firsts[0];
  if (first === firstBlock || (first === undefined && acknowledgedHeight === firstBlock)) return;
  const segment = segmentName(firstBlock);
  throw damagedSegment("the first segment is missing", { block: firstBlock, segment, offset: 0 });
}
