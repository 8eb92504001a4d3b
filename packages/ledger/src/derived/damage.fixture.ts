import { createHash } from "node:crypto";
import { cp, mkdtemp, open, readdir, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8ToBytes } from "@concordat/base";
import { type IndexEntries, meterName } from "../history/ports.ts";
import type { StateWrite } from "../state/ports.ts";
import { type Derived, type DerivedOptions, openDerived } from "./open-derived.ts";

export interface BlockEffects {
  readonly writes: readonly StateWrite[];
  readonly entries: IndexEntries;
}

/** What block `block` does; the same each time. Half of its keys were written before, some are deletions. */
export function blockEffects(block: number): BlockEffects {
  const writes: StateWrite[] = [];
  const transactions = [];
  for (let index = 0; index < 4; index++) {
    const digest = createHash("sha256").update(`${block},${index}`).digest("hex");
    const key =
      index % 2 === 0 ? `\0record\0${digest.slice(0, 12)}\0` : `account-${Number.parseInt(digest.slice(0, 2), 16)}`;
    const isDelete = digest.endsWith("0");
    const value = isDelete ? undefined : utf8ToBytes(JSON.stringify({ block, index, filling: digest.repeat(12) }));
    writes.push({ namespace: "contract", key, value, version: { block, index } });
    transactions.push({ txId: digest, block, index, validationCode: index === 3 ? 11 : 0 });
  }
  const headerHash = createHash("sha256").update(`block ${block}`).digest();
  // Every third block holds nothing but transactions from outside.
  const lastTimestampMs = block % 3 === 2 ? undefined : 1_000 + block;
  const blocks = [{ number: block, headerHash }];
  return { writes, entries: { blocks, lastTimestampMs, transactions, writes, meters: new Map([[METER, 4]]) } };
}

export async function applyBlocks(
  derived: Pick<Derived, "state" | "index">,
  from: number,
  until: number,
): Promise<void> {
  for (let block = from; block < until; block++) {
    const effects = blockEffects(block);
    await Promise.all([
      derived.state.apply(block + 1, effects.writes),
      derived.index.apply(block + 1, effects.entries),
    ]);
  }
}

/** Brings both stores to `height`, each from its own savepoint and in one batch, as a channel may. */
export async function replay({ state, index }: Pick<Derived, "state" | "index">, height: number): Promise<void> {
  if (state.savepoint < height) {
    await state.apply(
      height,
      effectsBetween(state.savepoint, height).flatMap(({ writes }) => writes),
    );
  }
  if (index.savepoint < height) {
    const entries = effectsBetween(index.savepoint, height).map((effects) => effects.entries);
    const transactions = entries.flatMap((entry) => entry.transactions);
    const writes = entries.flatMap((entry) => entry.writes);
    const blocks = entries.flatMap((entry) => entry.blocks);
    const lastTimestampMs = entries.findLast((entry) => entry.lastTimestampMs !== undefined)?.lastTimestampMs;
    const meters = new Map([[METER, 4 * entries.length]]);
    await index.apply(height, { blocks, lastTimestampMs, transactions, writes, meters });
  }
}

const METER = meterName("contract", "writes");

function effectsBetween(from: number, until: number): BlockEffects[] {
  return Array.from({ length: until - from }, (_, at) => blockEffects(from + at));
}

export async function digestOf(rows: AsyncIterable<unknown>): Promise<string> {
  const hash = createHash("sha256");
  for await (const row of rows) {
    hash.update(
      JSON.stringify(row, (_, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
      ),
    );
  }
  return hash.digest("hex");
}

export interface Digests {
  readonly state: readonly string[];
  readonly index: readonly string[];
}

/** Dumps at each savepoint from 0 to `height`, of stores in which nothing went wrong. */
export async function expectedDigests(options: Omit<DerivedOptions, "directory">): Promise<Digests> {
  const directory = await temporaryDirectory();
  const derived = await openDerived({ ...options, directory });
  const state = [await digestOf(derived.state.dump())];
  const index = [await digestOf(derived.index.dump())];
  for (let block = 0; block < options.height; block++) {
    await applyBlocks(derived, block, block + 1);
    state.push(await digestOf(derived.state.dump()));
    index.push(await digestOf(derived.index.dump()));
  }
  await derived.close();
  await rm(directory, { recursive: true });
  return { state, index };
}

export function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), "concordat-derived-"));
}

/** Copies a folder that is in use, as a crash would leave it: again until nothing changed meanwhile. */
export async function copyAtRest(from: string, to: string): Promise<void> {
  for (;;) {
    const before = await listing(from);
    await rm(to, { recursive: true, force: true });
    try {
      await cp(from, to, { recursive: true });
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") continue;
      throw error;
    }
    if ((await listing(from)) === before) return;
  }
}

async function listing(directory: string): Promise<string> {
  const files = await filesBelow(directory);
  const sizes = await Promise.all(
    files.map(async (file) =>
      stat(file).then(
        (found) => found.size,
        () => -1,
      ),
    ),
  );
  return JSON.stringify(files.map((file, at) => [file, sizes[at]]));
}

export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Small, seeded, good enough to pick files and bytes. */
export function createRandom(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39) >>> 0;
    return ((mixed ^ (mixed >>> 16)) >>> 0) % below;
  };
}

/** Flips a bit, overwrites a stretch, truncates or deletes one file; answers what was done. */
export async function damageOneFile(directory: string, random: (below: number) => number): Promise<string> {
  const files = await filesBelow(directory);
  const file = files[random(files.length)] ?? directory;
  const { size } = await stat(file);
  const kind =
    size === 0 ? "delete" : (["flip", "flip", "flip", "overwrite", "truncate", "delete"] as const)[random(6)];
  if (kind === "delete") await rm(file);
  else if (kind === "truncate") await truncate(file, random(size));
  else if (kind === "flip") await overwrite(file, random(size), 1, random);
  else await overwrite(file, random(size), 1 + random(600), random);
  return `${kind} ${file.slice(directory.length + 1)}`;
}

async function overwrite(
  file: string,
  position: number,
  length: number,
  random: (below: number) => number,
): Promise<void> {
  const handle = await open(file, "r+");
  try {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await handle.read(bytes, 0, length, position);
    for (let at = 0; at < bytesRead; at++) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    await handle.write(bytes, 0, bytesRead, position);
  } finally {
    await handle.close();
  }
}
