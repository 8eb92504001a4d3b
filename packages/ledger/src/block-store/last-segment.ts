import { join } from "node:path";
import { equalBytes, type FileHandle, type FileSystem } from "@concordat/base";
import { damagedSegment } from "./errors.ts";
import { encodeSegmentHeader, isTornHeader, segmentName } from "./segment-format.ts";
import { scanRecords } from "./segment-scan.ts";
import { SharedHandle } from "./shared-handle.ts";
import type { SyncSite } from "./sync-sites.ts";
import { isTornTail } from "./torn-tail.ts";

const REWRITE_BYTES = 4 * 1024 * 1024;

/** The segment that grows. `bytes` and `offsets` count only what is on disk for sure. */
export interface LastSegment {
  readonly firstBlock: number;
  readonly path: string;
  readonly file: FileHandle;
  /** The same file, for readers. */
  readonly handle: SharedHandle;
  /** 0 as long as the header is not written. */
  bytes: number;
  readonly offsets: number[];
  /** Whether the segment's name was synced in its folder. */
  nameSynced: boolean;
}

export interface LastSegmentOptions {
  readonly folder: string;
  readonly origin: string;
  readonly firstBlock: number;
}

/** A segment that has no file yet. */
export async function createLastSegment(options: LastSegmentOptions, fileSystem: FileSystem): Promise<LastSegment> {
  const path = join(options.folder, segmentName(options.firstBlock));
  const file = await fileSystem.open(path, { create: true });
  return {
    firstBlock: options.firstBlock,
    path,
    file,
    handle: new SharedHandle(file),
    bytes: 0,
    offsets: [],
    nameSynced: false,
  };
}

/**
 * Opens the last segment that is found on disk, reads it whole, cuts a torn tail and makes what is left durable.
 *
 * What a crash can leave, all of it at or above `acknowledgedHeight`: a file without bytes, or with a part of the
 * header, or with any part of the last group of records. What a killed process can leave besides: everything, but in the page cache
 * only. After a failed sync the page cache may even hold bytes that the system believes to be on disk: so the
 * blocks from `acknowledgedHeight` on are written again before the sync.
 *
 * @throws StoreDamagedError for anything else, before anything is changed
 */
export async function recoverLastSegment(
  options: LastSegmentOptions & { readonly acknowledgedHeight: number },
  fileSystem: FileSystem,
): Promise<LastSegment> {
  const path = join(options.folder, segmentName(options.firstBlock));
  const file = await fileSystem.open(path);
  try {
    const found = await readSegment(file, options);
    const size = await file.size();
    if (found.bytes < size) await file.truncate(found.bytes);
    const acknowledged = options.acknowledgedHeight - options.firstBlock;
    await rewrite(file, acknowledged > 0 ? (found.offsets[acknowledged] ?? found.bytes) : 0, found.bytes);
    await file.sync("segment-recovery" satisfies SyncSite);
    const nameSynced = acknowledged > 0 || found.bytes > 0;
    if (acknowledged <= 0 && nameSynced) {
      await fileSystem.syncDirectory(options.folder, "segment-directory-recovery" satisfies SyncSite);
    }
    return { ...found, firstBlock: options.firstBlock, path, file, handle: new SharedHandle(file), nameSynced };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface FoundRecords {
  readonly bytes: number;
  readonly offsets: number[];
}

/** The readable records and where they end. @throws StoreDamagedError when that end is not a torn tail */
async function readSegment(
  file: FileHandle,
  options: LastSegmentOptions & { readonly acknowledgedHeight: number },
): Promise<FoundRecords> {
  const { firstBlock, acknowledgedHeight } = options;
  const segment = segmentName(firstBlock);
  const size = await file.size();
  const expected = encodeSegmentHeader(options.origin, firstBlock);
  const header = new Uint8Array(Math.min(expected.length, size));
  await file.read(header, 0);
  if (!equalBytes(header, expected)) {
    if (firstBlock >= acknowledgedHeight && isTornHeader(header, expected)) return { bytes: 0, offsets: [] };
    throw damagedSegment("the segment's header is not the expected one", { block: firstBlock, segment, offset: 0 });
  }
  const read = (target: Uint8Array, position: number) => file.read(target, position);
  const offsets: number[] = [];
  const steps = scanRecords(read, header.length, size);
  let step = await steps.next();
  while (step.done !== true) {
    for (const record of step.value) offsets.push(record.offset);
    step = await steps.next();
  }
  const { offset, fault } = step.value;
  const block = firstBlock + offsets.length;
  if (block < acknowledgedHeight) {
    throw damagedSegment(`the record is ${fault ?? "missing"}`, { block, segment, offset });
  }
  if (fault === "damaged" && !(await isTornTail(read, offset, size))) {
    throw damagedSegment("the record is damaged", { block, segment, offset });
  }
  return { bytes: offset, offsets };
}

async function rewrite(file: FileHandle, from: number, to: number): Promise<void> {
  for (let position = from; position < to; position += REWRITE_BYTES) {
    const bytes = new Uint8Array(Math.min(REWRITE_BYTES, to - position));
    await file.read(bytes, position);
    await file.write(bytes, position);
  }
}
