import { afterEach, beforeEach, expect, it } from "vitest";
import { codeOf, Harness } from "../testing/harness.ts";

let harness: Harness;
let runs: number;
beforeEach(async () => {
  harness = await Harness.start();
  runs = 0;
});
afterEach(() => harness.dispose());

const request = { key: "key-1", principalUid: "1", operation: "createChain", requestHash: "a" };
const work = async () => ({ run: ++runs });
const run = (changes: Partial<typeof request> = {}) =>
  harness.platform.idempotency.run({ ...request, ...changes }, work);

it("runs once and answers the same for 24 hours, over a restart", async () => {
  expect(await run()).toEqual({ run: 1 });
  expect(await run()).toEqual({ run: 1 });
  await harness.restart();
  harness.clock.advance(24 * 3_600_000);
  expect(await run()).toEqual({ run: 1 });
  harness.clock.advance(1);
  expect(await run()).toEqual({ run: 2 });
});

it("keeps principals and keys apart", async () => {
  await run();
  expect(await run({ principalUid: "2" })).toEqual({ run: 2 });
  expect(await run({ key: "key-2" })).toEqual({ run: 3 });
});

it("shares one run among calls at the same time", async () => {
  expect(await Promise.all([run(), run(), run()])).toEqual([{ run: 1 }, { run: 1 }, { run: 1 }]);
});

it.each([{ requestHash: "b" }, { operation: "other" }])("refuses the key for another request: %j", async (changes) => {
  const [, together] = await Promise.all([run(), codeOf(run(changes))]);
  expect(together).toBe("IDEMPOTENCY_CONFLICT");
  expect(await codeOf(run(changes))).toBe("IDEMPOTENCY_CONFLICT");
  expect(runs).toBe(1);
});

it("forgets a run that failed", async () => {
  const failing = harness.platform.idempotency.run(request, () => Promise.reject(new Error("failed")));
  await expect(failing).rejects.toThrow("failed");
  expect(await run()).toEqual({ run: 1 });
});

it("runs again what a crash cut off, for the same request only", async () => {
  const { key, principalUid, operation, requestHash } = request;
  const createdMs = harness.clock.nowMs();
  await harness.store.putIdempotency({ key, principalUid, operation, requestHash, response: undefined, createdMs });
  expect(await codeOf(run({ requestHash: "b" }))).toBe("IDEMPOTENCY_CONFLICT");
  expect(await run()).toEqual({ run: 1 });
});

it.each(["", "two words", "é", "x".repeat(256)])("refuses the key %j", async (key) => {
  expect(await codeOf(run({ key }))).toBe("IDEMPOTENCY_KEY_MALFORMED");
});
