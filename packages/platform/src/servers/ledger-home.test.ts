import { ManualClock, silentLogger, systemRandom } from "@concordat/base";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { ControlStore } from "../control-store/port.ts";
import { FakeLedger } from "../testing/fake-ledger.ts";
import { codeOf } from "../testing/harness.ts";
import { sqliteFixture } from "../testing/sqlite-fixture.ts";
import { findLedger } from "./ledger-home.ts";

let fixture: Awaited<ReturnType<typeof sqliteFixture>>;
let store: ControlStore;
let clock: ManualClock;
beforeEach(async () => {
  fixture = await sqliteFixture();
  store = await fixture.open();
  clock = new ManualClock(1_700_000_000_000);
});
afterEach(async () => {
  await store.close();
  await fixture.dispose();
});

const find = (serverId: string) =>
  findLedger({ serverId, url: `http://${serverId}` }, { store, clock, random: systemRandom, log: silentLogger });

it("makes the first server the home for good, and refuses every call elsewhere with its address", async () => {
  const home = await find("a");
  const other = await find("b");
  if (home.kind !== "here" || other.kind !== "elsewhere") throw new Error("The places are wrong.");
  const ledger = home.guard(new FakeLedger({ clock }));
  expect(await ledger.channels()).toEqual([]);
  await expect(other.ledger.channels()).rejects.toMatchObject({
    code: "HOME_ELSEWHERE",
    facts: { url: "http://a" },
    message: expect.stringContaining("http://a"),
  });
  for (const name of ["submit", "evaluate", "createChannel", "receipt", "waitForBlock"] as const) {
    const call: (...args: never[]) => Promise<unknown> = other.ledger[name];
    expect(await codeOf(call())).toBe("HOME_ELSEWHERE");
  }
  await home.close();
  // Nobody holds the lease now: the home stays where it is.
  expect((await find("b")).kind).toBe("elsewhere");
});

it("keeps the ledger from working without the lease", async () => {
  const home = await find("a");
  if (home.kind !== "here") throw new Error("The place is wrong.");
  const ledger = home.guard(new FakeLedger({ clock }));
  // All timers of a long pause at once: nothing could be renewed meanwhile.
  await sql`DROP TABLE leases`.execute(store.database);
  clock.advance(11_000);
  expect(await codeOf(ledger.channels())).toBe("STORE_UNAVAILABLE");
  await ledger.close();
  await home.close();
});

it("chooses one of several servers that start at once", async () => {
  const places = await Promise.all(["a", "b", "c", "d"].map(find));
  expect(places.filter(({ kind }) => kind === "here")).toHaveLength(1);
  for (const place of places) if (place.kind === "here") await place.close();
});
