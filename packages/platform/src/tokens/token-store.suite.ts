import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ControlStore } from "../control-store/port.ts";
import type { AuditEntryTable } from "../control-store/schema.ts";
import type { ControlStoreFixture } from "../testing/control-store-suite.ts";
import { type StoredToken, TokenStore } from "./token-store.ts";

const nowMs = 1_700_000_000_000;

const token = (name: string, differences: Partial<StoredToken> = {}): StoredToken => ({
  tokenHash: name.padEnd(64, "0"),
  kind: "console",
  uid: "1",
  scope: '{"kind":"unscoped"}',
  binding: null,
  detail: '{"名":"值"}',
  issuedMs: nowMs,
  expiresMs: nowMs + 1_000,
  ...differences,
});

let entries = 0;
const audit = (): AuditEntryTable => ({
  entryId: String(++entries).padStart(32, "0"),
  timeMs: nowMs,
  tenantId: null,
  uid: "1",
  credentialKind: null,
  credentialId: null,
  sourceAddress: null,
  requestId: null,
  action: "iam:session:create",
  resourceKind: "session",
  resourceId: "1",
  outcome: "done",
  occurrences: 1,
  detail: "{}",
  txId: null,
});

/** What kept tokens are on every database. */
export function tokenStoreSuite(name: string, createFixture: () => Promise<ControlStoreFixture>): void {
  describe(`tokens: ${name}`, () => {
    let fixture: ControlStoreFixture;
    let store: ControlStore;
    let tokens: TokenStore;
    beforeEach(async () => {
      fixture = await createFixture();
      store = await fixture.open();
      tokens = new TokenStore(store.database);
    });
    afterEach(async () => {
      await store.close();
      await fixture.dispose();
    });

    const auditCount = async () => (await store.database.selectFrom("auditEntries").selectAll().execute()).length;

    it("keeps every column over a reopening", async () => {
      const bound = token("b", { binding: '{"host":"a"}', kind: "iserver-session" });
      await tokens.put(token("a"), audit());
      await tokens.put(bound, audit());
      await store.close();
      store = await fixture.open();
      tokens = new TokenStore(store.database);
      expect(await tokens.find(token("a").tokenHash)).toEqual(token("a"));
      expect(await tokens.find(bound.tokenHash)).toEqual(bound);
      expect(await tokens.find(token("c").tokenHash)).toBeUndefined();
    });

    it("replaces a token whose text is issued again", async () => {
      await tokens.put(token("a"), audit());
      const later = token("a", { expiresMs: nowMs + 9_000 });
      await tokens.put(later, audit());
      expect(await tokens.find(later.tokenHash)).toEqual(later);
    });

    it("writes a token and its audit entry together or not at all", async () => {
      const entry = audit();
      await tokens.put(token("a"), entry);
      expect(await auditCount()).toBe(1);
      await expect(tokens.put(token("b"), entry)).rejects.toThrow();
      expect(await tokens.find(token("b").tokenHash)).toBeUndefined();
      await expect(tokens.remove(token("a").tokenHash, entry)).rejects.toThrow();
      expect(await tokens.find(token("a").tokenHash)).toBeDefined();
    });

    it("removes one, with an entry only if it was there", async () => {
      await tokens.put(token("a"), audit());
      expect(await tokens.remove(token("b").tokenHash, audit())).toBe(false);
      expect(await auditCount()).toBe(1);
      expect(await tokens.remove(token("a").tokenHash, audit())).toBe(true);
      expect(await auditCount()).toBe(2);
      expect(await tokens.remove(token("a").tokenHash, undefined)).toBe(false);
    });

    it("removes those of a principal, but for one", async () => {
      for (const each of ["a", "b", "c"]) await tokens.put(token(each), audit());
      await tokens.put(token("d", { uid: "2" }), audit());
      expect(await tokens.removeAllOf("1", token("b").tokenHash)).toBe(2);
      expect(await tokens.find(token("b").tokenHash)).toBeDefined();
      expect(await tokens.removeAllOf("1")).toBe(1);
      expect(await tokens.find(token("d").tokenHash)).toBeDefined();
    });

    it("lists a principal's, newest first, without expired ones", async () => {
      await tokens.put(token("a"), audit());
      await tokens.put(token("b", { issuedMs: nowMs + 1 }), audit());
      await tokens.put(token("c", { expiresMs: nowMs }), audit());
      await tokens.put(token("d", { uid: "2" }), audit());
      const hashes = (await tokens.listOf("1", nowMs)).map(({ tokenHash }) => tokenHash);
      expect(hashes).toEqual([token("b").tokenHash, token("a").tokenHash]);
    });

    it("prunes what has expired", async () => {
      await tokens.put(token("a", { expiresMs: nowMs }), audit());
      await tokens.put(token("b", { expiresMs: nowMs + 1 }), audit());
      expect(await tokens.prune(nowMs)).toBe(1);
      expect(await tokens.find(token("a").tokenHash)).toBeUndefined();
      expect(await tokens.find(token("b").tokenHash)).toBeDefined();
    });
  });
}
