import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@concordat/base";
import { expect, it } from "vitest";
import { addMember, codeOf, keyOf } from "./testing/harness.ts";
import { openOverEngine } from "./testing/real-engine.ts";

/** The whole platform over the real engine; everything else runs over the fake one. */
it("writes, restarts, reads, proves and refuses replays on the real ledger", async () => {
  const directory = await mkdtemp(join(tmpdir(), "concordat-platform-engine-"));
  const open = () => openOverEngine(directory, systemClock);
  const first = await open();
  const { accessKey, proofChain } = first.boot;
  const { principal: administrator, accessKeyId } = accessKey;
  const { accounts } = first.platform;
  const { principal: company } = await accounts.createAccount(first.callerOf(administrator), { name: "company" });
  const { principal: user } = await accounts.createRamUser(first.callerOf(company), {
    accountUid: company.uid,
    name: "user",
  });
  const { bizChainId, bizChainCode: chainCode, channelId } = proofChain.chain;
  const early = { chainCode, key: keyOf(proofChain, "early") };
  await first.platform.evidence.set(administrator, { ...early, value: "v" }, { accessKeyId, nonce: "early" });
  const member = await addMember(first.platform, first.callerOf(administrator), bizChainId, user.uid);
  const call = { accessKeyId, nonce: "n" };
  const key = keyOf(proofChain, 1);
  const { txIds } = await first.platform.evidence.set(administrator, { chainCode, key, value: "值" }, call);
  const own = { chainCode, key: keyOf(member, 1), value: "from the member" };
  await first.platform.evidence.attach(user, own, { accessKeyId: "LTAIuser", nonce: "n" });
  await first.close();

  const second = await open();
  const { evidence, receipts } = second.platform;
  expect(second.boot.accessKey).toEqual(accessKey);
  const data = await evidence.blockData(user, { chainCode, key });
  expect(data.record).toMatchObject({ value: "值", txId: txIds[0], writerUid: administrator.uid });
  expect([...data.organizationNames].sort()).toEqual(["administrator", "company"]);
  // The company joined after this record's block.
  expect((await evidence.blockData(user, early)).organizationNames).toEqual(["administrator"]);
  expect(await codeOf(evidence.set(administrator, { chainCode, key: keyOf(proofChain, 2), value: "v" }, call))).toBe(
    "CALL_REPLAYED",
  );
  expect(await codeOf(evidence.set(administrator, { chainCode, key, value: "v" }, { ...call, nonce: "o" }))).toBe(
    "KEY_EXISTS",
  );
  const receipt = await receipts.byKey(user, { chainCode, key }, { withEnvelope: true });
  expect(receipt.leaf).toMatchObject({ txId: txIds[0], block: data.block.number, validationCode: 0 });
  const { channels } = await receipts.trustBundle(user);
  expect(channels[0]?.organizations.map(({ mspId }) => mspId)).toEqual([administrator.mspId, company.mspId].sort());
  expect(await receipts.stateHash(administrator, channelId)).toMatch(/^[0-9a-f]{64}$/);
  expect(await second.platform.chains.usage(user, bizChainId)).toMatchObject({ usedCount: 3, memberUsedCount: 1 });
  await second.close();
  await rm(directory, { recursive: true, force: true });
});
