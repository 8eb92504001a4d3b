import { expect, it } from "vitest";
import { TokenCache } from "./token-cache.ts";
import type { StoredToken } from "./token-store.ts";

const token = (tokenHash: string): StoredToken => ({
  tokenHash,
  kind: "iam",
  uid: "1",
  scope: "{}",
  binding: null,
  detail: "{}",
  issuedMs: 0,
  expiresMs: 1,
});
const cacheOf = (...hashes: string[]) => {
  const cache = new TokenCache({ freshMs: 1_000, entriesMax: 3 });
  for (const each of hashes) cache.add(token(each), 5_000, cache.removals);
  return cache;
};
const found = (cache: TokenCache, nowMs: number, ...hashes: string[]) =>
  hashes.filter((each) => cache.find(each, nowMs) !== undefined).join("");

it.each([
  [5_000, "a"],
  [5_999, "a"],
  [6_000, ""],
  [4_999, ""],
])("at %i ms answers %j of what was read at 5000", (nowMs, expected) => {
  expect(found(cacheOf("a"), nowMs, "a")).toBe(expected);
});

it("forgets the longest unused first", () => {
  const cache = cacheOf("a", "b", "c");
  cache.find("a", 5_000);
  cache.add(token("d"), 5_000, cache.removals);
  expect(found(cache, 5_000, "a", "b", "c", "d")).toBe("acd");
});

it("keeps nothing whose reading began before a removal", () => {
  const cache = cacheOf("a", "b");
  const before = cache.removals;
  cache.remove("a");
  cache.add(token("a"), 5_000, before);
  expect(found(cache, 5_000, "a", "b")).toBe("b");
  cache.clear();
  expect(found(cache, 5_000, "a", "b")).toBe("");
});
