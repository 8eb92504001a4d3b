import { bytesToHex } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { damaged, RUNS } from "../encoding/arbitraries.fixture.ts";
import { EncodingInvalidError } from "../encoding/errors.ts";
import { namespaceResults, officialResults } from "../testing/endorsed-envelope.ts";
import type { NamespaceResults } from "./ports.ts";
import { decodeResults, encodeResults } from "./results.ts";

const name = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });
const value = fc.uint8Array({ maxLength: 50 });
const key = fc.record({ key: name });
const version = fc.record({ block: fc.oneof(fc.nat(200), fc.maxSafeNat()), index: fc.nat(5000) });
const read = fc.oneof(key, fc.record({ key: name, version }));
const byUtf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const unique = <Item extends { readonly key: string }>(item: fc.Arbitrary<Item>) =>
  fc
    .uniqueArray(item, { maxLength: 5, selector: (one) => one.key })
    .map((items) => items.sort((a, b) => byUtf8(a.key, b.key)));
const entries = fc
  .uniqueArray(fc.record({ name, value }), { maxLength: 3, selector: (entry) => entry.name })
  .map((items) => items.sort((a, b) => byUtf8(a.name, b.name)));
const rangeQuery = fc.record({
  start: fc.string({ maxLength: 8 }),
  end: fc.string({ maxLength: 8 }),
  exhausted: fc.boolean(),
  reads: fc.array(read, { maxLength: 4 }),
});
const anyResults: fc.Arbitrary<NamespaceResults[]> = fc
  .uniqueArray(
    fc.record({
      namespace: name,
      reads: unique(read),
      rangeQueries: fc.array(rangeQuery, { maxLength: 3 }),
      writes: unique(fc.record({ key: name, value: fc.option(value, { nil: undefined }) })),
      metadataWrites: unique(fc.record({ key: name, entries })),
    }),
    { maxLength: 4, selector: (entry) => entry.namespace },
  )
  .map((items) => items.sort((a, b) => byUtf8(a.namespace, b.namespace)));

describe("read-write sets", () => {
  it("are those of Fabric's official classes and read back", () => {
    fc.assert(
      fc.property(anyResults, (namespaces) => {
        const bytes = encodeResults(namespaces);
        expect(bytesToHex(bytes)).toBe(bytesToHex(officialResults(namespaces)));
        expect(decodeResults(bytes)).toEqual(namespaces);
      }),
      { numRuns: RUNS },
    );
  });

  it("have one form whatever the order they were made in, but for range queries", () => {
    fc.assert(
      fc.property(anyResults, (namespaces) => {
        const shuffled = namespaces.toReversed().map((entry) => ({
          ...entry,
          reads: entry.reads.toReversed(),
          writes: entry.writes.toReversed(),
          metadataWrites: entry.metadataWrites
            .toReversed()
            .map((write) => ({ ...write, entries: write.entries.toReversed() })),
        }));
        expect(encodeResults(shuffled)).toEqual(encodeResults(namespaces));
      }),
      { numRuns: 200 },
    );
    const query = (start: string) => ({ start, end: "z", exhausted: true, reads: [] });
    const inOrder = (starts: string[]) => encodeResults([namespaceResults("kv", { rangeQueries: starts.map(query) })]);
    expect(inOrder(["b", "a"])).not.toEqual(inOrder(["a", "b"]));
  });

  it("name nothing twice when they are written", () => {
    const twice = [{ key: "a" }, { key: "a", version: { block: 1, index: 0 } }];
    expect(() => encodeResults([namespaceResults("kv", { reads: twice })])).toThrow(EncodingInvalidError);
    expect(() => encodeResults([namespaceResults("kv"), namespaceResults("kv")])).toThrow(EncodingInvalidError);
  });

  it("never make the reader throw", () => {
    fc.assert(
      fc.property(fc.oneof(damaged(anyResults.map(encodeResults)), fc.uint8Array({ maxLength: 80 })), (bytes) => {
        const results = decodeResults(bytes);
        expect(results === undefined || Array.isArray(results)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});
