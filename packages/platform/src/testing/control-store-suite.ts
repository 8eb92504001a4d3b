import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ControlStore } from "../control-store/port.ts";
import type { ControlChange } from "../control-store/rows.ts";
import type { AuditEntryTable } from "../control-store/schema.ts";
import { primaryKeyOf, tableOrder } from "../control-store/tables.ts";
import { changeOf, fullChanges, fullRow, nullableColumns } from "./full-rows.ts";

export interface ControlStoreFixture {
  /** Opens the store; again after `close` it must find what was committed. Several may be open at a time if the database allows it. */
  open(): Promise<ControlStore>;
  dispose(): Promise<void>;
}

const setting = (name: string, value = ""): ControlChange => ({ table: "settings", row: { name, value } });
const removed = (change: ControlChange) => ({ ...change, remove: true }) as ControlChange;

const auditEntry: AuditEntryTable = {
  entryId: "0".repeat(32),
  timeMs: 1_700_000_000_000,
  tenantId: null,
  uid: "uid",
  credentialKind: "access-key",
  credentialId: "LTAI1",
  sourceAddress: "::1",
  requestId: "1",
  action: "iam:user:create",
  resourceKind: "user",
  resourceId: "1",
  outcome: "done",
  occurrences: 1,
  detail: '{"名":"值"}',
  txId: null,
};

/** What every control store must do. */
export function controlStoreSuite(name: string, createFixture: () => Promise<ControlStoreFixture>): void {
  describe(`control store: ${name}`, () => {
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

    const commit = async (...changes: ControlChange[]) =>
      store.commit({ changes, basedOn: (await store.load()).version });
    const rows = async () => (await store.load()).state;
    const auditEntries = () => store.database.selectFrom("auditEntries").selectAll().execute();

    it("is empty at first", async () => {
      const { version, state } = await store.load();
      expect(version).toBe(0);
      expect(Object.keys(state)).toEqual([...tableOrder]);
      expect(Object.values(state).flat()).toEqual([]);
    });

    it("keeps every column of every table over a reopening", async () => {
      await commit(...fullChanges());
      await store.close();
      store = await fixture.open();
      const expected = Object.fromEntries(tableOrder.map((table) => [table, [fullRow(table)]]));
      expect(await rows()).toEqual(expected);
    });

    it("keeps columns without a value", async () => {
      await commit(...fullChanges());
      for (const [table, columns] of Object.entries(nullableColumns)) {
        // The keys of a record are the names of its type.
        const tableName = table as keyof typeof nullableColumns;
        const row = { ...fullRow(tableName), ...Object.fromEntries(columns.map((column) => [column, null])) };
        await commit(changeOf(tableName, row));
        expect((await rows())[tableName]).toEqual([row]);
      }
    });

    it.each(tableOrder)("replaces and removes rows of %s by their primary key", async (table) => {
      await commit(...fullChanges());
      const row = Object.fromEntries(
        Object.entries(fullRow(table)).map(([column, value]) => [column, typeof value === "boolean" ? !value : value]),
      );
      await commit(changeOf(table, row));
      expect((await rows())[table]).toEqual([row]);
      await commit(...fullChanges().map(removed));
      expect(Object.values(await rows()).flat()).toEqual([]);
    });

    it("orders rows by primary key, capitals before small letters", async () => {
      for (const settingName of ["b", "a", "B", "c", "ä"]) await commit(setting(settingName));
      expect((await rows()).settings.map((row) => row.name)).toEqual(["B", "a", "b", "c", "ä"]);
    });

    it("counts a version for each commit with changes", async () => {
      expect(await store.commit({ changes: [setting("a")], basedOn: 0 })).toBe(1);
      expect(await store.commit({ changes: [setting("a"), setting("b")], basedOn: 1 })).toBe(2);
      expect(await store.commit({ changes: [], basedOn: 2 })).toBe(2);
      expect(await store.commit({ changes: [], audit: [auditEntry], basedOn: 2 })).toBe(2);
      expect((await store.load()).version).toBe(2);
    });

    it("refuses changes planned on an older version, and writes nothing of them", async () => {
      await store.commit({ changes: [setting("a")], basedOn: 0 });
      const stale = store.commit({ changes: [setting("b")], audit: [auditEntry], basedOn: 0 });
      await expect(stale).rejects.toMatchObject({ code: "CONTROL_STALE", facts: { basedOn: 0, found: 1 } });
      expect((await rows()).settings).toHaveLength(1);
      expect(await auditEntries()).toEqual([]);
    });

    it("lets one of several commits on the same version through", async () => {
      const codes = await Promise.all(
        ["a", "b", "c", "d"].map((each) =>
          store.commit({ changes: [setting(each)], basedOn: 0 }).catch((error: { code?: string }) => error.code),
        ),
      );
      expect(codes.toSorted()).toEqual([1, "CONTROL_STALE", "CONTROL_STALE", "CONTROL_STALE"]);
      expect((await rows()).settings).toHaveLength(1);
    });

    it("writes audit entries with their changes or not at all", async () => {
      await store.commit({ changes: fullChanges(), audit: [auditEntry], basedOn: 0 });
      const conflict = changeOf("tenants", { ...fullRow("tenants"), tenantId: "second" });
      const second = { ...auditEntry, entryId: "1".repeat(32) };
      const refused = store.commit({ changes: [setting("x"), conflict], audit: [second], basedOn: 1 });
      await expect(refused).rejects.toMatchObject({ code: "CONTROL_CONFLICT" });
      const repeated = store.commit({ changes: [setting("x")], audit: [auditEntry], basedOn: 1 });
      await expect(repeated).rejects.toMatchObject({ code: "CONTROL_CONFLICT" });
      const [entry, ...others] = await auditEntries();
      expect({ ...entry, timeMs: Number(entry?.timeMs), occurrences: Number(entry?.occurrences) }).toEqual(auditEntry);
      expect(others).toEqual([]);
      expect((await store.load()).version).toBe(1);
      expect((await rows()).settings).toHaveLength(1);
    });

    it.each([
      ["a chain code", "chains", { bizChainId: "2", channelId: "ltl-2" }],
      ["a channel", "chains", { bizChainId: "2", bizChainCode: "code2" }],
      ["a data-type code", "memberships", { uid: "2", memberId: "2" }],
      ["a RAM user of a chain", "memberships", { memberId: "2", dataTypeCode: "2" }],
      ["an account's name", "principals", { uid: "2", userId: "2" }],
      ["a user id", "principals", { uid: "2", name: "2" }],
      ["a tenant's name", "tenants", { tenantId: "2", accountUid: "2" }],
      ["a project's name", "projects", { projectId: "2" }],
      ["a group's name", "groups", { groupId: "2" }],
      ["a policy's name", "policies", { policyId: "2" }],
      ["a grant", "grants", { grantId: "2" }],
      ["a product's name", "deviceProducts", { productKey: "2" }],
      ["a network's name", "networks", { networkId: "2" }],
      ["a node's name", "nodes", { nodeId: "2" }],
    ] as const)("refuses to repeat %s, and writes nothing of that commit", async (_, table, differences) => {
      await commit(...fullChanges());
      await commit(changeOf("principals", { ...fullRow("principals"), uid: "2", userId: "22", name: "two" }));
      const before = await store.load();
      const repeated = changeOf(table, { ...fullRow(table), ...differences });
      await expect(commit(setting("other"), repeated)).rejects.toMatchObject({ code: "CONTROL_CONFLICT" });
      expect(await store.load()).toEqual(before);
    });

    it("refuses rows that refer to nothing, and to remove what is referred to", async () => {
      const orphan = commit(changeOf("accessKeys", fullRow("accessKeys")));
      await expect(orphan).rejects.toMatchObject({ code: "CONTROL_CONFLICT" });
      await commit(...fullChanges());
      const removal = commit(removed(changeOf("tenants", fullRow("tenants"))));
      await expect(removal).rejects.toMatchObject({ code: "CONTROL_CONFLICT" });
    });

    it("lets an account own several organizations", async () => {
      await commit(...fullChanges());
      await commit(changeOf("organizations", { ...fullRow("organizations"), mspId: "OrgB" }));
      expect((await rows()).organizations).toHaveLength(2);
    });

    it("lets RAM users of different accounts share a name, and gives a deleted one's to the next", async () => {
      await commit(...fullChanges());
      const user = { ...fullRow("principals"), kind: "ram-user", name: "same", deletedMs: null };
      await commit(changeOf("principals", { ...user, uid: "2", userId: "2" }));
      await commit(changeOf("principals", { ...user, uid: "3", userId: "3", accountUid: "9" }));
      const repeated = changeOf("principals", { ...user, uid: "4", userId: "4" });
      await expect(commit(repeated)).rejects.toMatchObject({ code: "CONTROL_CONFLICT" });
      await commit(changeOf("principals", { ...user, uid: "2", userId: "2", deletedMs: 1 }));
      await commit(repeated);
    });

    it("tells what changed since a version: each row once, as it stands now", async () => {
      await commit(...fullChanges());
      const all = await store.changesSince(0);
      expect(all.version).toBe(1);
      const expected = tableOrder.map((table) => {
        const row = fullRow(table);
        return { table, key: primaryKeyOf(table, row), row };
      });
      expect(all.changes).toHaveLength(expected.length);
      expect(all.changes).toEqual(expect.arrayContaining(expected));
      expect(await store.changesSince(1)).toEqual({ version: 1, changes: [] });
      await commit(setting("a", "1"));
      await commit(setting("b", "1"));
      await commit(setting("a", "2"));
      await commit(removed(setting("b")));
      expect(await store.changesSince(1)).toEqual({
        version: 5,
        changes: [
          { table: "settings", key: '["b"]', row: undefined },
          { table: "settings", key: '["a"]', row: { name: "a", value: "2" } },
        ],
      });
      expect((await store.changesSince(4)).changes).toEqual([{ table: "settings", key: '["b"]', row: undefined }]);
      expect(await store.changesSince(5)).toEqual({ version: 5, changes: [] });
    });

    it("tells a removed row's return, and rows in the order in which they refer to each other", async () => {
      await commit(setting("a", "1"));
      await commit(removed(setting("a")));
      await commit(setting("a", "3"));
      expect((await store.changesSince(2)).changes).toMatchObject([{ row: { value: "3" } }]);
      await commit(...fullChanges());
      const order = (await store.changesSince(3)).changes.map(({ table }) => tableOrder.indexOf(table));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    });
  });
}
