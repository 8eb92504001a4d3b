import { codeOf } from "@concordat/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openNativeWorld } from "../testing/native-world.ts";

let world: Awaited<ReturnType<typeof openNativeWorld>>;
let root: ReturnType<typeof world.clientOf>;
let accountUid: string;
beforeAll(async () => {
  world = await openNativeWorld();
  root = world.clientOf((await world.harness.bootstrap()).accessKey);
  accountUid = (await root.createAccount({ name: "Shipper" })).principal.uid;
});
afterAll(() => world.dispose());

async function newUser(name: string) {
  const { principal, accessKey } = await root.createRamUser({ accountUid, name });
  const client = world.clientOf({ accessKeyId: accessKey.accessKeyId, secret: accessKey.accessKeySecret });
  return { uid: principal.uid, client };
}

it("a chain's terms are set when it is made and changed later, by whoever administers the installation", async () => {
  const quotas = { countQuota: 7, memberQuota: 1, phaseGroupQuota: 2, phaseQuota: 3 };
  const made = await root.createChain({ name: "Rice", service: "collaboration", quotas });
  expect(made).toMatchObject({ service: "collaboration", role: "administrator", locked: false, ...quotas });
  expect(made.memberId).toMatch(/^[0-9]{16}$/);
  const { bizChainId } = made;
  const listed = await root.listChains({ service: "collaboration", name: "Rice" });
  expect(listed).toEqual({ total: 1, chains: [made] });
  expect((await root.listChains({ service: "proof", name: "Rice" })).total).toBe(0);
  const changed = await root.updateChain({ bizChainId, name: "Millet", remark: "r", quotas: { memberQuota: 2 } });
  const { memberId: _m, role: _r, locked: _l, dataTypeCode: _d, ...chain } = made;
  expect(changed).toEqual({ ...chain, name: "Millet", remark: "r", memberQuota: 2 });
  const expiresMs = chain.effectiveMs + 1_000;
  expect(await root.updateChain({ bizChainId, expiresMs })).toEqual({ ...changed, expiresMs });
  expect(await codeOf(root.updateChain({ bizChainId: "0".repeat(16), name: "Oats" }))).toBe("CHAIN_UNKNOWN");
  const { uid, client } = await newUser("reader");
  await root.addChainMember({ bizChainId, memberUid: uid });
  expect(await codeOf(client.updateChain({ bizChainId, name: "Oats" }))).toBe("ACCESS_DENIED");
});

it("a member is added with what the chain knows of it, listed and changed", async () => {
  const { bizChainId, bizChainCode } = await root.createChain({ name: "Cold-chain", quotas: { memberQuota: 2 } });
  const { uid, client } = await newUser("truck-7");
  const added = await root.addChainMember({ bizChainId, memberUid: uid, contact: "Ada", phone: "0571-1", remark: "r" });
  const { member, memberId, dataTypeCode } = added;
  expect(added).toMatchObject({ bizChainId, bizChainCode, role: "member", locked: false, memberQuota: 2 });
  expect(member).toEqual({
    ...{ memberId, uid, dataTypeCode, locked: false, name: "truck-7", contact: "Ada", phone: "0571-1", remark: "r" },
    createdMs: expect.any(Number),
  });
  expect(await root.listChainMembers({ bizChainId })).toEqual({ total: 1, members: [member] });
  expect((await root.listChainMembers({ bizChainId, memberUid: accountUid })).total).toBe(0);
  const renamed = await root.updateChainMember({ bizChainId, memberId, name: "truck-8" });
  expect(renamed).toEqual({ ...member, name: "truck-8" });
  const next = await newUser("truck-9");
  const moved = await root.updateChainMember({ bizChainId, memberId, memberUid: next.uid });
  expect(moved).toEqual({ ...renamed, uid: next.uid });
  expect((await next.client.listChains({})).chains).toMatchObject([{ bizChainId, memberId, dataTypeCode }]);
  expect((await client.listChains({ name: "Cold-chain" })).total).toBe(0);
});

it("a locked member is refused until it is unlocked", async () => {
  const { bizChainId } = await root.createChain({ name: "Locks" });
  const { uid, client } = await newUser("truck-10");
  const { memberId } = await root.addChainMember({ bizChainId, memberUid: uid });
  const lists = () => client.listDeviceGroups({ bizChainId });
  expect((await lists()).total).toBe(0);
  await root.lockChainMember({ bizChainId, memberId });
  await root.lockChainMember({ bizChainId, memberId });
  expect(await codeOf(lists())).toBe("ACCESS_DENIED");
  expect((await client.listChains({ name: "Locks" })).total).toBe(0);
  expect((await root.listChainMembers({ bizChainId })).members).toMatchObject([{ memberId, locked: true }]);
  await root.unlockChainMember({ bizChainId, memberId });
  expect((await client.listChains({ name: "Locks" })).chains).toMatchObject([{ memberId, locked: false }]);
  expect((await lists()).total).toBe(0);
});

it("usage is told of each member", async () => {
  const { bizChainId, bizChainCode: chainCode } = await root.createChain({ name: "Usage" });
  const { uid } = await newUser("truck-11");
  const { member } = await root.addChainMember({ bizChainId, memberUid: uid });
  const principal = world.harness.platform.provisioning.directory.principal(uid);
  if (principal === undefined) throw new Error("There is no such user.");
  const key = `0001_${chainCode}_${member.dataTypeCode}_1`;
  await world.harness.platform.evidence.set(principal, { chainCode, key, value: "21.5" }, world.harness.nonce());
  const { memberId, name } = member;
  const { members } = await root.getChainMemberUsage({ bizChainId });
  expect(members).toEqual([{ memberId, uid, name, usedCount: 1, usedCapacityBytes: expect.any(Number) }]);
  expect(members[0]?.usedCapacityBytes).toBeGreaterThanOrEqual(4);
});

it("refuses with the reason, and members what is the administrator's", async () => {
  const { bizChainId } = await root.createChain({ name: "Refusals", quotas: { memberQuota: 1 } });
  const [first, second] = [await newUser("truck-12"), await newUser("truck-13")];
  const add = (memberUid: string, further: object = {}) =>
    codeOf(root.addChainMember({ bizChainId, memberUid, ...further }));
  expect(await add(accountUid)).toBe("ACCOUNT_KIND_REFUSED");
  expect(await add("0".repeat(16))).toBe("ACCOUNT_UNKNOWN");
  expect(await add(first.uid, { name: "?" })).toBe("NAME_INVALID");
  expect(await add(first.uid, { contact: "?" })).toBe("MEMBER_CONTACT_INVALID");
  expect(await add(first.uid, { phone: "+49" })).toBe("MEMBER_PHONE_INVALID");
  expect(await add(first.uid, { remark: "r".repeat(101) })).toBe("REMARK_INVALID");
  const { memberId } = await root.addChainMember({ bizChainId, memberUid: first.uid });
  expect(await add(first.uid)).toBe("MEMBER_EXISTS");
  expect(await add(second.uid)).toBe("QUOTA_EXCEEDED");
  expect(await codeOf(root.lockChainMember({ bizChainId, memberId: "0".repeat(16) }))).toBe("MEMBER_UNKNOWN");
  expect(await codeOf(root.listChainMembers({ bizChainId: "0".repeat(16) }))).toBe("CHAIN_UNKNOWN");
  const refused = [
    first.client.listChainMembers({ bizChainId }),
    first.client.addChainMember({ bizChainId, memberUid: second.uid }),
    first.client.updateChainMember({ bizChainId, memberId, name: "boss" }),
    first.client.lockChainMember({ bizChainId, memberId }),
    first.client.unlockChainMember({ bizChainId, memberId }),
    first.client.getChainMemberUsage({ bizChainId }),
  ];
  expect(new Set(await Promise.all(refused.map(codeOf)))).toEqual(new Set(["ACCESS_DENIED"]));
});
