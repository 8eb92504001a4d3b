import { join } from "node:path";
import { type ConcordatError, type FileSystem, InvariantError } from "@concordat/base";
import { ClosedSegments } from "./closed-segments.ts";
import { blockUnknown, damagedSegment, storeClosed, storeFailed } from "./errors.ts";
import { createLastSegment, type LastSegment, recoverLastSegment } from "./last-segment.ts";
import {
  checkBlockLength,
  encodeRecords,
  encodeSegmentHeader,
  RECORD_HEADER_BYTES,
  recordChecksum,
  segmentName,
  segmentNameToFirstBlock,
} from "./segment-format.ts";
import { SEGMENT_BYTES_LIMIT, writeOffsets } from "./segment-offsets.ts";
import { scanRecords } from "./segment-scan.ts";
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

interface Layout {
  readonly folder: string;
  readonly origin: string;
  readonly firstBlock: number;
  readonly segmentBytesMax: number;
}

interface OpenedSegments {
  readonly fileSystem: FileSystem;
  readonly closed: ClosedSegments;
  /** First block of each closed segment, ascending. */
  readonly closedFirsts: readonly number[];
  readonly last: LastSegment | undefined;
}

/** Where a run of blocks lies in one segment. */
interface Extent {
  readonly first: number;
  readonly start: number;
  readonly end: number;
  /** Number of the block behind the extent. */
  readonly next: number;
}

class SegmentBlockStore implements BlockStore {
  readonly #layout: Layout;
  readonly #fileSystem: FileSystem;
  readonly #closed: ClosedSegments;
  readonly #closedFirsts: number[];
  #last: LastSegment | undefined;
  #height: number;
  #appending = false;
  #failure: ConcordatError | undefined;
  #isClosed = false;
  /** Calls that `close` waits for. */
  readonly #running = new Set<Promise<unknown>>();

  constructor(layout: Layout, opened: OpenedSegments) {
    this.#layout = layout;
    this.#fileSystem = opened.fileSystem;
    this.#closed = opened.closed;
    this.#closedFirsts = [...opened.closedFirsts];
    this.#last = opened.last;
    this.#height = opened.last === undefined ? layout.firstBlock : opened.last.firstBlock + opened.last.offsets.length;
  }

  get height(): number {
    return this.#height;
  }

  get firstBlock(): number {
    return this.#layout.firstBlock;
  }

  append(blocks: readonly Uint8Array[]): Promise<void> {
    return this.#run(() => this.#append(blocks));
  }

  read(number: number): Promise<Uint8Array> {
    return this.#run(() => this.#read(number));
  }

  scrub(): Promise<void> {
    return this.#run(async () => {
      const firsts = [...this.#closedFirsts];
      const end = this.#last?.firstBlock ?? this.#height;
      for (const [index, first] of firsts.entries()) {
        await this.#closed.scan(first, firsts[index + 1] ?? end, () => this.#checkOpen());
      }
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.allSettled(this.#running);
    await this.#closed.close();
    await this.#last?.handle.retire();
  }

  async *blocks(from: number, to = this.#height): AsyncGenerator<StoredBlock> {
    if (to > this.#height) throw blockUnknown(to - 1, this.firstBlock, this.#height);
    let number = from;
    while (number < to) {
      const extent = await this.#run(() => this.#extent(number, to));
      for await (const block of this.#blocksIn(extent, number)) {
        yield block;
        number++;
      }
    }
  }

  async #append(blocks: readonly Uint8Array[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#appending) throw new InvariantError("Two appends to one block store at a time.");
    for (const block of blocks) checkBlockLength(block);
    this.#appending = true;
    try {
      for (let done = 0; done < blocks.length; ) done += await this.#appendToOneSegment(blocks, done);
      this.#height += blocks.length;
    } catch (error) {
      this.#failure = storeFailed(`the segments in ${this.#layout.folder}`, error);
      throw this.#failure;
    } finally {
      this.#appending = false;
    }
  }

  /** Writes as many blocks as the last segment (or a new one) takes, in one write; answers how many. */
  async #appendToOneSegment(blocks: readonly Uint8Array[], done: number): Promise<number> {
    const number = this.#height + done;
    let segment = this.#last;
    if (segment === undefined || !this.#fits(segment.bytes, segment.offsets.length, blocks[done])) {
      segment = await this.#roll(number);
    }
    const header = segment.bytes > 0 ? new Uint8Array(0) : encodeSegmentHeader(this.#layout.origin, number);
    const offsets: number[] = [];
    let bytes = segment.bytes + header.length;
    for (const block of blocks.slice(done)) {
      if (!this.#fits(bytes, segment.offsets.length + offsets.length, block)) break;
      offsets.push(bytes);
      bytes += RECORD_HEADER_BYTES + block.length;
    }
    await segment.file.write(encodeRecords(blocks.slice(done, done + offsets.length), header), segment.bytes);
    await segment.file.sync("segment-data" satisfies SyncSite);
    if (!segment.nameSynced) {
      await this.#fileSystem.syncDirectory(this.#layout.folder, "segment-directory" satisfies SyncSite);
      segment.nameSynced = true;
    }
    segment.bytes = bytes;
    for (const offset of offsets) segment.offsets.push(offset);
    return offsets.length;
  }

  #fits(bytes: number, count: number, block: Uint8Array | undefined): boolean {
    return count === 0 || bytes + RECORD_HEADER_BYTES + (block?.length ?? 0) <= this.#layout.segmentBytesMax;
  }

  /** Everything in the last segment is on disk: closes it and creates the next. */
  async #roll(firstBlock: number): Promise<LastSegment> {
    const full = this.#last;
    if (full !== undefined) {
      await writeOffsets(this.#fileSystem, full.path, {
        firstBlock: full.firstBlock,
        segmentBytes: full.bytes,
        offsets: Uint32Array.from(full.offsets),
      });
    }
    const { folder, origin } = this.#layout;
    this.#last = await createLastSegment({ folder, origin, firstBlock }, this.#fileSystem);
    if (full !== undefined) {
      this.#closedFirsts.push(full.firstBlock);
      const closing = full.handle.retire();
      this.#running.add(closing);
      const forget = () => this.#running.delete(closing);
      closing.then(forget, forget);
    }
    return this.#last;
  }

  async #read(number: number): Promise<Uint8Array> {
    const { first, start, end } = await this.#extent(number, number + 1);
    const record = new Uint8Array(end - start);
    const found = await this.#readAt(first, record, start);
    const view = new DataView(record.buffer);
    const bytes = record.subarray(RECORD_HEADER_BYTES);
    const intact =
      found === record.length && view.getUint32(0) === bytes.length && view.getUint32(4) === recordChecksum(bytes);
    if (!intact) {
      throw damagedSegment("the record is damaged", { block: number, segment: segmentName(first), offset: start });
    }
    return bytes;
  }

  async *#blocksIn(extent: Extent, from: number): AsyncGenerator<StoredBlock> {
    let number = from;
    const read = (target: Uint8Array, position: number) =>
      this.#run(() => this.#readAt(extent.first, target, position));
    const steps = scanRecords(read, extent.start, extent.end);
    let step = await steps.next();
    while (step.done !== true) {
      for (const { bytes } of step.value) yield { number: number++, bytes };
      step = await steps.next();
    }
    if (number === extent.next) return;
    const segment = segmentName(extent.first);
    throw damagedSegment("the record is damaged", { block: number, segment, offset: step.value.offset });
  }

  /** The part of the blocks `from` to `to` - 1 that lies in the segment of `from`. */
  async #extent(from: number, to: number): Promise<Extent> {
    if (!Number.isSafeInteger(from) || from < this.firstBlock || from >= this.#height) {
      throw blockUnknown(from, this.firstBlock, this.#height);
    }
    const last = this.#last;
    if (last !== undefined && from >= last.firstBlock) {
      const start = last.offsets[from - last.firstBlock] ?? last.bytes;
      return { first: last.firstBlock, start, end: last.offsets[to - last.firstBlock] ?? last.bytes, next: to };
    }
    const index = this.#closedFirsts.findLastIndex((first) => first <= from);
    const first = this.#closedFirsts[index] ?? this.firstBlock;
    const behind = this.#closedFirsts[index + 1] ?? last?.firstBlock ?? this.#height;
    const { offsets, segmentBytes } = await this.#closed.offsets(first, behind);
    const next = Math.min(to, behind);
    const start = offsets[from - first] ?? segmentBytes;
    return { first, start, end: offsets[next - first] ?? segmentBytes, next };
  }

  #readAt(first: number, target: Uint8Array, position: number): Promise<number> {
    const last = this.#last;
    if (last !== undefined && first === last.firstBlock) {
      return last.handle.use((handle) => handle.read(target, position));
    }
    return this.#closed.readAt(first)(target, position);
  }

  #checkOpen(): void {
    if (this.#isClosed) throw storeClosed();
  }

  #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(storeClosed());
    const running = work();
    this.#running.add(running);
    const forget = () => this.#running.delete(running);
    running.then(forget, forget);
    return running;
  }
}
