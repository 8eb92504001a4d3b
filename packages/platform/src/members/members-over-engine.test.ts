import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@concordat/base";
import { expect, it } from "vitest";
import { codeOf } from "../testing/harness.ts";
import { openOverEngine } from "../testing/real-engine.ts";

/** The steps over the real ledger; everything else of them runs over the fake one. */
it("gives a place to another RAM user on the real ledger, over an end of the process in the midst of it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "concordat-members-"));
  const first = await openOverEngine(folder, systemClock);
  const { accounts, collaboration, members, provisioning } = first.platform;
  const administrator = first.boot.accessKey.principal;
  const caller = first.callerOf(administrator);
  const { bizChainId } = first.boot.collaborationChain.chain;
  const nonce = (name: string) => ({ accessKeyId: "LTAItest", nonce: name });
  const newUser = async (name: string) => {
    const { principal: account } = await accounts.createAccount(caller, { name });
    return (await accounts.createRamUser(caller, { accountUid: account.uid, name: "user" })).principal;
  };
  const [before, after] = [await newUser("before"), await newUser("after")];
  const { memberId } = await members.create(caller, { bizChainId, uid: before.uid });
  const group = { bizChainId, name: "group" };
  const { phaseGroupId } = await collaboration.createGroup(administrator, group, nonce("group"));
  const phase = { bizChainId, phaseGroupId, name: "phase" };
  const { phaseId } = await collaboration.createPhase(administrator, phase, nonce("phase"));
  const access = { bizChainId, phaseGroupId, memberId, phaseIds: [phaseId] };
  await collaboration.updateAccess(administrator, access, nonce("access"));

  // Once the row says who shall have the place, the process ends: whatever the ledger has done by then, the next start finishes it.
  const { directory } = provisioning;
  const moving = codeOf(members.modify(caller, { bizChainId, memberId, uid: after.uid }));
  while (directory.row("memberships", bizChainId, memberId)?.uid !== after.uid) await directory.refresh();
  await first.crash();
  await moving;

  const second = await openOverEngine(folder, systemClock);
  const place = second.platform.provisioning.directory.row("memberships", bizChainId, memberId);
  expect(place).toMatchObject({ status: "active", uid: after.uid, formerUid: null });
  const phases = { bizChainId, phaseGroupId, page: 1, pageSize: 10 };
  const list = await second.platform.collaboration.listPhases(after, phases);
  expect(list.items).toMatchObject([{ phaseId, writable: true }]);
  expect(await codeOf(second.platform.collaboration.listPhases(before, phases))).toBe("ACCESS_DENIED");
  const items = [{ dataKey: "key", phaseData: "data" }];
  const upload = { bizChainId, phaseGroupId, phaseId, kind: "text", items, isBatch: false } as const;
  await second.platform.collaboration.upload(after, upload, nonce("upload"));
  expect(await second.platform.chains.usage(after, bizChainId)).toMatchObject({ usedCount: 1, memberUsedCount: 1 });
  await second.close();
  await rm(folder, { recursive: true, force: true });
});
