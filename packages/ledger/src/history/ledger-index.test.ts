import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { StateWrite } from "../state/ports.ts";
import { openLedgerIndex } from "./ledger-index.ts";
import { type HistoryRow, type IndexEntries, type LedgerIndex, meterName, type TransactionEntry } from "./ports.ts";

const MVCC_READ_CONFLICT = 11;

let directory: string;
let index: LedgerIndex;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "concordat-index-"));
  index = await openLedgerIndex({ directory, settleBatches: 5 });
});
afterEach(async () => {
  await index.close();
  await rm(directory, { recursive: true, force: true });
});

async function reopen(): Promise<void> {
  await index.close();
  index = await openLedgerIndex({ directory, settleBatches: 5 });
}

const VALUE = Uint8Array.of(1);

function entries(part: Partial<IndexEntries>): IndexEntries {
  return { blocks: [], lastTimestampMs: undefined, transactions: [], writes: [], meters: new Map(), ...part };
}

function transaction(txId: string, block: number, position: number, validationCode = 0): TransactionEntry {
  return { txId, block, index: position, validationCode };
}

function written(key: string, block: number, position: number, isDelete = false, namespace = "n"): StateWrite {
  return { namespace, key, value: isDelete ? undefined : VALUE, version: { block, index: position } };
}

function rowOf({ namespace, key, value, version }: StateWrite): HistoryRow {
  return { namespace, key, ...version, isDelete: value === undefined };
}

async function collect<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

test("finds transactions by id", async () => {
  await index.apply(
    1,
    entries({ transactions: [transaction("aa", 0, 0), transaction("ab", 0, 1, MVCC_READ_CONFLICT)] }),
  );
  expect(index.transaction("aa")).toEqual({ block: 0, index: 0, validationCode: 0 });
  expect(index.transaction("ab")).toEqual({ block: 0, index: 1, validationCode: MVCC_READ_CONFLICT });
  expect(index.transaction("a")).toBeUndefined();
  expect(await collect(index.transactionIds())).toEqual(["aa"]);
});

test("prefers the valid one of several transactions with one id, else the first, in whatever batches they come", async () => {
  const refused = (block: number) => transaction("x", block, 0, MVCC_READ_CONFLICT);
  const applies = [
    index.apply(1, entries({ transactions: [refused(0), transaction("y", 0, 1)] })),
    index.apply(2, entries({ transactions: [refused(1), transaction("y", 1, 1, MVCC_READ_CONFLICT)] })),
  ];
  await Promise.all(applies);
  expect(index.transaction("x")?.block).toBe(0);
  expect(index.transaction("y")).toEqual({ block: 0, index: 1, validationCode: 0 });
  await index.apply(3, entries({ transactions: [transaction("x", 2, 0), { ...refused(2), index: 1 }] }));
  await index.apply(4, entries({ transactions: [refused(3)] }));
  expect(index.transaction("x")).toEqual({ block: 2, index: 0, validationCode: 0 });
  await index.apply(
    5,
    entries({
      transactions: [
        { ...refused(4), txId: "z" },
        { ...refused(4), txId: "z", index: 1 },
      ],
    }),
  );
  expect(index.transaction("z")?.index).toBe(0);
});

test("gives the history of one key, newest first, as it was at the call", async () => {
  const keys = ["k", "k\0", "k\0\0\0\0\0\0\0\0\0\0\0\0", "kk", "", "é"];
  const writes = keys.flatMap((key) => [written(key, 1, 0), written(key, 1, 1), written(key, 256, 0, true)]);
  await index.apply(257, entries({ writes: [...writes, written("k", 1, 7, false, "n$p")] }));
  const before = index.history("n", "k");
  await index.apply(258, entries({ writes: [written("k", 257, 0)] }));
  const expected = [
    { block: 256, index: 0, isDelete: true },
    { block: 1, index: 1, isDelete: false },
    { block: 1, index: 0, isDelete: false },
  ];
  expect(await collect(before)).toEqual(expected);
  for (const key of keys.slice(1)) expect(await collect(index.history("n", key))).toEqual(expected);
  expect(await collect(index.history("n", "k"))).toHaveLength(4);
  expect(await collect(index.history("n$p", "k"))).toHaveLength(1);
  expect(await collect(index.history("n", "none"))).toEqual([]);
});

test("adds up meters by contract and prefix, over a reopening", async () => {
  const meters = new Map([
    [meterName("a", "writes/x"), 2],
    [meterName("a", "writes/y"), 0.5],
    [meterName("a", "__proto__"), 1],
    [meterName("ab", "writes/x"), 7],
  ]);
  await Promise.all([index.apply(1, entries({ meters })), index.apply(2, entries({ meters }))]);
  await index.apply(3, entries({ meters: new Map([[meterName("a", "writes/x"), -1]]) }));
  for (let round = 0; round < 2; round++) {
    expect(index.meters("a", "writes/")).toEqual({ "writes/x": 3, "writes/y": 1 });
    expect(Object.entries(index.meters("a", "__"))).toEqual([["__proto__", 2]]);
    expect(index.meters("ab", "")).toEqual({ "writes/x": 14 });
    expect(index.meters("b", "")).toEqual({});
    await reopen();
  }
});

test("shows what a batch adds to meters only once it is written", async () => {
  const applied = index.apply(1, entries({ meters: new Map([[meterName("a", "m"), 1]]) }));
  expect(index.meters("a", "")).toEqual({});
  await applied;
  expect(index.meters("a", "")).toEqual({ m: 1 });
});

test("loads the ids of a snapshot, whose positions are unknown, and its meters", async () => {
  const ids = Array.from({ length: 2500 }, (_, at) => `id-${String(at).padStart(4, "0")}`);
  await index.load(90, ids, new Map([[meterName("a", "m"), 5]]), 1_000);
  expect(index.lastTimestampMs).toBe(1_000);
  expect(index.savepoint).toBe(90);
  expect(index.transaction("id-0007")).toEqual({ block: -1, index: -1, validationCode: 0 });
  expect(await collect(index.transactionIds())).toEqual(ids);
  expect(index.meters("a", "")).toEqual({ m: 5 });
  const transactions = [transaction("id-0007", 90, 0, 2), transaction("id-9", 90, 1)];
  await index.apply(91, entries({ transactions, meters: new Map([[meterName("a", "m"), 1]]) }));
  expect(index.transaction("id-0007")?.block).toBe(-1);
  await reopen();
  expect(index.savepoint).toBe(91);
  expect(index.meters("a", "")).toEqual({ m: 6 });
  expect(index.lastTimestampMs).toBe(1_000);
  await expect(index.load(92, ids, new Map(), 0)).rejects.toThrow("empty");
});

test("finds blocks by their header hashes, and keeps the latest time that it was told", async () => {
  const headerHash = (number: number) => new Uint8Array(32).fill(number);
  const blocks = [1, 2].map((number) => ({ number, headerHash: headerHash(number) }));
  await index.apply(3, entries({ blocks, lastTimestampMs: 2_000 }));
  await index.apply(4, entries({ blocks: [{ number: 3, headerHash: headerHash(3) }] }));
  await index.apply(5, entries({ lastTimestampMs: 1_000 }));
  for (let round = 0; round < 2; round++) {
    expect([1, 2, 3, 4].map((number) => index.blockNumber(headerHash(number)))).toEqual([1, 2, 3, undefined]);
    expect(index.lastTimestampMs).toBe(2_000);
    await reopen();
  }
  expect(await collect(index.dump())).toEqual([
    ...[1, 2, 3].map((number) => ({ kind: "block", number, headerHash: headerHash(number) })),
    { kind: "clock", lastTimestampMs: 2_000 },
  ]);
});

test("refuses a savepoint that does not grow", async () => {
  await index.apply(3, entries({}));
  await expect(index.apply(3, entries({}))).rejects.toThrow("Savepoint 3 does not follow 3.");
  expect(index.savepoint).toBe(3);
});

const idArbitrary = fc.constantFrom("a", "b", "c", "d");
const batchArbitrary = fc.record({
  transactions: fc.array(fc.tuple(idArbitrary, fc.boolean()), { maxLength: 5 }),
  writes: fc.array(fc.tuple(idArbitrary, fc.boolean()), { maxLength: 5 }),
  meters: fc.array(fc.tuple(idArbitrary, fc.integer({ min: -5, max: 5 })), { maxLength: 3 }),
  isAwaited: fc.boolean(),
});

test("agrees with a model over random batches", async () => {
  const transactions = new Map<string, TransactionEntry>();
  const history = new Map<string, HistoryRow[]>();
  const meters = new Map<string, number>();
  let height = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(batchArbitrary, { maxLength: 8 }), async (batches) => {
      const pending: Promise<void>[] = [];
      for (const batch of batches) {
        const block = height++;
        const added = batch.transactions.map(([id, isValid], at) => transaction(id, block, at, isValid ? 0 : 1));
        for (const entry of added) {
          if (entry.validationCode === 0 || !transactions.has(entry.txId)) transactions.set(entry.txId, entry);
        }
        const writes = batch.writes.map(([key, isDelete], at) => written(key, block, at, isDelete));
        for (const write of writes) history.set(write.key, [rowOf(write), ...(history.get(write.key) ?? [])]);
        const amounts = new Map(batch.meters.map(([meter, amount]) => [meterName("c", meter), amount]));
        for (const [name, amount] of amounts) meters.set(name, (meters.get(name) ?? 0) + amount);
        const applied = index.apply(height, entries({ transactions: added, writes, meters: amounts }));
        pending.push(applied);
        if (batch.isAwaited) await applied;
      }
      await Promise.all(pending);
      expect(await collect(index.dump())).toEqual(expectedDump(transactions, history, meters));
    }),
    { numRuns: 100 },
  );
  await reopen();
  expect(await collect(index.dump())).toEqual(expectedDump(transactions, history, meters));
});

function expectedDump(
  transactions: ReadonlyMap<string, TransactionEntry>,
  history: ReadonlyMap<string, HistoryRow[]>,
  meters: ReadonlyMap<string, number>,
) {
  const inOrder = <Value>(map: ReadonlyMap<string, Value>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...inOrder(meters).map(([name, sum]) => ({ kind: "meter", contract: "c", meter: name.slice(2), sum })),
    ...inOrder(history).flatMap(([, writes]) => writes.map((write) => ({ kind: "history", ...write }))),
    ...inOrder(transactions).map(([, entry]) => ({ kind: "transaction", ...entry })),
  ];
}
