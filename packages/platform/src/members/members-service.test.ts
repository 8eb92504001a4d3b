import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Principal } from "../ports.ts";
import { auditTrail } from "../testing/audit-trail.ts";
import { ledgerError } from "../testing/fake-ledger.ts";
import { type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";

let harness: Harness;
let cast: Cast;
let bizChainId: string;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
  ({ bizChainId } = cast.chain.chain);
});
afterEach(() => harness.dispose());

const members = () => harness.platform.members;
const as = (principal: Principal) => harness.callerOf(principal);
const page = { page: 1, pageSize: 100 };
const list = (input: { uid?: string; page?: number; pageSize?: number } = {}) =>
  members().list(cast.administrator, { bizChainId, ...page, ...input });
const add = (uid: string, caller = cast.administrator) => members().create(as(caller), { bizChainId, uid });

async function newUser(name: string, account = cast.memberAccount): Promise<Principal> {
  const { accounts } = harness.platform;
  return (await accounts.createRamUser(as(cast.administrator), { accountUid: account.uid, name })).principal;
}

describe("a new member", () => {
  it("has an id, a data-type code and the details that were given, its user's name for want of one", async () => {
    const [one, two] = [await newUser("one"), await newUser("two")];
    const details = { name: "某公司", contact: "张三", phone: "138-1111", remark: "某业务" };
    const full = await members().create(as(cast.administrator), { bizChainId, uid: one.uid, ...details });
    expect(full).toEqual({
      ...details,
      memberId: expect.stringMatching(/^[1-9][0-9]{15}$/),
      uid: one.uid,
      locked: false,
      dataTypeCode: expect.stringMatching(/^[0-9A-Z]{4}$/),
      createdMs: harness.clock.nowMs(),
    });
    const bare = await add(two.uid);
    expect(bare).toMatchObject({ name: "two", contact: "", phone: "", remark: "" });
    expect(new Set([full, bare, cast.member].map(({ dataTypeCode }) => dataTypeCode)).size).toBe(3);
    const [, entry] = await auditTrail(harness.store, "ltl:member:create");
    expect(entry).toMatchObject({
      resourceId: bizChainId,
      uid: cast.administrator.uid,
      detail: { memberId: full.memberId, memberUid: one.uid },
    });
  });

  it("brings its organization on the channel once", async () => {
    const { channelId } = cast.chain.chain;
    const before = await harness.ledger.status(channelId);
    expect(before.organizations.map(({ mspId }) => mspId)).toEqual([
      cast.administrator.mspId,
      cast.memberAccount.mspId,
    ]);
    await add((await newUser("second")).uid);
    expect((await harness.ledger.status(channelId)).configSequence).toBe(before.configSequence);
  });

  it("is refused with the reason, and leaves nothing behind", async () => {
    const { uid } = await newUser("late");
    const before = (await harness.store.load()).state;
    const cases = [
      ["ACCOUNT_UNKNOWN", { uid: "0" }],
      ["ACCOUNT_KIND_REFUSED", { uid: cast.stranger.uid }],
      ["MEMBER_EXISTS", { uid: cast.memberPrincipal.uid }],
      ["CHAIN_UNKNOWN", { uid, bizChainId: "0" }],
      ["ACCESS_DENIED", { uid, bizChainId: cast.otherChain.chain.bizChainId }],
      ["NAME_INVALID", { uid, name: "x" }],
      ["NAME_INVALID", { uid, name: "two words" }],
      ["NAME_INVALID", { uid, name: "x".repeat(31) }],
      ["MEMBER_CONTACT_INVALID", { uid, contact: "" }],
      ["MEMBER_CONTACT_INVALID", { uid, contact: "a,b" }],
      ["MEMBER_PHONE_INVALID", { uid, phone: "+86" }],
      ["MEMBER_PHONE_INVALID", { uid, phone: "1".repeat(21) }],
      ["REMARK_INVALID", { uid, remark: "x".repeat(101) }],
    ] as const;
    for (const [code, input] of cases) {
      const created = members().create(as(cast.administrator), { bizChainId, ...input });
      expect(await codeOf(created), JSON.stringify(input)).toBe(code);
    }
    for (const caller of [cast.stranger, cast.memberPrincipal]) {
      expect(await codeOf(add(uid, caller))).toBe("ACCESS_DENIED");
    }
    expect(await codeOf(add(uid, cast.unopened))).toBe("SERVICE_NOT_OPENED");
    expect(await codeOf(add(uid, cast.memberAccount))).toBe("ACCOUNT_KIND_REFUSED");
    expect((await harness.store.load()).state).toEqual(before);
  });

  it("that failed to join can be added again, or joins at the next start", async () => {
    const { uid } = await newUser("late", cast.stranger);
    const user = () => harness.platform.provisioning.directory.principal(uid) ?? cast.unopened;
    harness.ledger.failures.set("updateChannel", ledgerError("CHANNEL_FAILED"));
    expect(await codeOf(add(uid))).toBe("LEDGER_UNAVAILABLE");
    expect((await list({ uid })).total).toBe(0);
    const key = { chainCode: cast.chain.chain.bizChainCode, key: keyOf(cast.chain, 1) };
    expect(await codeOf(harness.platform.evidence.get(user(), key))).toBe("ACCESS_DENIED");
    await harness.restart();
    expect(await codeOf(harness.platform.evidence.get(user(), key))).toBe("EVIDENCE_UNKNOWN");
    expect(await codeOf(add(uid))).toBe("MEMBER_EXISTS");
    const { organizations } = await harness.ledger.status(cast.chain.chain.channelId);
    expect(organizations.map(({ mspId }) => mspId)).toContain(cast.stranger.mspId);

    const again = await newUser("again", cast.unopened);
    harness.ledger.failures.set("updateChannel", ledgerError("CHANNEL_FAILED"));
    expect(await codeOf(add(again.uid))).toBe("LEDGER_UNAVAILABLE");
    const input = { bizChainId, uid: again.uid, contact: "Li" };
    const made = await members().create(as(cast.administrator), input);
    expect(made).toMatchObject({ name: "again", contact: "Li" });
    expect((await list()).total).toBe(3);
  });

  it("that was deleted before it could join does not keep the next start from its work", async () => {
    const { uid } = await newUser("late", cast.stranger);
    harness.ledger.failures.set("updateChannel", ledgerError("CHANNEL_FAILED"));
    expect(await codeOf(add(uid))).toBe("LEDGER_UNAVAILABLE");
    await harness.platform.tenancy.users.delete(as(cast.stranger), uid);
    await harness.restart();
    expect((await list({ uid })).items).toMatchObject([{ uid, name: "late" }]);
  });

  it("of one of several organizations can join at the same time as others", async () => {
    const { accounts } = harness.platform;
    const users = await Promise.all(
      ["one", "two", "three"].map(async (name) => {
        const { principal: account } = await accounts.createAccount(as(cast.administrator), { name });
        return newUser("user", account);
      }),
    );
    await Promise.all(users.map(({ uid }) => add(uid)));
    expect((await harness.ledger.status(cast.chain.chain.channelId)).organizations).toHaveLength(5);
    expect((await list()).total).toBe(4);
  });

  it("is one within the chain's quota, also when several are made at once; the administrator is not counted", async () => {
    const quotas = { memberQuota: 3 };
    await harness.platform.chains.update(as(cast.administrator), bizChainId, { quotas });
    const users = await Promise.all(["one", "two", "three", "four"].map((name) => newUser(name)));
    const codes = await Promise.all(users.map(({ uid }) => codeOf(add(uid))));
    expect(codes.filter((code) => code === "QUOTA_EXCEEDED")).toHaveLength(2);
    expect((await list()).total).toBe(3);
  });
});

describe("the list of members", () => {
  it("is ordered by creation, leaves the administrator out, and comes in pages or for one user", async () => {
    const uids = [cast.memberPrincipal.uid];
    for (const name of ["one", "two"]) {
      harness.clock.advance(1);
      uids.push((await add((await newUser(name)).uid)).uid);
    }
    expect((await list()).items.map(({ uid }) => uid)).toEqual(uids);
    const second = await list({ page: 2, pageSize: 2 });
    expect([second.total, second.items.map(({ uid }) => uid)]).toEqual([3, uids.slice(2)]);
    expect((await list({ uid: uids[1] ?? "" })).items).toMatchObject([{ name: "one" }]);
    expect((await list({ uid: cast.administrator.uid })).total).toBe(0);
    for (const wrong of [{ page: 0 }, { page: 1.5 }, { pageSize: 0 }, { pageSize: 101 }]) {
      expect(await codeOf(list(wrong)), JSON.stringify(wrong)).toBe("PAGE_INVALID");
    }
    expect(await codeOf(members().list(cast.memberPrincipal, { bizChainId, ...page }))).toBe("ACCESS_DENIED");
    expect(await codeOf(members().list(cast.administrator, { bizChainId: "0", ...page }))).toBe("CHAIN_UNKNOWN");
  });

  it("of data-type codes is for proof chains only", async () => {
    const codes = (caller: Principal, chain = bizChainId) =>
      members().dataTypes(caller, { bizChainId: chain, ...page });
    expect(await codes(cast.administrator)).toMatchObject({
      total: 1,
      items: [{ memberId: cast.member.memberId, dataTypeCode: cast.member.dataTypeCode }],
    });
    expect(await codeOf(codes(cast.memberPrincipal))).toBe("ACCESS_DENIED");
    const { collaborationChain } = await harness.bootstrap();
    expect(await codeOf(codes(cast.administrator, collaborationChain.chain.bizChainId))).toBe("CHAIN_UNKNOWN");
  });
});

it("counts what each member has written", async () => {
  const { evidence } = harness.platform;
  const { bizChainCode: chainCode } = cast.chain.chain;
  const quiet = await add((await newUser("quiet")).uid);
  await evidence.set(cast.memberPrincipal, { chainCode, key: keyOf(cast.member, 1), value: "123" }, harness.nonce());
  await evidence.set(cast.administrator, { chainCode, key: keyOf(cast.chain, 1), value: "1" }, harness.nonce());
  const usage = await members().usage(cast.administrator, bizChainId);
  const { uid } = cast.memberPrincipal;
  expect(usage).toHaveLength(2);
  expect(usage).toContainEqual({
    memberId: cast.member.memberId,
    uid,
    name: "sensor",
    usedCount: 1,
    usedCapacityBytes: 3,
  });
  expect(usage).toContainEqual({
    memberId: quiet.memberId,
    uid: quiet.uid,
    name: "quiet",
    usedCount: 0,
    usedCapacityBytes: 0,
  });
  expect(await codeOf(members().usage(cast.memberPrincipal, bizChainId))).toBe("ACCESS_DENIED");
});

it("administers the members of a chain that has expired", async () => {
  await harness.platform.chains.update(as(cast.administrator), bizChainId, { expiresMs: 1 });
  const made = await add((await newUser("late")).uid);
  const lock = { bizChainId, memberId: made.memberId, locked: true };
  await members().setLocked(as(cast.administrator), lock);
  expect((await list({ uid: made.uid })).items).toMatchObject([{ locked: true }]);
});
