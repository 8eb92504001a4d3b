import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recordBytes } from "../testing/binary.ts";
import { FixtureChannel } from "../testing/channel.ts";

import { LedgerFolder, makeChannel, org1, org2, write } from "../testing/sample-ledger.ts";

const folder = new LedgerFolder();

describe("verifyLedger on damaged files", () => {
  describe("lost and torn blocks", () => {
    it("reports the first block that the anchor promises and the segments lack", async () => {
      const channel = makeChannel();
      channel.write(folder.directory);
      channel.blocks.splice(5);
      rmSync(folder.segments, { recursive: true });
      const anchor = readFileSync(join(folder.directory, "anchor"));
      channel.write(folder.directory);
      writeFileSync(join(folder.directory, "anchor"), anchor);
      expect((await folder.verify()).fault).toMatchObject({ block: 5, message: expect.stringContaining("lost") });
    });

    it("ignores a torn tail at or above the anchor, and nothing else", async () => {
      const channel = makeChannel();
      const last = () => join(folder.segments, "000000000006.segment");
      for (const [height, expected] of [
        [6, undefined],
        [7, 6],
      ] as const) {
        rmSync(folder.segments, { recursive: true, force: true });
        channel.write(folder.directory, { height });
        const bytes = readFileSync(last());
        for (const length of [bytes.length - 1, bytes.length - 400, channel.segmentHeader(6).length + 3, 12]) {
          writeFileSync(last(), bytes.subarray(0, length));
          const { fault, channel: report } = await folder.verify();
          expect(fault?.block).toBe(expected);
          if (expected === undefined) expect(report?.height).toBe(6);
        }
        const flipped = Buffer.from(bytes);
        flipped[flipped.length - 1] = (flipped[flipped.length - 1] ?? 0) ^ 1;
        writeFileSync(last(), flipped);
        expect((await folder.verify()).fault?.block).toBe(expected);
        // A valid record behind the damaged one: this is no torn tail.
        writeFileSync(last(), Buffer.concat([flipped, recordBytes(channel.blocks[6]?.bytes ?? Buffer.alloc(0))]));
        expect((await folder.verify()).fault?.block).toBe(6);
      }
    });

    it("accepts blocks above the anchor", async () => {
      makeChannel().write(folder.directory, { height: 4 });
      expect((await folder.verify()).channel).toMatchObject({ height: 7, faults: [] });
    });

    it("refuses an anchor that is missing, damaged, of another log or of other blocks", async () => {
      const channel = makeChannel();
      channel.write(folder.directory);
      const path = join(folder.directory, "anchor");
      const good = readFileSync(path);
      rmSync(path);
      expect((await folder.verify()).fault?.message).toContain("no anchor");
      writeFileSync(path, Buffer.concat([Buffer.alloc(16_384), good.subarray(0, 16_384)]));
      expect((await folder.verify()).fault?.message).toContain("no valid slot");
      good[40] = (good[40] ?? 0) ^ 1;
      writeFileSync(path, good);
      expect((await folder.verify()).fault?.message).toContain("no valid slot");
      writeFileSync(path, makeChannel("concordat/0123456789abcdef/other").anchor(7));
      expect((await folder.verify()).fault?.message).toContain("another log");
      const rewritten = new FixtureChannel([org1, org2]);
      rewritten.addConfig();
      rewritten.add([write("z")]);
      writeFileSync(path, rewritten.anchor(2));
      expect((await folder.verify()).fault).toMatchObject({
        block: 1,
        message: expect.stringContaining("another checkpoint"),
      });
    });

    it("refuses segments that are missing, renamed or of another log", async () => {
      const channel = makeChannel();
      channel.write(folder.directory);
      const middle = join(folder.segments, "000000000003.segment");
      const bytes = readFileSync(middle);
      rmSync(middle);
      expect((await folder.verify()).fault).toMatchObject({ block: 3 });
      writeFileSync(join(folder.segments, "000000000004.segment"), bytes);
      expect((await folder.verify()).fault).toMatchObject({ block: 3 });
      rmSync(join(folder.segments, "000000000004.segment"));
      writeFileSync(middle, bytes);
      writeFileSync(join(folder.segments, "later.segment"), bytes);
      expect((await folder.verify()).fault?.message).toContain("not the name");
      rmSync(join(folder.segments, "later.segment"));
      const other = makeChannel("concordat/0123456789abcdef/ltl-2");
      const elsewhere = join(folder.directory, "elsewhere");
      other.write(elsewhere);
      writeFileSync(middle, readFileSync(join(elsewhere, "segments", "000000000003.segment")));
      expect((await folder.verify()).fault).toMatchObject({
        block: 3,
        message: expect.stringContaining("another log"),
      });
    });
  });

  it("finds every flip, cut and swap of segment bytes below the anchor, at its block", async () => {
    const channel = makeChannel();
    channel.write(folder.directory, { blocksEach: 3 });
    const names = readdirSync(folder.segments);
    const files = names.map((name) => readFileSync(join(folder.segments, name)));
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: names.length - 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom("flip" as const, "cut" as const, "remove" as const, "repeat" as const),
        async (file, position, mask, how) => {
          const bytes = files[file] ?? Buffer.alloc(0);
          const at = position % bytes.length;
          const path = join(folder.segments, names[file] ?? "");
          writeFileSync(path, mutate(bytes, at, mask, how));
          const { fault } = await folder.verify();
          writeFileSync(path, bytes);
          // Behind the very last record stands what may be torn; an inserted byte damages the record that it stands in.
          const inserted = how === "repeat" ? 1 : 0;
          const isTail = file === names.length - 1 && at + inserted === bytes.length;
          expect(fault?.block).toBe(isTail ? undefined : blockAt(channel, file * 3, at + inserted));
        },
      ),
      { numRuns: 150 },
    );
    expect((await folder.verify()).valid).toBe(true);
  });
});

function mutate(bytes: Buffer, at: number, mask: number, how: "flip" | "cut" | "remove" | "repeat"): Buffer {
  if (how === "cut") return bytes.subarray(0, at);
  if (how === "remove") return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  if (how === "repeat")
    return Buffer.concat([bytes.subarray(0, at + 1), Buffer.from([(bytes[at] ?? 0) ^ mask]), bytes.subarray(at + 1)]);
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ mask;
  return changed;
}

/** The block whose record holds byte `at` of the segment that begins with block `first`. */
function blockAt(channel: FixtureChannel, first: number, at: number): number {
  let end = channel.segmentHeader(first).length;
  let block = first;
  while (at >= end + 8 + (channel.blocks[block]?.bytes.length ?? 0)) {
    end += 8 + (channel.blocks[block]?.bytes.length ?? 0);
    block += 1;
  }
  return block;
}
