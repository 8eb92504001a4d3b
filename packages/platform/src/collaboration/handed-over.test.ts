import { expect, it } from "vitest";
import { codeOf, createCast, Harness } from "../testing/harness.ts";

it("gives a RAM user whose place goes to another one meanwhile the rights that were given, and no others", async () => {
  const harness = await Harness.start();
  const { administrator, memberPrincipal, memberAccount } = await createCast(harness);
  const { accounts, chains, collaboration, members } = harness.platform;
  const caller = harness.callerOf(administrator);
  const { chain } = await chains.create(caller, { name: "handed-over", service: "collaboration" });
  const { bizChainId } = chain;
  const { memberId } = await members.create(caller, { bizChainId, uid: memberPrincipal.uid });
  const group = { bizChainId, name: "group" };
  const { phaseGroupId } = await collaboration.createGroup(administrator, group, harness.nonce());
  const named = { bizChainId, phaseGroupId, name: "phase" };
  const { phaseId } = await collaboration.createPhase(administrator, named, harness.nonce());
  const other = await collaboration.createPhase(administrator, { ...named, name: "other" }, harness.nonce());
  const both = [phaseId, other.phaseId];
  await collaboration.updateAccess(
    administrator,
    { bizChainId, memberId, phaseGroupId, phaseIds: both },
    harness.nonce(),
  );
  const next = (await accounts.createRamUser(caller, { accountUid: memberAccount.uid, name: "next" })).principal;

  let release = () => {};
  harness.ledger.hold = new Promise((resolve) => {
    release = resolve;
  });
  const access = { bizChainId, memberId, phaseGroupId };
  const giving = collaboration.updateAccess(administrator, { ...access, phaseIds: [phaseId] }, harness.nonce());
  await expect.poll(() => harness.ledger.calls.at(-1)).toBe("submit grant");
  const moving = members.modify(caller, { bizChainId, memberId, uid: next.uid });
  const presentUid = async () =>
    (await members.list(administrator, { bizChainId, page: 1, pageSize: 1 })).items[0]?.uid;
  await expect.poll(presentUid).toBe(next.uid);
  release();
  await Promise.all([giving, moving]);

  expect(await collaboration.access(administrator, access)).toEqual({
    authorized: [{ phaseId, name: "phase" }],
    unauthorized: [{ phaseId: other.phaseId, name: "other" }],
  });
  // As another member, the one before begins without rights.
  const again = await members.create(caller, { bizChainId, uid: memberPrincipal.uid });
  const ofFormer = await collaboration.access(administrator, { ...access, memberId: again.memberId });
  expect(ofFormer.authorized).toEqual([]);
  const upload = {
    bizChainId,
    phaseGroupId,
    phaseId,
    kind: "text",
    isBatch: false,
    items: [{ dataKey: "k", phaseData: "v" }],
  } as const;
  expect(await codeOf(collaboration.upload(memberPrincipal, upload, harness.nonce()))).toBe("ACCESS_DENIED");
  expect(await codeOf(collaboration.upload(next, upload, harness.nonce()))).toHaveProperty("answered");
  await harness.dispose();
});
