import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex, nodeFileSystem } from "@concordat/base";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EMPTY_ROOT, leafHash, nodeHash, sha256 } from "./hash.ts";
import { createMerkleLogFromFrontier, type MerkleLog, openMerkleLog } from "./log.ts";
import { rowCount, rowOf, sizeOfRows } from "./positions.ts";

const dependencies = { fileSystem: nodeFileSystem };
const leaf = (index: number) => leafHash(Buffer.from(`leaf ${index}`));
const leaves = (start: number, end: number) => Array.from({ length: end - start }, (_, at) => leaf(start + at));

/** RFC 6962 section 2.1 word for word, as a reference. */
function referenceRoot(hashes: readonly Uint8Array[]): Uint8Array {
  const [first] = hashes;
  if (first === undefined) return sha256(new Uint8Array(0));
  if (hashes.length === 1) return first;
  const split = referenceSplit(hashes.length);
  return nodeHash(referenceRoot(hashes.slice(0, split)), referenceRoot(hashes.slice(split)));
}

function referenceSplit(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

function referencePath(index: number, hashes: readonly Uint8Array[]): Uint8Array[] {
  if (hashes.length === 1) return [];
  const split = referenceSplit(hashes.length);
  const left = hashes.slice(0, split);
  const right = hashes.slice(split);
  return index < split
    ? [...referencePath(index, left), referenceRoot(right)]
    : [...referencePath(index - split, right), referenceRoot(left)];
}

function referenceConsistency(m: number, hashes: readonly Uint8Array[], known = true): Uint8Array[] {
  if (m === hashes.length) return known ? [] : [referenceRoot(hashes)];
  const split = referenceSplit(hashes.length);
  const left = hashes.slice(0, split);
  const right = hashes.slice(split);
  return m <= split
    ? [...referenceConsistency(m, left, known), referenceRoot(right)]
    : [...referenceConsistency(m - split, right, false), referenceRoot(left)];
}

const hex = (hashes: readonly Uint8Array[]) => hashes.map(bytesToHex);

describe("Merkle log", () => {
  let directory: string;
  let path: string;
  const opened: MerkleLog[] = [];

  async function openLog(): Promise<MerkleLog> {
    const log = await openMerkleLog({ path }, dependencies);
    opened.push(log);
    return log;
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "merkle-log-"));
    path = join(directory, "rows");
  });

  afterEach(async () => {
    for (const log of opened.splice(0)) await log.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("gives RFC 6962's roots, audit paths and consistency proofs for every size up to 40", async () => {
    const log = await openLog();
    const all = leaves(0, 40);
    log.append(all.slice(0, 17));
    await log.flush();
    log.append(all.slice(17));
    expect(log.root()).toEqual(log.rootAt(40));
    expect(log.rootAt(0)).toEqual(EMPTY_ROOT);
    for (let size = 1; size <= all.length; size += 1) {
      const part = all.slice(0, size);
      expect(bytesToHex(log.rootAt(size))).toBe(bytesToHex(referenceRoot(part)));
      for (let index = 0; index < size; index += 1) {
        expect(hex(log.inclusionPath(index, size))).toEqual(hex(referencePath(index, part)));
        expect(hex(log.consistencyPath(index + 1, size))).toEqual(hex(referenceConsistency(index + 1, part)));
      }
    }
  });

  it("keeps its rows in the order leaf, then the inner nodes it completes", () => {
    const order = [
      { level: 0, number: 0 },
      { level: 0, number: 1 },
      { level: 1, number: 0 },
      { level: 0, number: 2 },
      { level: 0, number: 3 },
      { level: 1, number: 1 },
      { level: 2, number: 0 },
      { level: 0, number: 4 },
    ];
    expect(order.map(rowOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const large = 5_000_000_000;
    const ones = [...large.toString(2)].filter((bit) => bit === "1").length;
    expect(rowCount(large)).toBe(2 * large - ones);
    for (const rows of [0, 1, 2, 3, 6, 7, 8, 1000]) {
      const size = sizeOfRows(rows);
      expect(rowCount(size)).toBeLessThanOrEqual(rows);
      expect(rowCount(size + 1)).toBeGreaterThan(rows);
    }
  });

  it("goes on where flushed rows end, whatever was appended, flushed, truncated and reopened in between", async () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant("append" as const), count: fc.integer({ min: 1, max: 40 }) }),
        fc.record({ do: fc.constant("flush" as const), count: fc.constant(0) }),
        fc.record({ do: fc.constant("truncate" as const), count: fc.integer({ min: 0, max: 60 }) }),
        fc.record({ do: fc.constant("reopen" as const), count: fc.constant(0) }),
      ),
      { maxLength: 12 },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        run += 1;
        path = join(directory, `rows-${run}`);
        let log = await openLog();
        let flushed = 0;
        for (const step of script) {
          if (step.do === "append") log.append(leaves(log.size, log.size + step.count));
          else if (step.do === "flush") {
            await log.flush();
            flushed = log.size;
          } else if (step.do === "truncate") {
            await log.truncate(Math.min(step.count, log.size));
            flushed = Math.min(flushed, log.size);
          } else {
            log = await openLog();
            expect(log.size).toBe(flushed);
          }
          expect(bytesToHex(log.root())).toBe(bytesToHex(referenceRoot(leaves(0, log.size))));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("answers from memory while a flush is under way", async () => {
    const log = await openLog();
    log.append(leaves(0, 3000));
    const flush = log.flush();
    log.append(leaves(3000, 5000));
    expect(bytesToHex(log.root())).toBe(bytesToHex(referenceRoot(leaves(0, 5000))));
    await flush;
    expect(bytesToHex(log.root())).toBe(bytesToHex(referenceRoot(leaves(0, 5000))));
    await log.flush();
    expect((await openLog()).root()).toEqual(log.root());
  });

  it("says that a short, foreign or damaged file does not have the expected root", async () => {
    const log = await openLog();
    log.append(leaves(0, 100));
    await log.flush();
    const root = log.root();
    expect(log.checkRoot(100, root)).toBe(true);
    expect(log.checkRoot(99, root)).toBe(false);
    expect(log.checkRoot(101, root)).toBe(false);

    const handle = await open(path, "r+");
    await handle.truncate(rowCount(100) * 32 - 1);
    expect((await openLog()).checkRoot(100, root)).toBe(false);
    expect(log.checkRoot(100, root)).toBe(false);
    await handle.close();
  });

  it("never answers a proof from a damaged inner row", async () => {
    const log = await openLog();
    log.append(leaves(0, 64));
    await log.flush();
    const handle = await open(path, "r+");
    await handle.write(Buffer.alloc(32, 0xee), 0, 32, rowOf({ level: 2, number: 3 }) * 32);
    await handle.close();
    const reopened = await openLog();
    expect(reopened.checkRoot(64, log.root())).toBe(true);
    expect(() => reopened.inclusionPath(0, 64)).not.toThrow();
    expect(() => reopened.inclusionPath(11, 64)).toThrow(expect.objectContaining({ code: "MERKLE_LOG_DAMAGED" }));
  });

  it("continues from a snapshot's frontier and refuses proofs below it", async () => {
    for (const base of [1, 2, 7, 8, 13]) {
      path = join(directory, `whole-${base}`);
      const whole = await openLog();
      whole.append(leaves(0, 30));
      const partPath = join(directory, `part-${base}`);
      const part = await createMerkleLogFromFrontier({ path: partPath, base: whole.frontier(base) }, dependencies);
      part.append(leaves(base, 30));
      await part.flush();
      opened.push(part);
      const reopened = await openMerkleLog({ path: partPath, base: whole.frontier(base) }, dependencies);
      opened.push(reopened);
      expect(reopened.size).toBe(30);
      for (let size = base + 1; size <= 30; size += 1) {
        expect(reopened.rootAt(size)).toEqual(whole.rootAt(size));
        for (let index = base; index < size; index += 1) {
          expect(hex(reopened.inclusionPath(index, size))).toEqual(hex(whole.inclusionPath(index, size)));
          expect(hex(reopened.consistencyPath(index, size))).toEqual(hex(whole.consistencyPath(index, size)));
        }
      }
      const below = expect.objectContaining({ code: "PROOF_BELOW_BASE" });
      expect(() => reopened.inclusionPath(base - 1, 30)).toThrow(below);
      if (base > 1) expect(() => reopened.consistencyPath(base - 1, 30)).toThrow(below);
      expect(reopened.checkRoot(base - 1, whole.rootAt(base - 1))).toBe(false);
    }
  });
});
