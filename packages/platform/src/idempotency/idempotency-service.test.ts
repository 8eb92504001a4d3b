import { systemRandom } from "@concordat/base";
import { createKeyRing } from "@concordat/identity";
import { afterEach, beforeEach, expect, it } from "vitest";
import { codeOf, Harness } from "../testing/harness.ts";
import { IdempotencyService } from "./idempotency-service.ts";
import { IdempotencyStore } from "./idempotency-store.ts";
import { answersPlace } from "./sealed-answers.ts";

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
  const store = new IdempotencyStore(harness.store.database);
  await store.put({ key, principalUid, operation, requestHash, response: undefined, createdMs });
  expect(await codeOf(run({ requestHash: "b" }))).toBe("IDEMPOTENCY_CONFLICT");
  expect(await run()).toEqual({ run: 1 });
});

it.each(["", "two words", "é", "x".repeat(256)])("refuses the key %j", async (key) => {
  expect(await codeOf(run({ key }))).toBe("IDEMPOTENCY_KEY_MALFORMED");
});

it("keeps no answer in clear, nor opens it under another key of the caller", async () => {
  const secret = "canary-secret";
  const answer = await harness.platform.idempotency.run(request, async () => ({ secret }));
  expect(answer).toEqual({ secret });
  const rows = await harness.store.database.selectFrom("idempotency").selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain(secret);
  await harness.store.database.updateTable("idempotency").set({ key: "key-2" }).execute();
  await expect(run({ key: "key-2" })).rejects.toMatchObject({ code: "SEALED_VALUE_DAMAGED" });
  expect(runs).toBe(0);
});

it("keeps no hash of a request that passwords could be tried out with", async () => {
  await run({ requestHash: "hash-of-a-password" });
  const rows = await harness.store.database.selectFrom("idempotency").selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain("hash-of-a-password");
  expect(await codeOf(run({ requestHash: "hash-of-another" }))).toBe("IDEMPOTENCY_CONFLICT");
});

it("answers what an earlier release kept as JSON", async () => {
  const createdMs = harness.clock.nowMs();
  await new IdempotencyStore(harness.store.database).put({ ...request, response: '{"run":7}', createdMs });
  expect(await run()).toEqual({ run: 7 });
});

it("seals answers anew for another master key, and runs nothing twice when that was left out", async () => {
  await run();
  const keyRing = createKeyRing([new Uint8Array(32).fill(9), Harness.firstMasterKey], { random: systemRandom });
  const store = new IdempotencyStore(harness.store.database);
  const place = answersPlace({ store, keyRing });
  const later = new IdempotencyService({ database: harness.store.database, clock: harness.clock, sealer: keyRing });
  expect(await place.waiting()).toBe(1);
  const onlyNew = createKeyRing([new Uint8Array(32).fill(9)], { random: systemRandom });
  const tooEarly = new IdempotencyService({ database: harness.store.database, clock: harness.clock, sealer: onlyNew });
  expect(await codeOf(tooEarly.run(request, work))).toBe("IDEMPOTENCY_CONFLICT");
  await place.reseal();
  expect(await place.waiting()).toBe(0);
  keyRing.forgetEarlier();
  expect(await later.run(request, work)).toEqual({ run: 1 });
  expect(runs).toBe(1);
});

it("seals the request of a call that a crash cut off anew too", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const cutOff = harness.platform.idempotency.run(request, () => promise);
  const store = new IdempotencyStore(harness.store.database);
  await expect.poll(async () => (await store.sealed()).length).toBe(1);
  const keyRing = createKeyRing([new Uint8Array(32).fill(9), Harness.firstMasterKey], { random: systemRandom });
  await answersPlace({ store, keyRing }).reseal();
  keyRing.forgetEarlier();
  const later = new IdempotencyService({ database: harness.store.database, clock: harness.clock, sealer: keyRing });
  expect(await codeOf(later.run({ ...request, requestHash: "b" }, work))).toBe("IDEMPOTENCY_CONFLICT");
  expect(await later.run(request, work)).toEqual({ run: 1 });
  resolve({});
  await cutOff;
});
