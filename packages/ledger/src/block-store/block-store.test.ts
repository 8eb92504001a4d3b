import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FaultFileSystem } from "../testing/fault-file-system.ts";
import { type BlockStore, type BlockStoreOptions, openBlockStore } from "./block-store.ts";
import { StoreDamagedError } from "./errors.ts";
import { encodeRecords, encodeSegmentHeader, segmentName } from "./segment-format.ts";

const DIRECTORY = "/channel";
const SEGMENTS = `${DIRECTORY}/segments`;
const ORIGIN = "concordat/0123456789abcdef/test";
const HEADER_BYTES = encodeSegmentHeader(ORIGIN, 0).length;

async function newDisk(): Promise<FaultFileSystem> {
  const disk = new FaultFileSystem();
  await disk.makeDirectory(DIRECTORY);
  return disk;
}

function open(fileSystem: FaultFileSystem, options: Partial<BlockStoreOptions> = {}): Promise<BlockStore> {
  return openBlockStore({ directory: DIRECTORY, origin: ORIGIN, acknowledgedHeight: 0, ...options }, { fileSystem });
}

function block(number: number, length = 100): Uint8Array {
  return new Uint8Array(length).fill(1 + (number % 250));
}

function someBlocks(from: number, to: number, length?: number): Uint8Array[] {
  return Array.from({ length: to - from }, (_, index) => block(from + index, length));
}

async function numbers(store: BlockStore, from: number, to?: number): Promise<number[]> {
  const found: number[] = [];
  for await (const { number, bytes } of store.blocks(from, to)) {
    expect(bytes).toEqual(block(number, bytes.length));
    found.push(number);
  }
  return found;
}

async function change(disk: FaultFileSystem, name: string, position: number, bytes: number[]): Promise<void> {
  const file = await disk.open(join(SEGMENTS, name));
  await file.write(new Uint8Array(bytes), position);
  await file.close();
}

async function truncate(disk: FaultFileSystem, name: string, size: number): Promise<void> {
  const file = await disk.open(join(SEGMENTS, name));
  await file.truncate(size);
  await file.close();
}

/** Three blocks of 100 bytes a segment. */
const SMALL = { segmentBytesMax: HEADER_BYTES + 3 * 108 };

/** A closed store of `count` blocks of 100 bytes, three a segment. */
async function filledDisk(count: number): Promise<FaultFileSystem> {
  const disk = await newDisk();
  const store = await open(disk, SMALL);
  await store.append(someBlocks(0, count));
  await store.close();
  return disk;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe("append and read", () => {
  it("gives back every block, by number and in a row, before and after opening anew", async () => {
    const disk = await newDisk();
    const store = await open(disk);
    expect([store.firstBlock, store.height]).toEqual([0, 0]);
    await store.append(someBlocks(0, 3));
    await store.append([]);
    await store.append([block(3, 5000)]);
    for (const opened of [store, await open(disk, { acknowledgedHeight: 4 })]) {
      expect(opened.height).toBe(4);
      expect(await opened.read(1)).toEqual(block(1));
      expect(await opened.read(3)).toEqual(block(3, 5000));
      expect(await numbers(opened, 0)).toEqual([0, 1, 2, 3]);
    }
  });

  it("rolls to a new segment before one grows over its limit, within a group too", async () => {
    const disk = await filledDisk(8);
    expect((await disk.list(SEGMENTS)).filter((name) => name.endsWith(".segment"))).toEqual([0, 3, 6].map(segmentName));
    const file = await disk.open(join(SEGMENTS, segmentName(6)));
    const bytes = new Uint8Array(await file.size());
    await file.read(bytes, 0);
    expect(bytes).toEqual(encodeRecords(someBlocks(6, 8), encodeSegmentHeader(ORIGIN, 6)));
  });

  it("gives a block that is longer than a segment one of its own", async () => {
    const store = await open(await newDisk(), { segmentBytesMax: 10 });
    await store.append(someBlocks(0, 4, 50));
    expect(await numbers(store, 0)).toEqual([0, 1, 2, 3]);
  });

  it("syncs once for each call and segment, and no more", async () => {
    const disk = await newDisk();
    const store = await open(disk, SMALL);
    await store.append(someBlocks(0, 2));
    const before = disk.operationCount;
    await store.append([block(2)]);
    expect(disk.mutations.slice(before).map(({ kind }) => kind)).toEqual(["write", "sync"]);
  });

  it("starts at the snapshot's height in an imported channel", async () => {
    const disk = await newDisk();
    const store = await open(disk, { firstBlock: 40, acknowledgedHeight: 40 });
    expect(store.height).toBe(40);
    await store.append(someBlocks(40, 43));
    await expect(store.read(39)).rejects.toMatchObject({ code: "BLOCK_UNKNOWN" });
    const again = await open(disk, { firstBlock: 40, acknowledgedHeight: 43 });
    expect(await numbers(again, 40)).toEqual([40, 41, 42]);
  });

  it("reads any range over any segments", async () => {
    const disk = await filledDisk(20);
    const store = await open(disk, { ...SMALL, acknowledgedHeight: 20 });
    await fc.assert(
      fc.asyncProperty(fc.nat(19), fc.nat(20), async (from, to) => {
        expect(await numbers(store, from, to)).toEqual(range(from, to));
      }),
    );
  });

  it("reads from more segments than it keeps open, at the same time", async () => {
    const store = await open(await filledDisk(150), { ...SMALL, acknowledgedHeight: 150 });
    const found = await Promise.all(range(0, 300).map((index) => store.read((index * 7) % 150)));
    expect(found).toEqual(range(0, 300).map((index) => block((index * 7) % 150)));
  });

  it("goes on reading a segment that is closed meanwhile", async () => {
    const store = await open(await newDisk(), SMALL);
    await store.append(someBlocks(0, 2));
    const blocks = store.blocks(0)[Symbol.asyncIterator]();
    await blocks.next();
    const reading = store.read(1);
    await store.append(someBlocks(2, 5));
    expect(await reading).toEqual(block(1));
    expect((await blocks.next()).value?.number).toBe(1);
    expect((await blocks.next()).done).toBe(true);
  });

  it.each([-1, 1.5, 3, Number.NaN])("has no block %s", async (number) => {
    const store = await open(await filledDisk(3));
    await expect(store.read(number)).rejects.toMatchObject({ code: "BLOCK_UNKNOWN" });
    await expect(numbers(store, number, 4)).rejects.toMatchObject({ code: "BLOCK_UNKNOWN" });
  });

  it("refuses an empty block and writes nothing of its group", async () => {
    const store = await open(await newDisk());
    await expect(store.append([block(0), new Uint8Array(0)])).rejects.toThrow(RangeError);
    await store.append([block(0)]);
    expect(await numbers(store, 0)).toEqual([0]);
  });

  it("refuses everything after close", async () => {
    const store = await open(await filledDisk(2));
    await store.close();
    await store.close();
    const closed = { code: "CLOSED" };
    await expect(store.append([block(2)])).rejects.toMatchObject(closed);
    await expect(store.read(0)).rejects.toMatchObject(closed);
    await expect(store.scrub()).rejects.toMatchObject(closed);
    await expect(numbers(store, 0)).rejects.toMatchObject(closed);
  });
});

describe("after a failed write or sync", () => {
  it.each(["write", "sync"])("(%s) the store takes nothing more and keeps what it had", async (kind) => {
    const disk = await newDisk();
    const store = await open(disk);
    await store.append([block(0)]);
    disk.failAt(disk.operationCount + (kind === "write" ? 1 : 2), "ENOSPC");
    await expect(store.append([block(1)])).rejects.toMatchObject({ code: "CHANNEL_FAILED", cause: { code: "ENOSPC" } });
    const operations = disk.operationCount;
    await expect(store.append([block(1)])).rejects.toMatchObject({ code: "CHANNEL_FAILED" });
    expect([disk.operationCount, store.height]).toEqual([operations, 1]);
    expect(await store.read(0)).toEqual(block(0));
  });
});

describe("opening", () => {
  const last = segmentName(6);
  const lastOffset = (index: number) => HEADER_BYTES + index * 108;

  it.each<[string, (disk: FaultFileSystem) => Promise<void>, number]>([
    ["the last record is cut", (disk) => truncate(disk, last, lastOffset(2) - 1), 7],
    ["only a part of a record's head is there", (disk) => truncate(disk, last, lastOffset(1) + 3), 7],
    ["the last record is damaged", (disk) => change(disk, last, lastOffset(1) + 50, [0]), 7],
    ["zeros follow", (disk) => change(disk, last, lastOffset(2) + 5000, [0]), 8],
    ["the segment is empty", (disk) => truncate(disk, last, 0), 6],
    ["the header is cut", (disk) => truncate(disk, last, 11), 6],
    ["the header is zeros", (disk) => change(disk, last, 0, new Array(HEADER_BYTES).fill(0)), 6],
  ])("cuts the tail when %s, and goes on", async (_, damage, height) => {
    const disk = await filledDisk(8);
    await damage(disk);
    const store = await open(disk, { ...SMALL, acknowledgedHeight: 6 });
    expect(store.height).toBe(height);
    await store.append(someBlocks(height, 12));
    const again = await open(disk, { ...SMALL, acknowledgedHeight: 12 });
    expect(await numbers(again, 0)).toEqual(range(0, 12));
  });

  it("cuts a record that lost a sector although a valid one follows", async () => {
    const disk = await newDisk();
    const store = await open(disk);
    await store.append([block(0, 2000), block(1)]);
    await change(disk, segmentName(0), 1024, new Array(512).fill(0));
    expect((await open(disk)).height).toBe(0);
  });

  it("cuts an incomplete record although the block in it has the bytes of a record", async () => {
    const disk = await newDisk();
    const store = await open(disk);
    await store.append([encodeRecords(someBlocks(0, 5))]);
    await truncate(disk, segmentName(0), HEADER_BYTES + 8 + 2 * 108);
    expect((await open(disk)).height).toBe(0);
  });

  it.each<
    [string, (disk: FaultFileSystem) => Promise<void>, number, { block: number; segment: string; offset: number }]
  >([
    [
      "a flipped bit below the acknowledged height",
      (disk) => change(disk, last, lastOffset(1) + 50, [255]),
      8,
      { block: 7, segment: last, offset: lastOffset(1) },
    ],
    [
      "a changed length below the acknowledged height",
      (disk) => change(disk, last, lastOffset(0), [255]),
      7,
      { block: 6, segment: last, offset: lastOffset(0) },
    ],
    [
      "a changed record that valid ones follow",
      (disk) => change(disk, last, lastOffset(0) + 50, [255]),
      0,
      { block: 6, segment: last, offset: lastOffset(0) },
    ],
    [
      "a tail cut at a record's border",
      (disk) => truncate(disk, last, lastOffset(1)),
      8,
      { block: 7, segment: last, offset: lastOffset(1) },
    ],
    [
      "a tail cut in a record",
      (disk) => truncate(disk, last, lastOffset(1) + 40),
      8,
      { block: 7, segment: last, offset: lastOffset(1) },
    ],
    [
      "a missing last segment",
      (disk) => disk.remove(join(SEGMENTS, last)),
      8,
      { block: 6, segment: segmentName(3), offset: lastOffset(3) },
    ],
    [
      "a missing first segment",
      (disk) => disk.remove(join(SEGMENTS, segmentName(0))),
      8,
      { block: 0, segment: segmentName(0), offset: 0 },
    ],
    [
      "a missing middle segment",
      (disk) => disk.remove(join(SEGMENTS, segmentName(3))),
      8,
      { block: 3, segment: segmentName(0), offset: lastOffset(3) },
    ],
    ["no segments at all", (disk) => disk.remove(SEGMENTS), 8, { block: 0, segment: segmentName(0), offset: 0 }],
    [
      "a shortened middle segment",
      (disk) => truncate(disk, segmentName(3), lastOffset(2)),
      0,
      { block: 5, segment: segmentName(3), offset: lastOffset(2) },
    ],
    [
      "a header with another origin",
      (disk) => change(disk, last, 12, [120]),
      0,
      { block: 6, segment: last, offset: 0 },
    ],
    [
      "an empty last segment below the acknowledged height",
      (disk) => truncate(disk, last, 0),
      7,
      { block: 6, segment: last, offset: 0 },
    ],
    [
      "another segment's bytes",
      (disk) => disk.rename(join(SEGMENTS, segmentName(0)), join(SEGMENTS, segmentName(3))),
      8,
      { block: 0, segment: segmentName(0), offset: 0 },
    ],
    [
      "a segment swapped for another",
      async (disk) => {
        await disk.rename(join(SEGMENTS, segmentName(0)), join(SEGMENTS, "x"));
        await disk.rename(join(SEGMENTS, segmentName(3)), join(SEGMENTS, segmentName(0)));
        await disk.rename(join(SEGMENTS, "x"), join(SEGMENTS, segmentName(3)));
      },
      8,
      { block: 0, segment: segmentName(0), offset: 0 },
    ],
  ])("refuses %s, names the block and changes no segment", async (_, damage, acknowledgedHeight, facts) => {
    const disk = await filledDisk(8);
    await damage(disk);
    const before = disk.operationCount;
    const error = await open(disk, { ...SMALL, acknowledgedHeight }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StoreDamagedError);
    expect(error).toMatchObject({ code: "STORE_DAMAGED", facts });
    const written = disk.mutations
      .slice(before)
      .filter(({ path, bytes }) => path.endsWith(".segment") && bytes !== undefined);
    expect(written).toEqual([]);
  });

  it.each<[string, (disk: FaultFileSystem) => Promise<void>]>([
    ["removed", (disk) => disk.remove(join(SEGMENTS, "000000000003.offsets"))],
    ["cut", (disk) => truncate(disk, "000000000003.offsets", 30)],
    ["changed in its head", (disk) => change(disk, "000000000003.offsets", 20, [9])],
    ["changed in its body", (disk) => change(disk, "000000000003.offsets", 41, [9])],
    [
      "another segment's",
      (disk) => disk.rename(join(SEGMENTS, "000000000000.offsets"), join(SEGMENTS, "000000000003.offsets")),
    ],
  ])("makes an offsets file that was %s again", async (_, damage) => {
    const disk = await filledDisk(8);
    const read = async () => {
      const file = await disk.open(join(SEGMENTS, "000000000003.offsets"));
      const bytes = new Uint8Array(await file.size());
      await file.read(bytes, 0);
      return bytes;
    };
    const before = await read();
    await damage(disk);
    const store = await open(disk, { ...SMALL, acknowledgedHeight: 8 });
    expect(await store.read(4)).toEqual(block(4));
    expect(await numbers(store, 4)).toEqual([4, 5, 6, 7]);
    expect(await read()).toEqual(before);
  });

  it("does not read closed segments that have an offsets file", async () => {
    const disk = await filledDisk(8);
    await change(disk, segmentName(0), lastOffset(1) + 50, [255]);
    expect((await open(disk, { ...SMALL, acknowledgedHeight: 8 })).height).toBe(8);
  });
});

describe("damage in a closed segment", () => {
  it("is found by read, by blocks and by scrub, with the block's number", async () => {
    const disk = await filledDisk(8);
    const store = await open(disk, { ...SMALL, acknowledgedHeight: 8 });
    await store.scrub();
    await change(disk, segmentName(3), HEADER_BYTES + 108 + 50, [255]);
    const damage = { code: "STORE_DAMAGED", facts: { block: 4, segment: segmentName(3), offset: HEADER_BYTES + 108 } };
    await expect(store.read(4)).rejects.toMatchObject(damage);
    await expect(numbers(store, 0)).rejects.toMatchObject(damage);
    await expect(store.scrub()).rejects.toMatchObject(damage);
    expect(await store.read(3)).toEqual(block(3));
  });
});
