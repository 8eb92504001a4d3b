import { setImmediate as turn } from "node:timers/promises";
import { ManualClock, silentLogger } from "@concordat/base";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ControlUnavailableError } from "../control-store/errors.ts";
import { DirectoryRefresh } from "./directory-refresh.ts";

let clock: ManualClock;
let looks: number;
let isAway: boolean;
let refresh: DirectoryRefresh;
beforeEach(() => {
  clock = new ManualClock(1_700_000_000_000);
  looks = 0;
  isAway = false;
  const directory = {
    async refresh() {
      looks += 1;
      if (isAway) throw new ControlUnavailableError(new Error("away"));
    },
  };
  refresh = new DirectoryRefresh({}, { directory, clock, log: silentLogger });
});
afterEach(() => refresh.close());

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    clock.advance(100);
    await turn();
  }
}

it("looks at the store at most every 400 ms, and lets calls through at once in between", async () => {
  await pass(4_000);
  expect(looks).toBeGreaterThanOrEqual(8);
  expect(looks).toBeLessThanOrEqual(11);
  const before = looks;
  await refresh.ready();
  expect(looks).toBe(before);
});

it("makes the first call wait for the first look, shared by all", async () => {
  await Promise.all([refresh.ready(), refresh.ready(), refresh.ready()]);
  expect(looks).toBe(1);
});

it("lets no call through with a directory that is older than a second, and goes on when the store is back", async () => {
  await pass(1_000);
  isAway = true;
  await pass(800);
  await refresh.ready();
  await pass(800);
  await expect(refresh.ready()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  isAway = false;
  await refresh.ready();
});

it("stops when it is closed", async () => {
  await pass(500);
  await refresh.close();
  const before = looks;
  await pass(5_000);
  expect(looks).toBe(before);
  await expect(refresh.ready()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
});
