import { beforeEach, describe, expect, it } from "vitest";
import type { AuditEntryTable, ControlDatabase } from "../control-store/schema.ts";
import { AuditStore } from "./audit-store.ts";
import { rowToEntry } from "./audit-text.ts";
import type { AuditFilter } from "./ports.ts";

const startMs = 1_700_000_000_000;
const idOf = (number: number) => number.toString(16).padStart(32, "0");

function entryRow(number: number, changes: Partial<AuditEntryTable> = {}): AuditEntryTable {
  return {
    entryId: idOf(number),
    timeMs: startMs + number,
    tenantId: "tenant-1",
    uid: "1",
    credentialKind: "access-key",
    credentialId: "LTAI",
    sourceAddress: "192.0.2.1",
    requestId: `request-${number}`,
    action: "iam:user:create",
    resourceKind: "user",
    resourceId: "u",
    outcome: "done",
    occurrences: 1,
    detail: '{"name":"\u{1f600}"}',
    txId: null,
    ...changes,
  };
}

/** What the audit entries must do on any control database. `open` answers one without any. */
export function auditStoreSuite(name: string, open: () => Promise<{ readonly database: ControlDatabase }>): void {
  describe(`audit store: ${name}`, () => {
    let database: ControlDatabase;
    let store: AuditStore;
    beforeEach(async () => {
      ({ database } = await open());
      store = new AuditStore(database);
    });
    const insert = async (...rows: AuditEntryTable[]) => {
      await database.insertInto("auditEntries").values(rows).execute();
    };
    const pendingIds = async (limit: number, except: readonly string[] = []) =>
      (await store.pending(limit, except)).map(({ entryId }) => entryId);

    it("finds an entry with everything that was written", async () => {
      await insert(entryRow(1));
      const row = await store.find(idOf(1));
      if (row === undefined) throw new Error("no row");
      expect(rowToEntry(row)).toMatchObject({
        entryId: idOf(1),
        timeMs: startMs + 1,
        credential: { kind: "access-key", id: "LTAI" },
        resource: { kind: "user", id: "u" },
        occurrences: 1,
        detail: { name: "\u{1f600}" },
        txId: null,
      });
      expect(await store.find(idOf(2))).toBeUndefined();
    });

    it("tells what waits, oldest first, until it is marked, once", async () => {
      await insert(entryRow(3), entryRow(1), entryRow(2));
      expect(await pendingIds(2)).toEqual([idOf(1), idOf(2)]);
      expect(await pendingIds(9, [idOf(1)])).toEqual([idOf(2), idOf(3)]);
      await store.mark([idOf(1), idOf(3)], "tx-1");
      await store.mark([idOf(1), idOf(2)], "tx-2");
      expect(await pendingIds(9)).toEqual([]);
      const txIds = (await store.list({ limit: 9 })).map(({ txId }) => txId);
      expect(txIds).toEqual(["tx-1", "tx-2", "tx-1"]);
    });

    it("forgets old entries that are marked", async () => {
      await insert(entryRow(1, { txId: "tx" }), entryRow(2), entryRow(3, { txId: "tx" }));
      expect(await store.prune(startMs + 3)).toBe(1);
      expect((await store.list({ limit: 9 })).map(({ entryId }) => entryId)).toEqual([idOf(3), idOf(2)]);
    });

    it("lists newest first, by each filter and from an entry on", async () => {
      await insert(
        entryRow(1, { tenantId: null, uid: null, outcome: "refused" }),
        entryRow(2, { action: "IAM:user:delete", resourceKind: "group" }),
        entryRow(3, { action: "iam_user", resourceId: "v", uid: "2" }),
        entryRow(4, { tenantId: "tenant-2" }),
      );
      const found = async (filter: Partial<AuditFilter>) =>
        (await store.list({ limit: 9, ...filter })).map(({ entryId }) => Number.parseInt(entryId, 16));
      expect(await found({})).toEqual([4, 3, 2, 1]);
      expect(await found({ limit: 2 })).toEqual([4, 3]);
      expect(await found({ after: idOf(3) })).toEqual([2, 1]);
      expect(await found({ tenantId: "tenant-2" })).toEqual([4]);
      expect(await found({ uid: "2" })).toEqual([3]);
      expect(await found({ fromMs: startMs + 2, toMs: startMs + 3 })).toEqual([3, 2]);
      expect(await found({ actionPrefix: "iam:" })).toEqual([4, 1]);
      expect(await found({ actionPrefix: "iam_" })).toEqual([3]);
      expect(await found({ actionPrefix: "%" })).toEqual([]);
      expect(await found({ resourceKind: "group" })).toEqual([2]);
      expect(await found({ resourceId: "v" })).toEqual([3]);
      expect(await found({ outcome: "refused" })).toEqual([1]);
      expect(await found({ requestId: "request-2" })).toEqual([2]);
    });
  });
}
