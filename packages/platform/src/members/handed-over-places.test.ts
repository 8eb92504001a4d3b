import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MembershipRow } from "../control-store/rows.ts";
import type { BusinessChain, Principal } from "../ports.ts";
import { auditTrail } from "../testing/audit-trail.ts";
import { ledgerError } from "../testing/fake-ledger.ts";
import { addMember, type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";
import type { Member, MemberDetails } from "./ports.ts";

let harness: Harness;
let cast: Cast;
let collaboration: BusinessChain;
let memberId: string;
let next: Principal;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
  collaboration = (await harness.bootstrap()).collaborationChain.chain;
  const { bizChainId } = collaboration;
  const caller = as(cast.administrator);
  ({ memberId } = await addMember(harness.platform, caller, bizChainId, cast.memberPrincipal.uid));
  next = await newUser("next");
});
afterEach(() => harness.dispose());

const as = (principal: Principal) => harness.callerOf(principal);

async function newUser(name: string): Promise<Principal> {
  const { accounts } = harness.platform;
  return (await accounts.createRamUser(as(cast.administrator), { accountUid: cast.stranger.uid, name })).principal;
}

type Change = { bizChainId?: string; memberId?: string; uid?: string } & Partial<MemberDetails>;

const modify = (input: Change, caller = cast.administrator): Promise<Member> =>
  harness.platform.members.modify(as(caller), { bizChainId: collaboration.bizChainId, memberId, ...input });
const rowOf = async (): Promise<MembershipRow | undefined> =>
  (await harness.store.load()).state.memberships.find(
    (row) => row.memberId === memberId && row.bizChainId === collaboration.bizChainId,
  );
const isOnChain = async ({ uid }: Principal) => {
  const principal = harness.platform.provisioning.directory.principal(uid) ?? cast.unopened;
  return (await codeOf(harness.platform.chains.get(principal, collaboration.bizChainId))) !== "ACCESS_DENIED";
};
const mspIds = async ({ channelId }: BusinessChain) =>
  (await harness.ledger.status(channelId)).organizations.map(({ mspId }) => mspId);

/** Groups, phases and grants are the contract's: asked as the administrator. */
async function call<Answer>(fn: string, ...args: readonly string[]): Promise<Answer> {
  const { channelId, administratorUid } = collaboration;
  const creator = harness.platform.provisioning.directory.creator(administratorUid);
  const nonce = Buffer.from(harness.nonce().nonce.padEnd(24));
  const request = { channelId, creator, contract: "collaboration", fn, args, nonce };
  const { result } = await harness.ledger.submit(request);
  return JSON.parse(Buffer.from(result).toString() || "null");
}

/** A phase that the member may write to. */
async function grantedPhase() {
  const { groupId } = await call<{ groupId: string }>("createGroup", "group", "", "10");
  const { phaseId } = await call<{ phaseId: string }>("createPhase", groupId, "phase", "", "10");
  await call("grant", groupId, cast.memberPrincipal.uid, JSON.stringify([phaseId]));
  const grantsOf = async ({ uid }: Principal) =>
    (await call<{ authorized: { phaseId: string }[] }>("grants", groupId, uid)).authorized.map((each) => each.phaseId);
  return { phaseId, grantsOf };
}

describe("a member's details", () => {
  it("change as far as they are given", async () => {
    const given = await modify({ name: "某公司", contact: "张三", phone: "1-2", remark: "备注" });
    expect(given).toMatchObject({ memberId, name: "某公司", contact: "张三", phone: "1-2", remark: "备注" });
    expect(await modify({ uid: cast.memberPrincipal.uid, remark: "" })).toEqual({ ...given, remark: "" });
    expect(await auditTrail(harness.store, "ltl:member:modify")).toMatchObject([
      { detail: { memberId, memberUid: cast.memberPrincipal.uid, fields: ["name", "contact", "phone", "remark"] } },
      { detail: { memberId, fields: ["remark"] } },
    ]);
  });

  it("are refused with the reason, and stay", async () => {
    const before = (await harness.store.load()).state;
    const administrators = before.memberships.find(
      (row) => row.bizChainId === collaboration.bizChainId && row.role === "administrator",
    );
    const cases = [
      ["MEMBER_UNKNOWN", { memberId: "0" }],
      ["MEMBER_UNKNOWN", { memberId: administrators?.memberId ?? "" }],
      ["MEMBER_UNKNOWN", { memberId: "0", uid: next.uid }],
      ["CHAIN_UNKNOWN", { bizChainId: "0" }],
      ["NAME_INVALID", { name: "" }],
      ["MEMBER_CONTACT_INVALID", { contact: "x" }],
      ["MEMBER_PHONE_INVALID", { phone: "one" }],
      ["REMARK_INVALID", { remark: "x".repeat(101) }],
      ["ACCOUNT_UNKNOWN", { uid: "0" }],
      ["ACCOUNT_KIND_REFUSED", { uid: cast.stranger.uid }],
      ["ACCOUNT_KIND_REFUSED", { uid: cast.administrator.uid }],
    ] as const;
    for (const [code, input] of cases) expect(await codeOf(modify(input)), JSON.stringify(input)).toBe(code);
    for (const caller of [cast.memberPrincipal, cast.stranger]) {
      expect(await codeOf(modify({ name: "mine" }, caller))).toBe("ACCESS_DENIED");
    }
    expect((await harness.store.load()).state).toEqual(before);
  });
});

describe("a place that another RAM user gets", () => {
  it("keeps its id and data-type code, brings the organization, and shuts the one before out", async () => {
    const before = await rowOf();
    const member = await modify({ uid: next.uid, name: "successor" });
    expect(member).toMatchObject({ memberId, uid: next.uid, name: "successor", dataTypeCode: before?.dataTypeCode });
    expect(await rowOf()).toMatchObject({ status: "active", formerUid: null });
    expect([await isOnChain(cast.memberPrincipal), await isOnChain(next)]).toEqual([false, true]);
    expect(await mspIds(collaboration)).toContain(next.mspId);
    expect(await auditTrail(harness.store, "ltl:member:modify")).toMatchObject([
      { detail: { memberId, memberUid: next.uid, formerUid: cast.memberPrincipal.uid, fields: ["name"] } },
    ]);
    await harness.restart();
    expect([await isOnChain(cast.memberPrincipal), await isOnChain(next)]).toEqual([false, true]);
  });

  it("takes the rights in phases with it", async () => {
    const { phaseId, grantsOf } = await grantedPhase();
    expect(await grantsOf(cast.memberPrincipal)).toEqual([phaseId]);
    await modify({ uid: next.uid });
    expect([await grantsOf(cast.memberPrincipal), await grantsOf(next)]).toEqual([[], [phaseId]]);
  });

  it("stays locked when it was", async () => {
    const { bizChainId } = collaboration;
    await harness.platform.members.setLocked(as(cast.administrator), { bizChainId, memberId, locked: true });
    expect(await modify({ uid: next.uid })).toMatchObject({ locked: true });
    expect(await isOnChain(next)).toBe(false);
  });

  it("goes to no user who is on the chain", async () => {
    await addMember(harness.platform, as(cast.administrator), collaboration.bizChainId, next.uid);
    expect(await codeOf(modify({ uid: next.uid }))).toBe("MEMBER_EXISTS");
  });

  it("goes from one to the next when several are named at once, and all of them come out one after the other", async () => {
    const users = [next, await newUser("third"), await newUser("fourth")];
    const moves = await Promise.all(users.map(({ uid }) => modify({ uid })));
    expect(moves.map(({ memberId: id }) => id)).toEqual([memberId, memberId, memberId]);
    const row = await rowOf();
    expect(row).toMatchObject({ status: "active", formerUid: null });
    expect(users.map(({ uid }) => uid)).toContain(row?.uid);
    expect((await auditTrail(harness.store, "ltl:member:modify")).map(({ detail }) => detail)).toHaveLength(3);
    const onChain = await Promise.all([cast.memberPrincipal, ...users].map(isOnChain));
    expect(onChain.filter((is) => is)).toHaveLength(1);
  });

  it("of a proof chain leaves its records readable and lets its new holder write under its code", async () => {
    const { evidence, members } = harness.platform;
    const { bizChainId, bizChainCode: chainCode } = cast.chain.chain;
    const record = { chainCode, key: keyOf(cast.member, 1) };
    await evidence.set(cast.memberPrincipal, { ...record, value: "before" }, harness.nonce());
    harness.ledger.failures.set("updateChannel", ledgerError("CHANNEL_FAILED"));
    const input = { bizChainId, memberId: cast.member.memberId, uid: next.uid };
    expect(await codeOf(members.modify(as(cast.administrator), input))).toBe("LEDGER_UNAVAILABLE");
    expect(await evidence.get(cast.administrator, record)).toMatchObject({ value: "before" });
    expect(await codeOf(evidence.get(cast.memberPrincipal, record))).toBe("ACCESS_DENIED");
    expect(await codeOf(evidence.get(next, record))).toBe("ACCESS_DENIED");
    await members.modify(as(cast.administrator), input);
    await evidence.set(next, { chainCode, key: keyOf(cast.member, 2), value: "after" }, harness.nonce());
    expect(await codeOf(evidence.get(cast.memberPrincipal, record))).toBe("ACCESS_DENIED");
    const written = await members.usage(cast.administrator, bizChainId);
    expect(written).toMatchObject([{ memberId: cast.member.memberId, uid: next.uid, usedCount: 1 }]);
  });
});

describe("a change of RAM user that was cut off", () => {
  /** Where it can end: before its organization is on the channel, before its rights are its own, and before the row says so. */
  const cuts = {
    "at the organization": () => cutAt("updateChannel"),
    "at the rights": () => cutAt("submit"),
    "after both": async () => {
      await modify({ uid: next.uid });
      const row = await rowOf();
      if (row === undefined) throw new Error("There is no such member.");
      const former = { formerUid: cast.memberPrincipal.uid, status: "joining" } as const;
      await harness.commit([{ table: "memberships", row: { ...row, ...former } }]);
    },
  };

  async function cutAt(method: "updateChannel" | "submit"): Promise<void> {
    harness.ledger.failures.set(method, ledgerError("CHANNEL_FAILED"));
    expect(await codeOf(modify({ uid: next.uid }))).toBe("LEDGER_UNAVAILABLE");
    expect(await rowOf()).toMatchObject({ status: "joining", uid: next.uid, formerUid: cast.memberPrincipal.uid });
    expect([await isOnChain(cast.memberPrincipal), await isOnChain(next)]).toEqual([false, false]);
  }

  it.each(Object.entries(cuts))("%s is finished by the next start", async (_, cut) => {
    const { phaseId, grantsOf } = await grantedPhase();
    await cut();
    await harness.restart();
    expect(await rowOf()).toMatchObject({ status: "active", uid: next.uid, formerUid: null });
    expect([await isOnChain(cast.memberPrincipal), await isOnChain(next)]).toEqual([false, true]);
    expect([await grantsOf(cast.memberPrincipal), await grantsOf(next)]).toEqual([[], [phaseId]]);
    expect(await mspIds(collaboration)).toContain(next.mspId);
  });

  it.each(["updateChannel", "submit"] as const)("at %s is finished by the next call", async (method) => {
    await cutAt(method);
    expect(await modify({ remark: "meanwhile" })).toMatchObject({ uid: next.uid, remark: "meanwhile" });
    expect(await rowOf()).toMatchObject({ status: "joining" });
    expect(await modify({ uid: next.uid })).toMatchObject({ uid: next.uid, remark: "meanwhile" });
    expect(await rowOf()).toMatchObject({ status: "active", formerUid: null });
  });

  it("is finished before the place goes to a third one, so that no rights stay behind", async () => {
    const { phaseId, grantsOf } = await grantedPhase();
    await cutAt("submit");
    const third = await newUser("third");
    await modify({ uid: third.uid });
    expect([await grantsOf(cast.memberPrincipal), await grantsOf(next), await grantsOf(third)]).toEqual([
      [],
      [],
      [phaseId],
    ]);
    expect([await isOnChain(next), await isOnChain(third)]).toEqual([false, true]);
  });

  it("keeps the one before from coming back by another place until it is finished", async () => {
    await cutAt("submit");
    const back = () =>
      codeOf(addMember(harness.platform, as(cast.administrator), collaboration.bizChainId, cast.memberPrincipal.uid));
    expect(await back()).toBe("MEMBER_EXISTS");
    await harness.restart();
    expect(await back()).toMatchObject({ answered: { role: "member" } });
  });
});
