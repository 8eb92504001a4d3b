import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ControlStore } from "../control-store/port.ts";
import { IdempotencyStore } from "../idempotency/idempotency-store.ts";
import type { ControlStoreFixture } from "./control-store-suite.ts";

/** What kept answers are on every database. */
export function idempotencySuite(name: string, createFixture: () => Promise<ControlStoreFixture>): void {
  describe(`idempotency: ${name}`, () => {
    let fixture: ControlStoreFixture;
    let store: ControlStore;
    beforeEach(async () => {
      fixture = await createFixture();
      store = await fixture.open();
    });
    afterEach(async () => {
      await store.close();
      await fixture.dispose();
    });

    const entry = {
      key: "k",
      principalUid: "1",
      operation: "o",
      requestHash: "h",
      response: undefined,
      createdMs: 1_700_000_000_000,
    };

    it("keeps entries by principal and key, and drops old ones", async () => {
      const entries = new IdempotencyStore(store.database);
      await entries.put(entry);
      const other = { ...entry, principalUid: "2", response: "{}", createdMs: entry.createdMs + 10 };
      await entries.put(other);
      expect(await entries.find("1", "k")).toEqual(entry);
      await entries.put({ ...entry, response: '{"a":1}' });
      expect(await entries.find("1", "k")).toEqual({ ...entry, response: '{"a":1}' });
      expect(await entries.prune(entry.createdMs + 10)).toBe(1);
      expect(await entries.find("1", "k")).toBeUndefined();
      expect(await entries.find("2", "k")).toEqual(other);
      await entries.remove("2", "k");
      expect(await entries.find("2", "k")).toBeUndefined();
    });
  });
}
