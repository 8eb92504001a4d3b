import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { BusinessChain, Principal } from "../ports.ts";
import { auditTrail } from "../testing/audit-trail.ts";
import { addMember, type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";

let harness: Harness;
let cast: Cast;
let member: Principal;
let proof: BusinessChain;
let collaboration: BusinessChain;
let txId: string;
let phaseTxId: string;
let place: { bizChainId: string; phaseGroupId: string; phaseId: string };
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
  member = cast.memberPrincipal;
  proof = cast.chain.chain;
  collaboration = (await harness.bootstrap()).collaborationChain.chain;
  await addMember(harness.platform, asAdministrator(), collaboration.bizChainId, member.uid);
  await writeSomething();
});
afterEach(() => harness.dispose());

const asAdministrator = () => harness.callerOf(cast.administrator);
const bare = { withEnvelope: false };
const page = { page: 1, pageSize: 10 };

/** One record on each chain, and a device group, so that nothing is refused for want of what is asked for. */
async function writeSomething(): Promise<void> {
  const { collaboration: phases, devices, deviceProducts, evidence } = harness.platform;
  const { bizChainId } = collaboration;
  const record = { chainCode: proof.bizChainCode, key: keyOf(cast.member, 1), value: "v" };
  txId = (await evidence.set(member, record, harness.nonce())).txIds[0] ?? "";
  const { administrator } = cast;
  const { phaseGroupId } = await phases.createGroup(administrator, { bizChainId, name: "group" }, harness.nonce());
  const phase = { bizChainId, phaseGroupId, name: "phase" };
  const { phaseId } = await phases.createPhase(administrator, phase, harness.nonce());
  place = { bizChainId, phaseGroupId, phaseId };
  const { memberId } = await memberOn(bizChainId);
  const access = { bizChainId, phaseGroupId, memberId, phaseIds: [phaseId] };
  await phases.updateAccess(administrator, access, harness.nonce());
  phaseTxId = (await phases.upload(member, uploadOf("first"), harness.nonce())).txIds[0] ?? "";
  const product = { name: "product", bizChainId: proof.bizChainId };
  const { productKey } = await deviceProducts.create(harness.callerOf(cast.memberAccount), product);
  const group = { bizChainId: proof.bizChainId, productKey, name: "group" };
  await devices.registerGroup(harness.callerOf(member), group);
}

function uploadOf(dataKey: string) {
  return { ...place, kind: "text", items: [{ dataKey, phaseData: "data" }], isBatch: false } as const;
}

async function memberOn(bizChainId: string) {
  const found = await harness.platform.members.list(cast.administrator, { bizChainId, uid: member.uid, ...page });
  const [one] = found.items;
  if (one === undefined) throw new Error("There is no such member.");
  return one;
}

async function setLocked(locked: boolean): Promise<void> {
  for (const { bizChainId } of [proof, collaboration]) {
    const { memberId } = await memberOn(bizChainId);
    await harness.platform.members.setLocked(asAdministrator(), { bizChainId, memberId, locked });
  }
}

/** Everything that a member may do, by the service that does it, each with what its chain has. */
function memberCalls(): Readonly<Record<string, () => Promise<unknown>>> {
  const { chains, collaboration: phases, devices, evidence, receipts } = harness.platform;
  const record = { chainCode: proof.bizChainCode, key: keyOf(cast.member, 1) };
  const digest = createHash("sha256").update("v").digest("hex");
  const byDigest = { chainCode: proof.bizChainCode, digest };
  const window = { startMs: 0, endMs: 1 };
  const data = { ...place, dataKey: "first" };
  const { bizChainId } = proof;
  const unused = () => harness.nonce().nonce.replace(" ", "");
  return {
    set: () => evidence.set(member, { ...record, key: keyOf(cast.member, unused()), value: "v" }, harness.nonce()),
    attach: () => evidence.attach(member, { ...record, value: "more" }, harness.nonce()),
    get: () => evidence.get(member, record),
    blockData: () => evidence.blockData(member, record),
    historyCount: () => evidence.historyCount(member, { ...record, window }),
    history: () => evidence.history(member, { ...record, window, ...page }),
    findByDigest: () => evidence.findByDigest(member, byDigest),
    chain: () => chains.get(member, bizChainId),
    usage: () => chains.usage(member, bizChainId),
    collaborationChain: () => chains.get(member, place.bizChainId),
    receipt: () => receipts.byTransaction(member, txId, bare),
    receiptOfPhaseData: () => receipts.byTransaction(member, phaseTxId, bare),
    receiptByKey: () => receipts.byKey(member, record, bare),
    receiptsByDigest: () => receipts.byDigest(member, byDigest, bare),
    listGroups: () => phases.listGroups(member, { bizChainId: place.bizChainId, ...page }),
    listPhases: () => phases.listPhases(member, { ...place, ...page }),
    upload: () => phases.upload(member, uploadOf(unused()), harness.nonce()),
    describe: () => phases.describe(member, data),
    phaseHistory: () => phases.history(member, { ...data, window, ...page }),
    provenance: () => phases.provenance(member, data, { withReceipts: false }),
    listDeviceGroups: () => devices.listGroups(member, { bizChainId, ...page }),
    listDevices: async () => {
      const { items } = await devices.listGroups(cast.administrator, { bizChainId, ...page });
      return devices.list(member, { bizChainId, deviceGroupId: items[0]?.deviceGroupId ?? "", ...page });
    },
  };
}

/** The calls that are refused, with the code. */
async function refusals(): Promise<Readonly<Record<string, unknown>>> {
  const seen: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(memberCalls())) {
    const code = await codeOf(call());
    if (typeof code === "string") seen[name] = code;
    else if (code instanceof Error) throw code;
  }
  return seen;
}

const everythingDenied = () => Object.fromEntries(Object.keys(memberCalls()).map((name) => [name, "ACCESS_DENIED"]));

it("is refused everywhere at once, over a restart, until it is unlocked", async () => {
  expect(await refusals()).toEqual({});
  await setLocked(true);
  expect(await refusals()).toEqual(everythingDenied());
  await harness.restart();
  expect(await refusals()).toEqual(everythingDenied());
  await setLocked(false);
  expect(await refusals()).toEqual({});
});

it("sees neither its chains in its lists nor their channels", async () => {
  const { chains, receipts } = harness.platform;
  const seen = async () => ({
    chains: (await chains.list(member, page)).total,
    trusted: (await receipts.trustBundle(member)).channels.filter(({ origin }) => origin.includes("/ltl-")).length,
    status: typeof (await codeOf(receipts.channelStatus(member, proof.channelId))),
    checkpoint: typeof (await codeOf(receipts.checkpoint(member, proof.channelId))),
    consistency: typeof (await codeOf(receipts.consistency(member, proof.channelId, 0, 1))),
  });
  const answered = { status: "object", checkpoint: "object", consistency: "object" };
  expect(await seen()).toEqual({ chains: 2, trusted: 2, ...answered });
  await setLocked(true);
  const refused = { status: "string", checkpoint: "string", consistency: "string" };
  expect(await seen()).toEqual({ chains: 0, trusted: 0, ...refused });
  expect(await codeOf(receipts.channelStatus(member, proof.channelId))).toBe("CHANNEL_UNKNOWN");
  const group = { bizChainId: proof.bizChainId, productKey: "", name: "second" };
  expect(await codeOf(harness.platform.devices.registerGroup(harness.callerOf(member), group))).toBe("ACCESS_DENIED");
});

it("still gets receipts of the chains where it is not locked", async () => {
  const { bizChainId } = collaboration;
  const { memberId } = await memberOn(bizChainId);
  await harness.platform.members.setLocked(asAdministrator(), { bizChainId, memberId, locked: true });
  const { receipts } = harness.platform;
  expect((await receipts.byTransaction(member, txId, bare)).leaf.txId).toBe(txId);
  expect(await codeOf(receipts.byTransaction(member, phaseTxId, bare))).toBe("ACCESS_DENIED");
});

it("is locked by the chain's administrator, and recorded when something changed", async () => {
  const { members } = harness.platform;
  const { bizChainId } = proof;
  const { memberId } = cast.member;
  const lock = (locked: boolean, caller = cast.administrator, id = memberId) =>
    codeOf(members.setLocked(harness.callerOf(caller), { bizChainId, memberId: id, locked }));
  for (const locked of [true, false]) {
    expect(await lock(locked, member)).toBe("ACCESS_DENIED");
    expect(await lock(locked, cast.stranger)).toBe("ACCESS_DENIED");
    expect(await lock(locked, cast.administrator, "0")).toBe("MEMBER_UNKNOWN");
    expect(await lock(locked, cast.administrator, cast.chain.memberId)).toBe("MEMBER_UNKNOWN");
  }
  for (const locked of [false, true, true, false]) await lock(locked);
  const trail = await auditTrail(harness.store, "ltl:member:");
  expect(trail.filter(({ action }) => action.endsWith("lock"))).toMatchObject([
    { action: "ltl:member:lock", resourceId: bizChainId, detail: { memberId, memberUid: member.uid } },
    { action: "ltl:member:unlock", resourceId: bizChainId, detail: { memberId } },
  ]);
});
