import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ControlStore } from "../control-store/port.ts";
import type { ControlChange } from "../control-store/rows.ts";
import { tableOrder } from "../control-store/tables.ts";
import {
  type DatabaseKind,
  earlierSchema,
  isInEarlierSchema,
  upgradedRow,
  versionBeforeLtl,
} from "./earlier-schema.ts";
import { changeOf, fullRow } from "./full-rows.ts";

export interface UpgradeFixture {
  readonly kind: DatabaseKind;
  /** Runs statements on the database, which is empty at first, behind the store's back. */
  run(statements: readonly string[]): Promise<void>;
  open(): Promise<ControlStore>;
  dispose(): Promise<void>;
}

/** What a control store must do with the rows of an earlier release. */
export function upgradeSuite(name: string, createFixture: () => Promise<UpgradeFixture>): void {
  describe(`upgrade of a control store: ${name}`, () => {
    let fixture: UpgradeFixture;
    let store: ControlStore;
    beforeEach(async () => {
      fixture = await createFixture();
      await fixture.run([
        "BEGIN",
        ...earlierSchema(fixture.kind, versionBeforeLtl),
        "UPDATE control_version SET version = 1",
        // As the release of then named the row.
        `INSERT INTO control_changes (version, table_name, primary_key, removed)
         VALUES (1, 'memberships', '["bizChainId","uid"]', 0)`,
        "COMMIT",
      ]);
      store = await fixture.open();
    });
    afterEach(async () => {
      await store.close();
      await fixture.dispose();
    });

    const commit = async (...changes: ControlChange[]) =>
      store.commit({ changes, basedOn: (await store.load()).version });
    const membership = upgradedRow("memberships", fullRow("memberships"));
    const place = (fields: object) => changeOf("memberships", { ...membership, ...fields });
    const user = (uid: string) => changeOf("principals", { ...fullRow("principals"), uid, userId: uid, name: uid });
    const removed = (change: ControlChange) => ({ ...change, remove: true }) as ControlChange;

    it("keeps every row under the name that it had, once; members get their uid as their id, and their user's name", async () => {
      for (const _ of ["first", "second"]) {
        const { state } = await store.load();
        for (const table of tableOrder) {
          expect(state[table], table).toEqual(isInEarlierSchema(table) ? [upgradedRow(table, fullRow(table))] : []);
        }
        expect((await store.changesSince(0)).changes).toEqual([
          { table: "memberships", key: '["bizChainId","uid"]', row: membership },
        ]);
        await store.close();
        store = await fixture.open();
      }
    });

    it("holds members to what it held them to before", async () => {
      await commit(user("2"));
      const cases = {
        "a code twice": place({ uid: "2", memberId: "2" }),
        "a user twice": place({ memberId: "2", dataTypeCode: "code" }),
        "no such user": place({ uid: "3", memberId: "3", dataTypeCode: "code" }),
        "no such chain": place({ bizChainId: "none", dataTypeCode: "code" }),
        "a chain with members": removed(changeOf("chains", upgradedRow("chains", fullRow("chains")))),
        "a product's name": changeOf("deviceProducts", { ...fullRow("deviceProducts"), productKey: "2" }),
      };
      for (const [what, change] of Object.entries(cases)) {
        await expect(commit(change), what).rejects.toMatchObject({ code: "CONTROL_CONFLICT" });
      }
    });

    it("takes what the present release writes", async () => {
      await commit(user("2"));
      const anywhere = { ...fullRow("deviceProducts"), productKey: "2", name: "2", bizChainId: null };
      await commit(place({ uid: "2", formerUid: "uid", locked: true }), changeOf("deviceProducts", anywhere));
      const changes = ["devices", "deviceGroups", "unauthorizedDevices"] as const;
      await commit(...changes.map((table) => changeOf(table, fullRow(table))));
      const { state } = await store.load();
      expect(state.memberships).toEqual([{ ...membership, uid: "2", formerUid: "uid", locked: true }]);
      expect(state.deviceProducts).toContainEqual(anywhere);
      expect(state.unauthorizedDevices).toEqual([fullRow("unauthorizedDevices")]);
    });
  });
}
