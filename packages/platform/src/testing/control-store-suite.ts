import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type {
  AccessKeyRow,
  ChainRow,
  ControlStore,
  MembershipRow,
  OrganizationRow,
  PrincipalRow,
  SmCheckpointKeyRow,
} from "../control-store/port.ts";

export interface ControlStoreFixture {
  /** Opens the store; again after `close` it must find what was committed. */
  open(): Promise<ControlStore>;
  dispose(): Promise<void>;
}

const bytes = (...values: number[]) => Uint8Array.from(values);

const organization: OrganizationRow = {
  mspId: "OrgA",
  accountUid: "1",
  name: "组织 A",
  caCertificatePem: "ca",
  caKeySealed: bytes(1, 0, 255),
  tlsCaCertificatePem: "tls",
  tlsCaKeySealed: bytes(2),
  adminCertificatePem: "admin",
  adminKeySealed: bytes(3),
  checkpointPublicKey: bytes(4),
  checkpointCertificate: bytes(5),
  checkpointKeySealed: bytes(6),
  createdMs: 1_700_000_000_000,
};
const smCheckpointKey: SmCheckpointKeyRow = {
  mspId: "OrgA",
  publicKey: bytes(4, 1),
  certificate: bytes(9),
  keySealed: bytes(10),
  createdMs: 7,
};
const principal: PrincipalRow = {
  uid: "1",
  accountUid: "1",
  kind: "account",
  name: "a",
  mspId: "OrgA",
  certificatePem: "pem",
  privateKeySealed: bytes(7),
  ledgerServiceOpened: true,
  installationAdministrator: false,
  createdMs: 2,
};
const accessKey: AccessKeyRow = { accessKeyId: "LTAI1", uid: "1", secretSealed: bytes(8), active: true, createdMs: 3 };
const chain: ChainRow = {
  bizChainId: "c1",
  bizChainCode: "code1",
  channelId: "ltl-c1",
  name: "chain",
  remark: "",
  edition: "standard",
  administratorUid: "1",
  effectiveMs: 4,
  expiresMs: 5,
  countQuota: 10_000_000,
  capacityQuotaBytes: 800_000_000_000,
  blockCutting: { messageCountMax: 1, bytesMax: 2048, timeoutMs: 3, cutWhenIdle: false },
  cryptography: "sm",
  status: "creating",
};
const membership: MembershipRow = {
  bizChainId: "c1",
  uid: "1",
  role: "administrator",
  dataTypeCode: "AB12",
  status: "active",
  createdMs: 6,
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

    const commitAll = () =>
      // Not in the order of their references: the store sorts that out.
      store.commit([
        { table: "memberships", row: membership },
        { table: "chains", row: chain },
        { table: "accessKeys", row: accessKey },
        { table: "principals", row: principal },
        { table: "smCheckpointKeys", row: smCheckpointKey },
        { table: "organizations", row: organization },
        { table: "settings", row: { name: "s", value: "v" } },
      ]);

    it("is empty at first", async () => {
      const state = await store.load();
      expect(Object.values(state).flat()).toEqual([]);
    });

    it("keeps every column of every table over a reopening", async () => {
      await commitAll();
      await store.close();
      store = await fixture.open();
      expect(await store.load()).toEqual({
        settings: [{ name: "s", value: "v" }],
        organizations: [organization],
        smCheckpointKeys: [smCheckpointKey],
        principals: [principal],
        accessKeys: [accessKey],
        chains: [chain],
        memberships: [membership],
      });
    });

    it("replaces a row with the same primary key and removes those that are to go", async () => {
      await commitAll();
      await store.commit([
        { table: "chains", row: { ...chain, status: "active", name: "renamed" } },
        { table: "accessKeys", row: { ...accessKey, active: false } },
        { table: "settings", row: { name: "s", value: "w" } },
      ]);
      const state = await store.load();
      expect(state.chains).toEqual([{ ...chain, status: "active", name: "renamed" }]);
      expect(state.accessKeys).toEqual([{ ...accessKey, active: false }]);
      expect(state.settings).toEqual([{ name: "s", value: "w" }]);
      await store.commit([
        { table: "chains", row: chain, remove: true },
        { table: "memberships", row: membership, remove: true },
      ]);
      expect(await store.load()).toMatchObject({ chains: [], memberships: [] });
    });

    it("orders rows by primary key", async () => {
      for (const settingName of ["b", "a", "c"]) {
        await store.commit([{ table: "settings", row: { name: settingName, value: "" } }]);
      }
      expect((await store.load()).settings.map((row) => row.name)).toEqual(["a", "b", "c"]);
    });

    it.each([
      ["a chain code", { table: "chains", row: { ...chain, bizChainId: "c2", channelId: "ltl-c2" } }],
      ["a channel", { table: "chains", row: { ...chain, bizChainId: "c2", bizChainCode: "code2" } }],
      ["an account's name", { table: "principals", row: { ...principal, uid: "2", accountUid: "2" } }],
      ["an account's organization", { table: "organizations", row: { ...organization, mspId: "OrgB" } }],
    ] as const)("refuses to repeat %s, and writes nothing of that commit", async (_, change) => {
      await commitAll();
      const before = await store.load();
      const other = { table: "settings", row: { name: "other", value: "" } } as const;
      await expect(store.commit([other, change])).rejects.toMatchObject({ code: "CONTROL_CONFLICT" });
      expect(await store.load()).toEqual(before);
    });

    it("refuses a data-type code that another membership has", async () => {
      await commitAll();
      const second = { ...principal, uid: "2", kind: "ram-user", name: "b" } as const;
      await store.commit([{ table: "principals", row: second }]);
      const repeated = store.commit([{ table: "memberships", row: { ...membership, uid: "2", role: "member" } }]);
      await expect(repeated).rejects.toMatchObject({ code: "CONTROL_CONFLICT" });
    });

    it("lets RAM users of different accounts share a name", async () => {
      await commitAll();
      const user = { ...principal, kind: "ram-user", name: "same" } as const;
      await store.commit([{ table: "principals", row: { ...user, uid: "2" } }]);
      await store.commit([{ table: "principals", row: { ...user, uid: "3", accountUid: "9" } }]);
      const repeated = store.commit([{ table: "principals", row: { ...user, uid: "4" } }]);
      await expect(repeated).rejects.toMatchObject({ code: "CONTROL_CONFLICT" });
    });

    it("keeps idempotency entries by principal and key, and drops old ones", async () => {
      const entry = {
        key: "k",
        principalUid: "1",
        operation: "o",
        requestHash: "h",
        response: undefined,
        createdMs: 10,
      };
      await store.putIdempotency(entry);
      await store.putIdempotency({ ...entry, principalUid: "2", response: "{}", createdMs: 20 });
      expect(await store.findIdempotency("1", "k")).toEqual(entry);
      await store.putIdempotency({ ...entry, response: '{"a":1}' });
      expect(await store.findIdempotency("1", "k")).toEqual({ ...entry, response: '{"a":1}' });
      expect(await store.pruneIdempotency(20)).toBe(1);
      expect(await store.findIdempotency("1", "k")).toBeUndefined();
      await store.removeIdempotency("2", "k");
      expect(await store.findIdempotency("2", "k")).toBeUndefined();
    });
  });
}
