import type { SimulationStep } from "@concordat/ledger/client";
import { describe, expect, it } from "vitest";
import { DeferredWrites } from "./deferred-writes.ts";

const namespace = "contract";
const put = (key: string, bytes = 1): SimulationStep => ({ kind: "put", namespace, key, value: new Uint8Array(bytes) });
const remove: SimulationStep = { kind: "delete", namespace, key: "a" };
const get: SimulationStep = { kind: "get", namespace, key: "a" };
const range = { kind: "range", namespace, start: "", end: "" } as const;

describe("deferred writes", () => {
  it("keep their order until the end, whatever is read between", () => {
    const writes = new DeferredWrites();
    expect([put("a"), get, remove, range, put("b")].map((step) => writes.take(step))).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
    expect([...writes.dueBefore(get), ...writes.dueBefore(range)]).toEqual([]);
    expect(writes.rest()).toEqual([put("a"), remove, put("b")]);
    expect(writes.rest()).toEqual([]);
  });

  it.each([
    ["a page", { ...range, page: { size: 1, bookmark: "" } }],
    [
      "a built-in contract",
      { kind: "run", contract: "kv", fn: "f", args: [], creator: { mspId: "M", certificatePem: "" } },
    ],
    ["metadata", { kind: "put-metadata", namespace, key: "a", name: "n", value: new Uint8Array(1) }],
    ["a write that does not fit", put("large", 2 ** 20)],
    ["an empty key", put("")],
    ["half a character", put("\ud800")],
  ] as const)("are told before %s, and none is deferred after it", (_what, step) => {
    const writes = new DeferredWrites();
    expect(writes.take(put("a"))).toBe(true);
    expect(writes.take(step)).toBe(false);
    expect(writes.dueBefore(step)).toEqual([put("a")]);
    expect(writes.take(put("b"))).toBe(false);
  });

  it("are a thousand at most", () => {
    const writes = new DeferredWrites();
    for (let index = 0; index < 1_000; index++) expect(writes.take(put(`${index}`))).toBe(true);
    expect(writes.take(put("one more"))).toBe(false);
  });
});
