import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ControlStore } from "../control-store/port.ts";
import { Leases } from "../servers/leases.ts";
import type { ControlStoreFixture } from "./control-store-suite.ts";

/** What leases are on every database. */
export function leasesSuite(name: string, createFixture: () => Promise<ControlStoreFixture>): void {
  describe(`leases: ${name}`, () => {
    let fixture: ControlStoreFixture;
    let store: ControlStore;
    let nowMs: number;
    let leases: Leases;
    beforeEach(async () => {
      fixture = await createFixture();
      store = await fixture.open();
      nowMs = 1_700_000_000_000;
      const { database } = store;
      leases = new Leases({
        database,
        get databaseTime() {
          return sql<number>`CAST(${nowMs} AS BIGINT)`;
        },
      });
    });
    afterEach(async () => {
      await store.close();
      await fixture.dispose();
    });

    const request = { name: "ledger", url: "http://a", lifetimeMs: 1000 };
    const acquire = (holder: string) => leases.acquire({ ...request, holder });
    const acquired = async (holder: string) => {
      const lease = await acquire(holder);
      if (lease === undefined) throw new Error(`${holder} did not get the lease.`);
      return lease;
    };

    it("belong to the first who asks, until they expire", async () => {
      expect(await leases.find("ledger")).toBeUndefined();
      const first = await acquired("a");
      expect(first).toEqual({ name: "ledger", holder: "a", url: "http://a", fencingToken: 1 });
      expect(await leases.find("ledger")).toEqual(first);
      nowMs += 999;
      expect(await acquire("b")).toBeUndefined();
      nowMs += 1;
      expect((await acquired("b")).fencingToken).toBe(2);
      expect(await leases.renew(first, 1000)).toBe(false);
      await leases.release(first);
      expect(await acquire("a")).toBeUndefined();
    });

    it("live on when they are renewed, and go to the next when they are released", async () => {
      const first = await acquired("a");
      for (let turn = 0; turn < 3; turn++) {
        nowMs += 900;
        expect(await leases.renew(first, 1000)).toBe(true);
        expect(await acquire("b")).toBeUndefined();
      }
      expect((await acquired("a")).fencingToken).toBe(1);
      await leases.release(first);
      expect((await acquired("b")).fencingToken).toBe(2);
      nowMs += 1000;
      expect((await acquired("a")).fencingToken).toBe(3);
    });

    it("go to one of many who ask at once", async () => {
      const holders = Array.from({ length: 12 }, (_, index) => `holder ${index}`);
      const taken = await Promise.all(holders.map((holder) => acquire(holder)));
      expect(taken.filter((lease) => lease !== undefined)).toHaveLength(1);
    });

    it("go by the database's own time", async () => {
      const own = new Leases(store);
      expect(await own.acquire({ ...request, holder: "a", lifetimeMs: 3_600_000 })).toBeDefined();
      expect(await own.acquire({ ...request, holder: "b" })).toBeUndefined();
      expect(await own.acquire({ ...request, name: "other", holder: "a", lifetimeMs: -1 })).toBeDefined();
      expect(await own.acquire({ ...request, name: "other", holder: "b" })).toBeDefined();
      const row = await store.database.selectFrom("leases").selectAll().where("name", "=", "ledger").executeTakeFirst();
      expect(Math.abs(Number(row?.expiresMs) - 3_600_000 - Date.now())).toBeLessThan(60_000);
    });
  });
}
