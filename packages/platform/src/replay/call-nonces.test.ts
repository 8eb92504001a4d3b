import { ManualClock } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallNonce } from "../ports.ts";
import { bucketMs } from "./call-bucket.ts";
import { MemoryCallNonces } from "./call-nonces.ts";
import { NonceTable } from "./nonce-table.ts";

const startMs = 1_700_000_000_000;

const call = (nonce: string, mutating = false, accessKeyId = "LTAI1") => ({
  accessKeyId,
  nonce,
  mutating,
  ledgerBound: true,
});
const refusing = { take: () => Promise.reject(new Error("The store is not for calls that the ledger remembers.")) };

describe("MemoryCallNonces", () => {
  it("takes a nonce once for each access key, whatever the kind of call", async () => {
    const nonces = new MemoryCallNonces({}, { clock: new ManualClock(startMs), store: refusing });
    expect(await nonces.take(call("n"))).toBe(true);
    expect(await nonces.take(call("n"))).toBe(false);
    expect(await nonces.take(call("n", true))).toBe(false);
    expect(await nonces.take(call("n", true, "LTAI2"))).toBe(true);
    expect(await nonces.take(call("n", false, "LTAI2"))).toBe(false);
  });

  it("never takes a nonce twice within 30 minutes, and forgets it within an hour", async () => {
    const step = fc.record({ waitMs: fc.nat(20 * 60_000), nonce: fc.nat(4), mutating: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = new ManualClock(startMs);
        const nonces = new MemoryCallNonces({}, { clock, store: refusing });
        const takenMs = new Map<number, number>();
        for (const { waitMs, nonce, mutating } of steps) {
          clock.advance(waitMs);
          const ageMs = clock.nowMs() - (takenMs.get(nonce) ?? Number.NEGATIVE_INFINITY);
          const isTaken = await nonces.take(call(String(nonce), mutating));
          if (ageMs <= 2 * bucketMs) expect(isTaken).toBe(false);
          if (ageMs > 4 * bucketMs) expect(isTaken).toBe(true);
          if (isTaken) takenMs.set(nonce, clock.nowMs());
        }
      }),
    );
  });

  it("forgets reads when there are too many, and says so for writes", async () => {
    const clock = new ManualClock(startMs);
    const nonces = new MemoryCallNonces({ entriesMax: 10 }, { clock, store: refusing });
    for (let index = 0; index < 11; index++) expect(await nonces.take(call(`read ${index}`))).toBe(true);
    expect(await nonces.take(call("read 10"))).toBe(false);
    expect(await nonces.take(call("read 0"))).toBe(true);
    expect(nonces.remembersWrites).toBe(true);
    for (let index = 0; index < 11; index++) expect(await nonces.take(call(`write ${index}`, true))).toBe(true);
    expect(nonces.remembersWrites).toBe(false);
    expect(await nonces.take(call("write 0", true))).toBe(false);
    clock.advance(3 * bucketMs);
    expect(nonces.remembersWrites).toBe(true);
  });

  it("hands the nonces of mutating calls that no ledger remembers to the store, once it has not seen them itself", async () => {
    const asked: string[] = [];
    const store = {
      take: async ({ nonce }: CallNonce) => {
        asked.push(nonce);
        return nonce !== "taken elsewhere";
      },
    };
    const nonces = new MemoryCallNonces({ entriesMax: 1 }, { clock: new ManualClock(startMs), store });
    const stored = (nonce: string) => nonces.take({ ...call(nonce, true), ledgerBound: false });
    expect(await stored("a")).toBe(true);
    expect(await stored("a")).toBe(false);
    expect(await nonces.take(call("a"))).toBe(false);
    expect(await stored("taken elsewhere")).toBe(false);
    for (const nonce of ["b", "c"]) expect(await stored(nonce)).toBe(true);
    expect(asked).toEqual(["a", "taken elsewhere", "b", "c"]);
    expect(nonces.remembersWrites).toBe(true);
  });
});

it("NonceTable is a set of fingerprints", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), { maxLength: 3000 }), (fingerprints) => {
      const table = new NonceTable(10_000);
      const model = new Set<bigint>();
      for (const fingerprint of fingerprints) {
        // The same low bits make the worst chain of slots.
        for (const each of [fingerprint, (fingerprint & ~0xffffn) | 1n]) {
          expect(table.has(each)).toBe(model.has(each));
          table.add(each);
          model.add(each);
        }
      }
      expect(table.size).toBe(model.size);
      for (const fingerprint of model) expect(table.has(fingerprint)).toBe(true);
    }),
    { numRuns: 20 },
  );
});
