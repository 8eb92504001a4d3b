import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeRecords } from "./segment-format.ts";
import { type ReadAt, type ScanEnd, type SegmentRecord, scanRecords } from "./segment-scan.ts";

function reader(file: Uint8Array): ReadAt {
  return async (target, position) => {
    const found = file.subarray(position, position + target.length);
    target.set(found);
    return found.length;
  };
}

async function scan(file: Uint8Array, end: number, chunkBytes: number): Promise<[SegmentRecord[], ScanEnd]> {
  const records: SegmentRecord[] = [];
  const steps = scanRecords(reader(file), 0, end, chunkBytes);
  let step = await steps.next();
  while (step.done !== true) {
    records.push(...step.value);
    step = await steps.next();
  }
  return [records, step.value];
}

const someBlocks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 12 });
const chunkBytes = fc.integer({ min: 1, max: 120 });

describe("a scan", () => {
  it("finds every record, whatever the size of its steps", async () => {
    await fc.assert(
      fc.asyncProperty(someBlocks, chunkBytes, async (blocks, chunk) => {
        const file = encodeRecords(blocks);
        const [records, end] = await scan(file, file.length, chunk);
        expect(records.map(({ bytes }) => [...bytes])).toEqual(blocks.map((bytes) => [...bytes]));
        expect(end).toEqual({ offset: file.length });
      }),
    );
  });

  it("stops before the first record that is cut", async () => {
    await fc.assert(
      fc.asyncProperty(someBlocks, chunkBytes, fc.nat(), async (blocks, chunk, cut) => {
        const file = encodeRecords(blocks);
        const end = cut % file.length;
        const whole = wholeRecords(blocks, end);
        const fault = whole.bytes === end ? {} : { fault: "incomplete" };
        const [records, found] = await scan(file.subarray(0, end), end, chunk);
        expect([records.length, found]).toEqual([whole.count, { offset: whole.bytes, ...fault }]);
        // The same when the file turns out shorter than it was said to be.
        const [, shorter] = await scan(file.subarray(0, end), file.length, chunk);
        expect(shorter).toEqual({ offset: whole.bytes, ...fault });
      }),
    );
  });

  it("stops before the first record with a flipped bit", async () => {
    await fc.assert(
      fc.asyncProperty(someBlocks, chunkBytes, fc.nat(), fc.nat(7), async (blocks, chunk, place, bit) => {
        const file = encodeRecords(blocks);
        const at = place % file.length;
        file[at] = (file[at] ?? 0) ^ (1 << bit);
        const whole = wholeRecords(blocks, at);
        const [records, found] = await scan(file, file.length, chunk);
        expect([records.length, found.offset]).toEqual([whole.count, whole.bytes]);
        expect(found.fault).toBeDefined();
      }),
    );
  });
});

/** The records that end at or before `end`. */
function wholeRecords(blocks: readonly Uint8Array[], end: number): { count: number; bytes: number } {
  let bytes = 0;
  let count = 0;
  for (const block of blocks) {
    if (bytes + 8 + block.length > end) break;
    bytes += 8 + block.length;
    count++;
  }
  return { count, bytes };
}
