import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashPassword } from "../authentication/password-hash.ts";
import type { Caller, Principal } from "../ports.ts";
import { auditTrail } from "../testing/audit-trail.ts";
import { type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";

const passwordCost = { memory: 8, passes: 1, parallelism: 1 };
let harness: Harness;
let cast: Cast;
let root: Caller;
let account: Caller;
beforeEach(async () => {
  harness = await Harness.start({ authentication: { passwordCost } });
  cast = await createCast(harness);
  root = harness.callerOf(cast.administrator);
  account = harness.callerOf(cast.memberAccount);
});
afterEach(() => harness.dispose());

const tenancy = () => harness.platform.tenancy;
const principal = (uid: string): Principal => harness.platform.provisioning.directory.principal(uid) ?? cast.stranger;
const page = { page: 1, pageSize: 10 };
const password = "Correct-horse-1";

describe("users", () => {
  const create = (name: string, further: object = {}) => tenancy().users.create(account, { name, ...further });

  it("are made with or without a password, of which only the hash is kept", async () => {
    const plain = await create("plain");
    expect(plain).toMatchObject({ kind: "ram-user", tenantId: account.tenantId, enabled: true, hasPassword: false });
    const { uid, hasPassword } = await create("signed-in", { password });
    expect(hasPassword).toBe(true);
    expect(await tenancy().users.get(account, uid)).toMatchObject({ name: "signed-in", hasPassword: true });
    const { state } = await harness.store.load();
    expect(state.passwords).toMatchObject([{ uid, hash: expect.stringMatching(/^\$argon2id\$/) }]);
    const name = { tenantName: "member-company", userName: "signed-in" };
    const origin = { sourceAddress: undefined, requestId: "" };
    const caller = await harness.platform.authentication.byPassword(name, password, origin);
    expect(caller).toMatchObject({ principal: { uid }, tenantId: account.tenantId });
    const trail = await auditTrail(harness.store, "iam:user:create");
    expect(trail).toHaveLength(3);
    expect(trail).toContainEqual(
      expect.objectContaining({
        resourceId: uid,
        uid: cast.memberAccount.uid,
        detail: { name: "signed-in", hasPassword: true },
      }),
    );
    expect(JSON.stringify(trail)).not.toContain(password);
  });

  it("do not get a password that is easily guessed", async () => {
    for (const weak of ["short", "aaaaaaaaaaa", "who-is-Robert-99"]) {
      expect(await codeOf(create("Robert-99", { password: weak }))).toBe("PASSWORD_INVALID");
    }
  });

  it("are refused with the reason", async () => {
    expect(await codeOf(create("sensor"))).toBe("NAME_EXISTS");
    expect(await codeOf(create("x"))).toBe("NAME_INVALID");
    expect(await codeOf(create("foreign", { tenantId: root.tenantId }))).toBe("ACCESS_DENIED");
    const { uid } = cast.memberPrincipal;
    const { users } = tenancy();
    const stranger = harness.callerOf(cast.stranger);
    expect(await codeOf(users.get(stranger, uid))).toBe("USER_UNKNOWN");
    expect(await codeOf(users.delete(stranger, uid))).toBe("USER_UNKNOWN");
    expect(await codeOf(users.get(account, "0"))).toBe("USER_UNKNOWN");
    expect(await codeOf(users.setEnabled(account, { uid: cast.memberAccount.uid, enabled: false }))).toBe(
      "ACCOUNT_KIND_REFUSED",
    );
    expect(await codeOf(users.delete(root, cast.memberAccount.uid))).toBe("ACCOUNT_KIND_REFUSED");
    expect(await users.get(root, uid)).toMatchObject({ name: "sensor" });
  });

  it("look at themselves, whatever their credential reaches, and at nobody else", async () => {
    const self: Caller = { ...harness.callerOf(cast.memberPrincipal), scope: { kind: "unscoped" } };
    expect(await tenancy().users.get(self, self.principal.uid)).toMatchObject({ name: "sensor" });
    expect(await codeOf(tenancy().users.get(self, cast.memberAccount.uid))).toBe("ACCESS_DENIED");
    expect(await codeOf(tenancy().users.list(self, page))).toBe("ACCESS_DENIED");
  });

  it("are listed with their account", async () => {
    await create("second");
    const list = async (query: object) => (await tenancy().users.list(account, { ...page, ...query })).items;
    expect((await list({})).map(({ name }) => name).sort()).toEqual(["member-company", "second", "sensor"]);
    expect(await list({ name: "second" })).toMatchObject([{ kind: "ram-user" }]);
    expect(await list({ enabled: false })).toEqual([]);
  });

  it("who are disabled do nothing, over a restart, until they are enabled", async () => {
    const { uid } = cast.memberPrincipal;
    const { bizChainId } = cast.chain.chain;
    expect(await tenancy().users.setEnabled(account, { uid, enabled: false })).toMatchObject({ enabled: false });
    await harness.restart();
    expect(await codeOf(harness.platform.chains.get(principal(uid), bizChainId))).toBe("ACCESS_DENIED");
    await tenancy().users.setEnabled(account, { uid, enabled: true });
    expect(await harness.platform.chains.get(principal(uid), bizChainId)).toMatchObject({ role: "member" });
  });

  it("who are deleted leave their records, and nothing that anybody could use", async () => {
    const { uid } = cast.memberPrincipal;
    const record = { chainCode: cast.chain.chain.bizChainCode, key: keyOf(cast.member, 1) };
    await harness.platform.evidence.set(cast.memberPrincipal, { ...record, value: "v" }, harness.nonce());
    const { groupId } = await tenancy().groups.create(account, { name: "group" });
    await tenancy().groups.addMember(account, { groupId, uid });
    const grant = { policyId: "Concordat Auditor", granteeKind: "user", granteeId: uid, scopeKind: "tenant" } as const;
    await tenancy().grants.create(account, grant);
    const hash = await hashPassword(password, passwordCost, { random: { bytes: (count) => new Uint8Array(count) } });
    await harness.commit([{ table: "passwords", row: { uid, hash, changedMs: 1 } }]);
    await harness.restart();

    await tenancy().users.delete(account, uid);
    const gone = async () => {
      const { state } = await harness.store.load();
      for (const table of ["accessKeys", "passwords", "groupMembers"] as const) {
        expect(state[table].filter((row) => row.uid === uid)).toEqual([]);
      }
      expect(state.grants).toEqual([]);
      expect(state.certificates.filter((row) => row.uid === uid).every(({ status }) => status === "revoked")).toBe(
        true,
      );
      expect(await codeOf(tenancy().users.get(account, uid))).toBe("USER_UNKNOWN");
      expect((await tenancy().users.list(account, { ...page, name: "sensor" })).total).toBe(0);
      expect(harness.platform.provisioning.directory.principal(uid)).toBeUndefined();
    };
    await gone();
    await harness.restart();
    await gone();
    expect(await auditTrail(harness.store, "iam:user:delete")).toMatchObject([
      {
        resourceId: uid,
        detail: { name: "sensor", removed: { accessKeys: 1, passwords: 1, groupMembers: 1, grants: 1 } },
      },
    ]);
    expect(await harness.platform.evidence.get(cast.administrator, record)).toMatchObject({
      value: "v",
      writerUid: uid,
    });
    // The name is free; the uid and the data-type code stay taken.
    const again = await create("sensor");
    expect(again.uid).not.toBe(uid);
    const { bizChainId } = cast.chain.chain;
    const joined = await harness.platform.members.create(root, { bizChainId, uid: again.uid });
    expect(joined.dataTypeCode).not.toBe(cast.member.dataTypeCode);
    expect(await codeOf(harness.platform.members.create(root, { bizChainId, uid }))).toBe("ACCOUNT_UNKNOWN");
  });
});

describe("groups", () => {
  it("are made, changed and found", async () => {
    const { groups } = tenancy();
    const { groupId } = await groups.create(account, { name: "Field team", description: "d" });
    expect(await groups.update(account, { groupId, name: "Lab team" })).toMatchObject({
      name: "Lab team",
      description: "d",
    });
    expect((await groups.list(account, { ...page, name: "Lab team" })).items).toMatchObject([{ groupId }]);
    expect(await codeOf(groups.create(account, { name: "Lab team" }))).toBe("NAME_EXISTS");
    expect(await codeOf(groups.create(account, { name: "" }))).toBe("NAME_INVALID");
    expect(await codeOf(groups.get(harness.callerOf(cast.stranger), groupId))).toBe("GROUP_UNKNOWN");
    expect(await codeOf(groups.create(harness.callerOf(cast.memberPrincipal), { name: "mine" }))).toBe("ACCESS_DENIED");
  });

  it("take users of their tenant, each once, and let them go", async () => {
    const { groups } = tenancy();
    const { groupId } = await groups.create(account, { name: "group" });
    const { uid } = cast.memberPrincipal;
    const members = async () => (await groups.listMembers(account, { ...page, groupId })).items.map((user) => user.uid);
    for (const _ of [1, 2]) await groups.addMember(account, { groupId, uid });
    expect(await members()).toEqual([uid]);
    const { uid: foreign } = await tenancy().users.create(harness.callerOf(cast.stranger), { name: "foreign" });
    expect(await codeOf(groups.addMember(account, { groupId, uid: foreign }))).toBe("USER_UNKNOWN");
    expect(await codeOf(groups.addMember(account, { groupId, uid: cast.memberAccount.uid }))).toBe(
      "ACCOUNT_KIND_REFUSED",
    );
    for (const _ of [1, 2]) await groups.removeMember(account, { groupId, uid });
    expect(await members()).toEqual([]);
    const trail = await auditTrail(harness.store, "iam:group:");
    expect(trail.map(({ action }) => action)).toHaveLength(3);
  });

  it("are removed with their memberships and grants", async () => {
    const { groups, grants } = tenancy();
    const { groupId } = await groups.create(account, { name: "group" });
    await groups.addMember(account, { groupId, uid: cast.memberPrincipal.uid });
    const grant = {
      policyId: "Concordat Auditor",
      granteeKind: "group",
      granteeId: groupId,
      scopeKind: "tenant",
    } as const;
    await grants.create(account, grant);
    const user = harness.callerOf(cast.memberPrincipal);
    expect((await groups.list(user, page)).total).toBe(1);
    await groups.delete(account, groupId);
    expect(await codeOf(groups.list(user, page))).toBe("ACCESS_DENIED");
    const { state } = await harness.store.load();
    expect([state.groups, state.groupMembers, state.grants]).toEqual([[], [], []]);
  });
});
