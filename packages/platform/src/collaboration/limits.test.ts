import { afterEach, expect, it } from "vitest";
import type { NewChain } from "../ports.ts";
import { codeOf } from "../testing/harness.ts";
import { openRice, type Rice } from "./rice.fixture.ts";

let rice: Rice;
const open = async (chain: Partial<NewChain> = {}, members: Parameters<typeof openRice>[1] = []) => {
  rice = await openRice(chain, members);
};
afterEach(() => rice.close());

const answered = (codes: readonly unknown[]) => codes.filter((code) => typeof code === "object");
const put = (dataKey: string, phaseData = "v") =>
  codeOf(rice.upload(rice.administrator, rice.phases.grown, [{ dataKey, phaseData }]));
const group = (name: string) =>
  codeOf(rice.collaboration().createGroup(rice.administrator, { bizChainId: rice.bizChainId, name }, rice.nonce()));
const phase = (name: string) =>
  codeOf(rice.collaboration().createPhase(rice.administrator, { ...rice, name }, rice.nonce()));

it("never lets uploads at the same time pass the chain's number of records together", async () => {
  await open({ quotas: { countQuota: 5 } });
  const singles = Array.from({ length: 8 }, (_, at) => put(`k${at}`));
  expect(answered(await Promise.all(singles))).toHaveLength(5);
  expect(
    await rice.refusal(() => rice.upload(rice.administrator, rice.phases.grown, [{ dataKey: "x", phaseData: "v" }])),
  ).toBe("QUOTA_EXCEEDED");
  const { chains } = rice.opened.platform;
  expect(await chains.usage(rice.administrator, rice.bizChainId)).toMatchObject({ usedCount: 5, usedCapacityBytes: 5 });
});

it("counts batches as their items, digests as their text, and bytes as UTF-8, over a restart", async () => {
  await open({ quotas: { countQuota: 6, capacityQuotaBytes: 3 + 64 + 2 } });
  expect(await put("rice", "米")).toHaveProperty("answered");
  const digest = [{ dataKey: "d", phaseData: "0".repeat(64) }];
  await rice.upload(rice.administrator, rice.phases.grown, digest, { kind: "digest" });
  await rice.restart();
  const batch = (count: number) =>
    codeOf(
      rice.upload(
        rice.administrator,
        rice.phases.grown,
        Array.from({ length: count }, (_, at) => ({ dataKey: `b${at}`, phaseData: "v" })),
        { isBatch: true },
      ),
    );
  expect(await batch(3)).toBe("QUOTA_EXCEEDED");
  expect(await put("long", "123")).toBe("QUOTA_EXCEEDED");
  expect(await batch(2)).toHaveProperty("answered");
  expect(await put("last")).toBe("QUOTA_EXCEEDED");
  // A refusal by the contract uses nothing up, neither does one by the quota.
  const usage = await rice.opened.platform.chains.usage(rice.administrator, rice.bizChainId);
  expect(usage).toMatchObject({ usedCount: 4, usedCapacityBytes: 69, memberUsedCount: 4 });
});

it("holds groups and phases to the chain's quotas, and says what is used", async () => {
  await open({ quotas: { phaseGroupQuota: 3, phaseQuota: 4 } }, ["grower", "mill"]);
  const groups = await Promise.all(["g1", "g2", "g3", "g4"].map(group));
  expect(answered(groups)).toHaveLength(2);
  expect(groups.filter((code) => code === "QUOTA_EXCEEDED")).toHaveLength(2);
  const phases = await Promise.all(["p1", "p2"].map(phase));
  expect(answered(phases)).toHaveLength(1);
  expect(
    await rice.refusal(() =>
      rice.collaboration().createPhase(rice.administrator, { ...rice, name: "p3" }, rice.nonce()),
    ),
  ).toBe("QUOTA_EXCEEDED");
  const quotas = await rice.collaboration().quotas(rice.administrator, rice.bizChainId);
  expect(quotas).toMatchObject({ memberQuota: 100, usedMembers: 2, phaseGroupQuota: 3, usedPhaseGroups: 3 });
  expect(quotas.groups[0]).toEqual({
    phaseGroupId: rice.phaseGroupId,
    name: "大米溯源",
    phaseQuota: 4,
    usedPhases: 4,
  });
  expect(quotas.groups.slice(1).map(({ usedPhases }) => usedPhases)).toEqual([0, 0]);
});

it("lists and renames groups and phases, and keeps a remark that is left out", async () => {
  await open();
  const { administrator, bizChainId, phaseGroupId, phases, collaboration } = rice;
  await collaboration().modifyGroup(
    administrator,
    { bizChainId, phaseGroupId, name: "rice", remark: "note" },
    rice.nonce(),
  );
  await collaboration().modifyGroup(administrator, { bizChainId, phaseGroupId, name: "rice-2" }, rice.nonce());
  const sold = { bizChainId, phaseId: phases.sold, name: "sold" };
  await collaboration().modifyPhase(administrator, { ...sold, remark: "at the shop" }, rice.nonce());
  await group("other");
  const listed = (name?: string) =>
    collaboration().listGroups(administrator, {
      bizChainId,
      page: 1,
      pageSize: 1,
      ...(name === undefined ? {} : { name }),
    });
  expect(await listed()).toEqual({ total: 2, items: [{ phaseGroupId, name: "rice-2", remark: "note" }] });
  expect(await listed("other")).toMatchObject({ total: 1, items: [{ name: "other" }] });
  expect(await listed("\ud800")).toEqual({ total: 0, items: [] });
  const ofGroup = { bizChainId, phaseGroupId, name: "sold", page: 1, pageSize: 10 };
  expect(await collaboration().listPhases(administrator, ofGroup)).toEqual({
    total: 1,
    items: [{ phaseId: phases.sold, name: "sold", remark: "at the shop", writable: true }],
  });
});

it("takes no writes of any kind on a chain that has expired, and still reads it", async () => {
  await open({ validDays: 1 }, ["grower"]);
  const { administrator, bizChainId, phaseGroupId, phases, members, clock, collaboration } = rice;
  await put("before");
  clock.advance(86_400_000);
  const named = { bizChainId, phaseGroupId, phaseId: phases.grown, name: "late" };
  const given = { bizChainId, phaseGroupId, memberId: members.grower.memberId };
  for (const write of [
    () => rice.upload(administrator, phases.grown, [{ dataKey: "late", phaseData: "v" }]),
    () => collaboration().createGroup(administrator, named, rice.nonce()),
    () => collaboration().modifyGroup(administrator, named, rice.nonce()),
    () => collaboration().createPhase(administrator, named, rice.nonce()),
    () => collaboration().modifyPhase(administrator, named, rice.nonce()),
    () => collaboration().updateAccess(administrator, { ...given, phaseIds: [] }, rice.nonce()),
  ]) {
    expect(await rice.refusal(write)).toBe("CHAIN_EXPIRED");
  }
  const find = { bizChainId, phaseGroupId, phaseId: phases.grown, dataKey: "before" };
  expect((await collaboration().describe(administrator, find)).record.value).toBe("v");
  expect((await collaboration().access(administrator, given)).authorized).toEqual([]);
});

it("executes a call once, also across a restart", async () => {
  await open();
  const { administrator, bizChainId, phases, collaboration } = rice;
  const uploadCall = rice.nonce();
  const groupCall = rice.nonce();
  const upload = () =>
    collaboration().upload(
      administrator,
      rice.uploadOf(phases.grown, [{ dataKey: "once", phaseData: "v" }]),
      uploadCall,
    );
  const create = () => collaboration().createGroup(administrator, { bizChainId, name: "once" }, groupCall);
  await upload();
  await create();
  for (const replay of [upload, create]) expect(await rice.refusal(replay)).toBe("CALL_REPLAYED");
  await rice.restart();
  for (const replay of [upload, create]) expect(await rice.refusal(replay)).toBe("CALL_REPLAYED");
});

it("keeps a record open until its block is cut, on a chain that does not cut when idle", async () => {
  await open();
  const { administrator, opened, clock } = rice;
  // The grants of a slow chain wait for its blocks too, so that each write is answered by the clock.
  const blockCutting = { cutWhenIdle: false, timeoutMs: 3_000 };
  const caller = opened.callerOf(administrator);
  const settle = async <Result>(work: Promise<Result>): Promise<Result> => {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    const isDoneLater = () => {
      clock.advance(3_000);
      return isDone;
    };
    await expect.poll(isDoneLater).toBe(true);
    return work;
  };
  const creating = opened.platform.chains.create(caller, { name: "slow", service: "collaboration", blockCutting });
  const { bizChainId } = (await settle(creating)).chain;
  const { collaboration } = rice;
  const { phaseGroupId } = await settle(
    collaboration().createGroup(administrator, { bizChainId, name: "group" }, rice.nonce()),
  );
  const { phaseId } = await settle(
    collaboration().createPhase(administrator, { bizChainId, phaseGroupId, name: "phase" }, rice.nonce()),
  );
  const item = { dataKey: "k", phaseData: "v" };
  const writing = rice.upload(administrator, phaseId, [item], { bizChainId, phaseGroupId });
  const find = { bizChainId, phaseGroupId, phaseId, dataKey: "k" };
  await expect.poll(() => codeOf(collaboration().describe(administrator, find))).toBe("EVIDENCE_IN_FLIGHT");
  expect(await codeOf(collaboration().provenance(administrator, find, { withReceipts: true }))).toBe(
    "EVIDENCE_IN_FLIGHT",
  );
  const other = { ...find, dataKey: "other" };
  expect(await codeOf(collaboration().describe(administrator, other))).toBe("PHASE_DATA_UNKNOWN");
  const { txIds } = await settle(writing);
  expect((await collaboration().describe(administrator, find)).record).toMatchObject({ value: "v", txId: txIds[0] });
});
