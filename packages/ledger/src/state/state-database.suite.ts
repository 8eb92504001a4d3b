import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8ToBytes } from "@concordat/base";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StateDatabase, StateRow, StateWrite, Version } from "./ports.ts";

/** What every {@link StateDatabase} has to keep to. `open` opens the same rows when given the same folder again. */
export function stateDatabaseSuite(name: string, open: (directory: string) => Promise<StateDatabase>): void {
  describe(name, () => {
    let directory: string;
    let state: StateDatabase;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), "concordat-state-"));
      state = await open(join(directory, "store"));
    });
    afterEach(async () => {
      await state.close();
      await rm(directory, { recursive: true, force: true });
    });

    test("starts empty at savepoint 0", async () => {
      expect(state.savepoint).toBe(0);
      expect(state.get("n", "k")).toBeUndefined();
      expect(await collect(state.dump())).toEqual([]);
    });

    test("reads back what was written, with its version, until it is deleted", async () => {
      await state.apply(1, [put("n", "k", "one", { block: 0, index: 3 })]);
      expect(readable(state.get("n", "k"))).toEqual({ text: "one", block: 0, index: 3 });
      await state.apply(2, [put("n", "k", "", { block: 2 ** 40, index: 2 ** 31 })]);
      expect(readable(state.get("n", "k"))).toEqual({ text: "", block: 2 ** 40, index: 2 ** 31 });
      await state.apply(3, [{ namespace: "n", key: "k", value: undefined, version: { block: 2, index: 0 } }]);
      expect(state.get("n", "k")).toBeUndefined();
      expect(state.savepoint).toBe(3);
    });

    test("keeps any bytes as they are", async () => {
      const values = [Uint8Array.of(0, 255, 128), utf8ToBytes('{"b":1, "a":1e0}'), utf8ToBytes('{"a":1,"a":2}')];
      values.push(
        utf8ToBytes("\u{feff}{}"),
        utf8ToBytes("12"),
        utf8ToBytes('{"a":"\\u0000\\ud800"}'),
        new Uint8Array(300_000),
      );
      await state.apply(
        1,
        values.map((value, index) => ({ namespace: "n", key: `k${index}`, value, version: { block: 0, index } })),
      );
      for (const [index, value] of values.entries()) {
        expect(Buffer.compare(value, state.get("n", `k${index}`)?.value ?? new Uint8Array(1))).toBe(0);
      }
    });

    test("lets the last write of a key win within one batch", async () => {
      const gone: StateWrite = { ...put("n", "a", ""), value: undefined };
      await state.apply(1, [
        put("n", "a", "1"),
        gone,
        put("n", "b", "1"),
        put("n", "b", "2"),
        put("n", "c", "1"),
        { ...gone, key: "c" },
        put("n", "d", "1"),
      ]);
      expect((await collect(state.dump())).map(({ key, value }) => `${key}=${text(value)}`)).toEqual(["b=2", "d=1"]);
    });

    test("keeps namespaces and keys apart that share their letters", async () => {
      await state.apply(1, [
        put("a", "b\0c", "1"),
        put("ab", "c", "2"),
        put("a", "bc", "3"),
        put("a$b", "c", "4"),
        put("a", "", "5"),
      ]);
      expect((await collect(state.range("a", "", ""))).map(({ key }) => key)).toEqual(["", "b\0c", "bc"]);
      expect((await collect(state.dump())).map(({ namespace }) => namespace)).toEqual(["a", "a", "a", "a$b", "ab"]);
    });

    test("orders keys by UTF-8 bytes, where UTF-16 order differs", async () => {
      const keys = ["\0t\0a\0", "\0t\0a\0b\0", "a", "a\0", "a\u{1}", "é", "中", "\u{ffff}", "\u{1f600}"];
      await state.apply(
        1,
        keys.toReversed().map((key) => put("n", key, key)),
      );
      expect((await collect(state.range("n", "", ""))).map(({ key }) => key)).toEqual(keys);
      expect((await collect(state.range("n", "\u{ffff}", "\u{1f600}"))).map(({ key }) => key)).toEqual(["\u{ffff}"]);
      expect((await collect(state.range("n", "\0t\0a\0", "\0t\0a\u{1}"))).map(({ key }) => key)).toEqual(
        keys.slice(0, 2),
      );
      expect(await collect(state.range("n", "b", "a"))).toEqual([]);
    });

    test("counts a lone surrogate as U+FFFD, as a block's encoding does", async () => {
      await state.apply(1, [put("n", "\ud800", "1")]);
      expect(readable(state.get("n", "\ufffd"))?.text).toBe("1");
      await state.apply(2, [put("n", "\ufffd", "2"), put("n", "\udfff", "3")]);
      expect((await collect(state.dump())).map(({ key, value }) => [key, text(value)])).toEqual([["\ufffd", "3"]]);
    });

    test("gives a range as it was at the call", async () => {
      await state.apply(
        1,
        Array.from({ length: 2500 }, (_, index) => put("n", `k${index}`, "old")),
      );
      const range = state.range("n", "", "");
      const dump = state.dump();
      await state.apply(2, [put("n", "k0", "new"), put("n", "a", "new"), { ...put("n", "k1", ""), value: undefined }]);
      for (const rows of [await collect(range), await collect(dump)]) {
        expect(rows).toHaveLength(2500);
        expect(new Set(rows.map(({ value }) => text(value)))).toEqual(new Set(["old"]));
      }
      expect(await collect(state.range("n", "", ""))).toHaveLength(2500);
    });

    test("lets a range be left early or unread, and goes on", async () => {
      await state.apply(
        1,
        Array.from({ length: 50 }, (_, index) => put("n", `k${index}`, "1")),
      );
      for (let round = 0; round < 20; round++) {
        for await (const row of state.range("n", "", "")) if (row.key === "k3") break;
        await state.range("n", "", "").return?.();
      }
      await state.apply(2, [put("n", "k", "2")]);
      expect(await collect(state.range("n", "k", "k0"))).toHaveLength(1);
    });

    test("holds rows and savepoint together over a reopening", async () => {
      await state.apply(1, [put("n", "a", "1")]);
      await state.apply(7, [put("n", "b", "2")]);
      await state.apply(8, []);
      const before = await collect(state.dump());
      await state.close();
      state = await open(join(directory, "store"));
      expect(state.savepoint).toBe(8);
      expect(await collect(state.dump())).toEqual(before);
    });

    test("takes overlapping calls in call order", async () => {
      const applies = Array.from({ length: 100 }, (_, index) => state.apply(index + 1, [put("n", "k", String(index))]));
      await Promise.all(applies);
      expect(readable(state.get("n", "k"))?.text).toBe("99");
      expect(state.savepoint).toBe(100);
    });

    test("refuses a savepoint that does not grow, and a namespace that would mix with keys", async () => {
      await state.apply(5, []);
      await expect(state.apply(5, [])).rejects.toThrow("Savepoint 5 does not follow 5.");
      await expect(state.apply(6, [put("a\0b", "c", "")])).rejects.toThrow("U+0000");
      await expect(state.apply(6, [put("", "c", "")])).rejects.toThrow("U+0000");
      expect(state.savepoint).toBe(5);
    });

    test("loads a snapshot into an empty store only", async () => {
      const rows = Array.from({ length: 2500 }, (_, index) =>
        row("n", `k${String(index).padStart(5, "0")}`, String(index)),
      );
      await state.load(42, rows);
      expect(state.savepoint).toBe(42);
      expect(await collect(state.dump())).toEqual(rows.map(plain));
      await expect(state.load(43, rows)).rejects.toThrow("empty");
      await state.apply(43, [put("n", "k", "1")]);
      expect(await collect(state.dump())).toHaveLength(2501);
    });

    test("refuses a store whose load did not finish", async () => {
      const failing = async function* () {
        for (let index = 0; index < 3000; index++) yield row("n", `k${index}`, "1");
        throw new Error("the snapshot ends here");
      };
      await expect(state.load(42, failing())).rejects.toThrow("the snapshot ends here");
      await state.close();
      await expect(open(join(directory, "store"))).rejects.toMatchObject({ code: "STORE_DAMAGED" });
    });

    test("agrees with a Map over random batches", async () => {
      let height = 0;
      const model = new Map<string, StateRow>();
      const batches = fc.array(fc.array(writeArbitrary, { maxLength: 12 }), { maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(batches, keyArbitrary, keyArbitrary, async (batchList, startKey, endKey) => {
          for (const writes of batchList) {
            height++;
            await state.apply(height, writes);
            for (const write of writes) applyToModel(model, write);
          }
          const expected = [...model.values()].sort(byNamespaceAndKey);
          expect(await collect(state.dump())).toEqual(expected);
          const isInside = (key: string) => compare(key, startKey) >= 0 && (endKey === "" || compare(key, endKey) < 0);
          const inRange = expected.filter(({ namespace, key }) => namespace === "n" && isInside(key));
          expect(await collect(state.range("n", startKey, endKey))).toEqual(inRange);
        }),
        { numRuns: 60 },
      );
    });
  });
}

export async function collect<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const item of rows) all.push(isStateRow(item) ? { ...item, value: new Uint8Array(item.value) } : item);
  return all;
}

function isStateRow(value: unknown): value is StateRow {
  return typeof value === "object" && value !== null && "value" in value && value.value instanceof Uint8Array;
}

const keyArbitrary = fc.oneof(
  fc.string({ unit: fc.constantFrom("\0", "a", "b", "\u{7f}", "é", "\u{ffff}", "\u{1f600}", "\ud800"), maxLength: 4 }),
  fc.string({ maxLength: 6 }),
);

const writeArbitrary: fc.Arbitrary<StateWrite> = fc.record({
  namespace: fc.constantFrom("n", "m", "n$p"),
  key: keyArbitrary,
  value: fc.option(fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.json().map(utf8ToBytes)), { nil: undefined }),
  version: fc.record({ block: fc.nat(), index: fc.nat() }),
});

function applyToModel(model: Map<string, StateRow>, { namespace, key, value, version }: StateWrite): void {
  const name = `${namespace}\0${key.toWellFormed()}`;
  if (value === undefined) model.delete(name);
  else model.set(name, { namespace, key: key.toWellFormed(), value: new Uint8Array(value), version });
}

function byNamespaceAndKey(a: StateRow, b: StateRow): number {
  return compare(a.namespace, b.namespace) || compare(a.key, b.key);
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function row(namespace: string, key: string, value: string, version: Version = { block: 0, index: 0 }): StateRow {
  return { namespace, key, value: utf8ToBytes(value), version };
}

function put(namespace: string, key: string, value: string, version?: Version): StateWrite {
  return row(namespace, key, value, version);
}

function plain(item: StateRow): StateRow {
  return { ...item, value: new Uint8Array(item.value) };
}

function readable(found: { readonly value: Uint8Array; readonly version: Version } | undefined) {
  return found === undefined ? undefined : { text: text(found.value), ...found.version };
}

function text(value: Uint8Array): string {
  return Buffer.from(value).toString("utf8");
}
