import { setImmediate as turn } from "node:timers/promises";
import { ManualClock, silentLogger, systemRandom } from "@concordat/base";
import { beforeEach, expect, it } from "vitest";
import { ControlUnavailableError } from "../control-store/errors.ts";
import { HomeLease } from "./home-lease.ts";
import type { Lease, LeaseRequest } from "./leases.ts";

/** Leases of a store whose time is the test's and that can be taken away. */
class MemoryLeases {
  isAway = false;
  current: (Lease & { expiresMs: number }) | undefined;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  async acquire({ lifetimeMs, ...request }: LeaseRequest): Promise<Lease | undefined> {
    this.#requireAnswer();
    const nowMs = this.#clock.nowMs();
    const { current } = this;
    const isOther = current !== undefined && current.holder !== request.holder;
    if (isOther && current.expiresMs > nowMs) return undefined;
    const fencingToken = (current?.fencingToken ?? 0) + (current === undefined || isOther ? 1 : 0);
    this.current = { ...request, fencingToken, expiresMs: nowMs + lifetimeMs };
    return this.current;
  }

  async renew(lease: Lease, lifetimeMs: number): Promise<boolean> {
    this.#requireAnswer();
    if (this.current?.holder !== lease.holder || this.current.fencingToken !== lease.fencingToken) return false;
    this.current.expiresMs = this.#clock.nowMs() + lifetimeMs;
    return true;
  }

  async release(lease: Lease): Promise<void> {
    this.#requireAnswer();
    if (this.current?.holder === lease.holder) this.current.expiresMs = 0;
  }

  async find(): Promise<Lease | undefined> {
    this.#requireAnswer();
    return this.current;
  }

  #requireAnswer(): void {
    if (this.isAway) throw new ControlUnavailableError(new Error("away"));
  }
}

let clock: ManualClock;
let leases: MemoryLeases;
beforeEach(() => {
  clock = new ManualClock(1_700_000_000_000);
  leases = new MemoryLeases(clock);
});

const take = (url = "http://a") =>
  HomeLease.take(
    { serverId: "s", url, lifetimeMs: 10_000 },
    { leases, clock, random: systemRandom, log: silentLogger },
  );

/** Time passes in small steps, so that what timers begin can end. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    clock.advance(500);
    await turn();
    await turn();
  }
}

it("holds the lease as long as the store answers, and gives it free at the end", async () => {
  const home = await take();
  await pass(60_000);
  expect(home.isHeld).toBe(true);
  expect(home.fencingToken).toBe(1);
  await home.close();
  expect(home.isHeld).toBe(false);
  const next = await take();
  expect(next.fencingToken).toBe(2);
  await next.close();
});

it("works on while the store is away for a moment, stops before the lease can be another's, and goes on by itself", async () => {
  const home = await take();
  await pass(5_000);
  leases.isAway = true;
  await pass(7_000);
  home.requireHeld();
  await pass(3_000);
  expect(clock.nowMs()).toBeGreaterThanOrEqual((leases.current?.expiresMs ?? 0) - 500);
  expect(() => home.requireHeld()).toThrow(expect.objectContaining({ code: "STORE_UNAVAILABLE" }));
  leases.isAway = false;
  await pass(2_500);
  home.requireHeld();
  expect(home.fencingToken).toBe(1);
  await home.close();
});

it("never holds what another process has", async () => {
  const home = await take();
  leases.isAway = true;
  await pass(11_000);
  leases.isAway = false;
  const other = await take("http://b");
  expect(other.fencingToken).toBe(2);
  await pass(4_000);
  expect([home.isHeld, other.isHeld]).toEqual([false, true]);
  await other.close();
  await pass(2_500);
  expect(home.isHeld).toBe(true);
  expect(home.fencingToken).toBe(3);
  await home.close();
});

it("waits for the lease of a process that crashed", async () => {
  await leases.acquire({ name: "ledger", holder: "s/crashed", url: "http://a", lifetimeMs: 10_000 });
  const taking = take();
  await pass(12_000);
  const home = await taking;
  expect(home.fencingToken).toBe(2);
  await home.close();
});

it("refuses a second process on a copy of the data folder", async () => {
  const home = await take("http://original");
  const taking = take("http://copy");
  const refused = expect(taking).rejects.toMatchObject({
    code: "LEDGER_HOME_TAKEN",
    facts: { url: "http://original" },
  });
  await pass(25_000);
  await refused;
  expect(home.isHeld).toBe(true);
  await home.close();
});

it("ends although the store does not answer", async () => {
  const home = await take();
  leases.isAway = true;
  await home.close();
  expect(home.isHeld).toBe(false);
});
