import { join } from "node:path";
import { equalBytes, type FileHandle, type FileSystem, isMissing } from "@concordat/base";
import { damagedSegment } from "./errors.ts";
import { encodeSegmentHeader, segmentName } from "./segment-format.ts";
import { readOffsets, readOffsetsSummary, type SegmentOffsets, writeOffsets } from "./segment-offsets.ts";
import { type ReadAt, scanRecords } from "./segment-scan.ts";
import { SharedHandle } from "./shared-handle.ts";

/** Files and offset tables kept in memory at a time. */
const OPEN_SEGMENTS_MAX = 16;

interface ClosedSegment {
  readonly handle: SharedHandle;
  offsets?: Promise<SegmentOffsets>;
}

/**
 * The segments before the last: they never change. Each is known by its first block and by the first block of the
 * segment after it.
 */
export class ClosedSegments {
  readonly #folder: string;
  readonly #origin: string;
  readonly #fileSystem: FileSystem;
  /** Least recently used first. */
  readonly #open = new Map<number, Promise<ClosedSegment>>();
  readonly #retired = new Set<Promise<void>>();

  constructor(options: { readonly folder: string; readonly origin: string }, fileSystem: FileSystem) {
    this.#folder = options.folder;
    this.#origin = options.origin;
    this.#fileSystem = fileSystem;
  }

  /**
   * Says that the segment holds exactly the blocks `first` to `next` - 1, as far as that can be known without reading
   * it; scans it when its offsets file is missing or does not fit.
   */
  async checkAtStart(first: number, next: number): Promise<void> {
    await this.#use(first, async (segment) => {
      await this.#checkHeader(segment, first);
      const summary = await readOffsetsSummary(this.#fileSystem, this.#path(first));
      const bytes = await segment.handle.use((handle) => handle.size());
      const fits = summary?.firstBlock === first && summary.count === next - first && summary.segmentBytes === bytes;
      if (!fits) segment.offsets = this.#rebuildOffsets(first, next);
      await segment.offsets;
    });
  }

  async offsets(first: number, next: number): Promise<SegmentOffsets> {
    return this.#use(first, (segment) => {
      segment.offsets ??= this.#loadOffsets(first, next);
      return segment.offsets;
    });
  }

  readAt(first: number): ReadAt {
    return (target, position) =>
      this.#use(first, (segment) => segment.handle.use((handle) => handle.read(target, position)));
  }

  async bytes(first: number): Promise<number> {
    return this.#use(first, (segment) => segment.handle.use((handle) => handle.size()));
  }

  /** Reads the whole segment and checks header, CRCs and number of blocks. `goOn` may end it early by throwing. */
  async scan(first: number, next: number, goOn: () => void = () => undefined): Promise<SegmentOffsets> {
    await this.#use(first, (segment) => this.#checkHeader(segment, first));
    const segment = segmentName(first);
    const segmentBytes = await this.bytes(first);
    const offsets: number[] = [];
    const records = scanRecords(this.readAt(first), this.headerBytes(first), segmentBytes);
    for (;;) {
      const step = await records.next();
      goOn();
      if (step.done === true) {
        const { offset, fault } = step.value;
        const block = first + offsets.length;
        if (fault !== undefined) throw damagedSegment(`the record is ${fault}`, { block, segment, offset });
        if (block < next) throw damagedSegment("the record is missing", { block, segment, offset });
        break;
      }
      for (const record of step.value) offsets.push(record.offset);
      const surplus = offsets[next - first];
      if (surplus !== undefined) {
        throw damagedSegment("the next segment holds it too", { block: next, segment, offset: surplus });
      }
    }
    return { firstBlock: first, segmentBytes, offsets: Uint32Array.from(offsets) };
  }

  headerBytes(first: number): number {
    return encodeSegmentHeader(this.#origin, first).length;
  }

  async close(): Promise<void> {
    for (const opening of this.#open.values()) this.#retire(opening);
    this.#open.clear();
    await Promise.all(this.#retired);
  }

  async #checkHeader(segment: ClosedSegment, first: number): Promise<void> {
    const expected = encodeSegmentHeader(this.#origin, first);
    const found = new Uint8Array(expected.length);
    await segment.handle.use((handle) => handle.read(found, 0));
    if (equalBytes(found, expected)) return;
    throw damagedSegment("the segment's header is not the expected one", {
      block: first,
      segment: segmentName(first),
      offset: 0,
    });
  }

  async #loadOffsets(first: number, next: number): Promise<SegmentOffsets> {
    const stored = await readOffsets(this.#fileSystem, this.#path(first));
    const fits =
      stored?.firstBlock === first &&
      stored.offsets.length === next - first &&
      stored.segmentBytes === (await this.bytes(first));
    return fits ? stored : this.#rebuildOffsets(first, next);
  }

  async #rebuildOffsets(first: number, next: number): Promise<SegmentOffsets> {
    const offsets = await this.scan(first, next);
    await writeOffsets(this.#fileSystem, this.#path(first), offsets);
    return offsets;
  }

  #path(first: number): string {
    return join(this.#folder, segmentName(first));
  }

  async #use<T>(first: number, work: (segment: ClosedSegment) => Promise<T>): Promise<T> {
    const opening = this.#open.get(first) ?? this.#openSegment(first);
    this.#open.delete(first);
    this.#open.set(first, opening);
    try {
      const segment = await opening;
      // Holding the handle while working keeps an eviction from closing it in between.
      return await segment.handle.use(() => work(segment));
    } catch (error) {
      // A failed attempt is not kept: the next one starts afresh.
      if (this.#open.get(first) === opening) {
        this.#open.delete(first);
        this.#retire(opening);
      }
      throw error;
    }
  }

  async #openSegment(first: number): Promise<ClosedSegment> {
    this.#evict();
    let handle: FileHandle;
    try {
      handle = await this.#fileSystem.open(this.#path(first), { readOnly: true });
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw damagedSegment("the segment is missing", { block: first, segment: segmentName(first), offset: 0 }, error);
    }
    return { handle: new SharedHandle(handle) };
  }

  #evict(): void {
    const oldest = this.#open.entries().next().value;
    if (oldest === undefined || this.#open.size < OPEN_SEGMENTS_MAX) return;
    this.#open.delete(oldest[0]);
    this.#retire(oldest[1]);
  }

  #retire(opening: Promise<ClosedSegment>): void {
    // A file that was only read has nothing to lose when its closing fails.
    const retired = opening.then((segment) => segment.handle.retire()).catch(() => undefined);
    this.#retired.add(retired);
    retired.then(() => this.#retired.delete(retired));
  }
}
