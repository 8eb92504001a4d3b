import { ManualClock } from "@concordat/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ControlStore } from "../control-store/port.ts";
import { bucketMs } from "../replay/call-bucket.ts";
import { CallNonceStore } from "../replay/call-nonce-store.ts";
import type { ControlStoreFixture } from "./control-store-suite.ts";

/** What the durable nonces of mutating calls are on every database. */
export function callNoncesSuite(name: string, createFixture: () => Promise<ControlStoreFixture>): void {
  describe(`call nonces: ${name}`, () => {
    let fixture: ControlStoreFixture;
    let store: ControlStore;
    let clock: ManualClock;
    beforeEach(async () => {
      fixture = await createFixture();
      store = await fixture.open();
      clock = new ManualClock(1_700_000_000_000);
    });
    afterEach(async () => {
      await store.close();
      await fixture.dispose();
    });

    const server = () => new CallNonceStore({ database: store.database, clock });

    it("are taken once by all servers, and over a reopening", async () => {
      const call = { accessKeyId: "LTAI1", nonce: "n" };
      expect(await server().take(call)).toBe(true);
      expect(await server().take(call)).toBe(false);
      expect(await server().take({ ...call, accessKeyId: "LTAI2" })).toBe(true);
      await store.close();
      store = await fixture.open();
      clock.advance(3 * bucketMs - 1);
      expect(await server().take(call)).toBe(false);
      clock.advance(1);
      expect(await server().take(call)).toBe(true);
      expect(await server().take(call)).toBe(false);
    });

    it("let one of many calls at once through", async () => {
      const servers = [server(), server(), server()];
      const call = { accessKeyId: "LTAI1", nonce: "n" };
      const taken = await Promise.all([...servers, ...servers, ...servers].map((each) => each.take(call)));
      expect(taken.filter((isTaken) => isTaken)).toHaveLength(1);
    });

    it("do not pile up", async () => {
      const one = server();
      for (let turn = 0; turn < 10; turn++) {
        await one.take({ accessKeyId: "LTAI1", nonce: String(turn) });
        clock.advance(bucketMs);
      }
      const rows = await store.database.selectFrom("callNonces").selectAll().execute();
      expect(rows.length).toBeLessThanOrEqual(4);
    });
  });
}
