import { type ConcordatError, type FileSystem, InvariantError } from "@concordat/base";
import type { BlockStore, StoredBlock } from "./block-store.ts";
import type { ClosedSegments } from "./closed-segments.ts";
import { blockUnknown, damagedSegment, storeClosed, storeFailed } from "./errors.ts";
import { createLastSegment, type LastSegment } from "./last-segment.ts";
import {
  checkBlockLength,
  encodeRecords,
  encodeSegmentHeader,
  RECORD_HEADER_BYTES,
  recordChecksum,
  segmentName,
} from "./segment-format.ts";
import { writeOffsets } from "./segment-offsets.ts";
import { scanRecords } from "./segment-scan.ts";
import type { SyncSite } from "./sync-sites.ts";

export interface Layout {
  readonly folder: string;
  readonly origin: string;
  readonly firstBlock: number;
  readonly segmentBytesMax: number;
}

export interface OpenedSegments {
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

/** The block store over segments that were found or made sound. */
export class SegmentBlockStore implements BlockStore {
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
