import { ManualClock, systemRandom } from "@concordat/base";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { defaultThrottleOptions, Throttle } from "./throttle.ts";

const here = "192.0.2.1";
let clock: ManualClock;
let throttle: Throttle;
beforeEach(() => {
  clock = new ManualClock(1_000_000);
  throttle = new Throttle({}, { clock, random: systemRandom });
});

const fail = (times: number, name = "a", address = here) => {
  for (let i = 0; i < times; i++) throttle.failed(name, address);
};

it.each([
  [1, 0],
  [4, 0],
  [5, 1_000],
  [6, 2_000],
  [7, 4_000],
  [10, 32_000],
  [13, 256_000],
  [14, 300_000],
  [200, 300_000],
])("after %i failures waits %i ms", (failures, waitMs) => {
  fail(failures);
  expect(throttle.waitMs("a", here)).toBe(waitMs);
});

it("counts the wait down, also over a clock that is set back", () => {
  fail(7);
  clock.advance(3_000);
  expect(throttle.waitMs("a", here)).toBe(1_000);
  clock.advance(1_000);
  expect(throttle.waitMs("a", here)).toBe(0);
  fail(1);
  clock.advance(-60_000);
  expect(throttle.waitMs("a", here)).toBe(8_000);
});

it("starts anew after a success, and after a long time without failures", () => {
  fail(9);
  throttle.succeeded("a", here);
  expect(throttle.waitMs("a", here)).toBe(0);
  fail(4);
  expect(throttle.waitMs("a", here)).toBe(0);
  fail(1);
  clock.advance(1_000 + defaultThrottleOptions.forgetAfterMs);
  fail(4);
  expect(throttle.waitMs("a", here)).toBe(0);
});

it.each([
  ["another name", "b", here, 0],
  ["another address", "a", "192.0.2.2", 0],
  ["no address", "a", undefined, 0],
  ["the same address as IPv6", "a", `::ffff:${here}`, 1_000],
])("%s", (_what, name, address, waitMs) => {
  fail(5);
  expect(throttle.waitMs(name, address)).toBe(waitMs);
});

it("takes a /64 network as one place", () => {
  for (let i = 0; i < 5; i++) throttle.failed("a", `2001:db8::${i + 1}`);
  expect(throttle.waitMs("a", "2001:db8::ffff")).toBe(1_000);
  expect(throttle.waitMs("a", "2001:db8:0:1::1")).toBe(0);
});

describe("memory", () => {
  beforeEach(() => {
    throttle = new Throttle({ entriesMax: 10 }, { clock, random: systemRandom });
  });

  it("stays within its bounds", () => {
    for (let i = 0; i < 1_000; i++) fail(i % 7, `name ${i}`);
    expect(throttle.size).toBeLessThanOrEqual(20);
  });

  it("does not free a slowed pair for a flood of single failures", () => {
    fail(5);
    for (let i = 0; i < 1_000; i++) fail(4, `name ${i}`);
    expect(throttle.waitMs("a", here)).toBe(1_000);
  });
});

it("any history: only a pair's own failures slow it, by as much as they are, and never a pair beyond its bound", () => {
  const pair = fc.record({
    name: fc.constantFrom("a", "b"),
    address: fc.constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::1"),
  });
  const step = fc.record({ pair, kind: fc.constantFrom("failed", "succeeded"), passMs: fc.nat(400_000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const time = new ManualClock(0);
      const tested = new Throttle({}, { clock: time, random: systemRandom });
      const model = new Map<string, { count: number; lastMs: number; untilMs: number }>();
      for (const { pair: at, kind, passMs } of steps) {
        time.advance(passMs);
        const key = `${at.name} ${at.address}`;
        const known = model.get(key);
        const expected = known === undefined ? 0 : Math.max(0, known.untilMs - time.nowMs());
        expect(tested.waitMs(at.name, at.address)).toBe(expected);
        // A try during the wait is not looked at.
        if (expected > 0) continue;
        if (kind === "succeeded") {
          tested.succeeded(at.name, at.address);
          model.delete(key);
          continue;
        }
        tested.failed(at.name, at.address);
        const isOld = known !== undefined && time.nowMs() >= known.untilMs + 900_000;
        const count = known === undefined || isOld ? 1 : known.count + 1;
        const waitMs = count < 5 ? 0 : Math.min(300_000, 1_000 * 2 ** (count - 5));
        model.set(key, { count, lastMs: time.nowMs(), untilMs: time.nowMs() + waitMs });
      }
    }),
    { verbose: 1 },
  );
});
