import { beforeAll, describe, expect, test } from "vitest";
import { readApiOperations } from "../support/api-operations.ts";
import { listedItems, phaseNames, riceUploads, sha256Hex } from "../support/ltl-scenes.ts";
import {
  accepted,
  buildScenes,
  done,
  hashForm,
  idForm,
  type Placed,
  page,
  record,
  runScenes,
  type SceneRun,
} from "../support/scene-run.ts";
import { createWire } from "../support/wire.ts";

const classPath = await buildScenes();

// Skipped because the package mirror may lack the product's package, and this repository holds no copy of it.
describe.skipIf(classPath === undefined)("the official Java SDK runs both scenes and every other action", () => {
  let run: SceneRun;
  const answerOf = (step: string) => run.answerOf(step);
  const dataOf = <Data>(step: string) => run.dataOf<Data>(step);
  const placedOf = (step: string) => run.dataOf<Placed>(step);
  const phaseId = (index: number) => run.dataOf<string>(`createPhase${index}`);
  const memberId = (index: number) => run.dataOf<string>(`createMember${index}`);

  beforeAll(async () => {
    run = await runScenes(classPath ?? "");
    return async () => {
      expect(await run.server.stop()).toBe(0);
    };
  });

  test("each of the document's actions is called", async () => {
    const wire = createWire(run.server.bootstrap.url);
    const operations = await readApiOperations(wire, "/openapi/aliyun-ltl.json");
    wire.close();
    const documented = operations.filter(({ method }) => method === "POST").map(({ name }) => name.replace("post", ""));
    expect(documented).toHaveLength(45);
    expect([...new Set(run.actions)].sort()).toEqual(documented.sort());
  });

  test("scene 6.1: a device's data is on chain with its identity", async () => {
    const { bizChainId, productKey, dataTypeCode } = run.server.bootstrap.aliyun.proofChain;
    const { name, remark } = run.chainOf("proof-chain");
    const shown = { bizChainCode: productKey, bizChainId, dataTypeCode, name, remark, roleType: "ADMIN" };
    expect(answerOf("listProofChain")).toEqual(page([shown]));
    expect(answerOf("registerProofDevices")).toEqual(accepted(idForm));
    expect(answerOf("setDataWithSignature")).toEqual(done);
    expect(answerOf("getSignedData")).toEqual(accepted("Proof-Data"));
    expect(answerOf("getSignedBlockChainInfo")).toEqual(accepted(expect.any(String)));
    const { blockChainInfo } = JSON.parse(dataOf("getSignedBlockChainInfo"));
    expect(blockChainInfo).toEqual({
      chainName: "proof-chain",
      blockHeight: 1,
      transactionHash: hashForm,
      iotId: run.world.devices["aes-256"].iotId,
      endorsementNames: "administrator",
      timestamp: expect.stringMatching(/^[0-9]{13}$/),
      blockHash: hashForm,
      previousHash: hashForm,
      dataHash: hashForm,
    });
    const { blockHeight, timestamp, ...hashes } = blockChainInfo;
    await run.expectPlaced({ ...hashes, blockNumber: blockHeight, timestamp: Number(timestamp) }, "Proof-Data");
  });

  test("scene 6.2, step 1: chain, model and phases", () => {
    const { name, remark, bizChainId } = run.chainOf("collaboration-chain");
    expect(answerOf("listCollaborationChain")).toEqual(page([{ bizChainId, name, remark, roleType: "ADMIN" }]));
    expect(answerOf("createPhaseGroup")).toEqual(accepted(idForm));
    for (const [index] of phaseNames.entries()) expect(answerOf(`createPhase${index}`)).toEqual(accepted(idForm));
    const phases = phaseNames.map((name, index) => ({
      accessPermission: 3,
      name,
      phaseId: phaseId(index),
      remark: name,
    }));
    expect(answerOf("listPhase")).toEqual(page(phases));
    expect(new Set(phases.map((phase) => phase.phaseId)).size).toBe(3);
  });

  test("scene 6.2, step 2: members and their rights", () => {
    const members = run.world.members.map(({ uid, name }, index) => ({
      memberContact: "联系人",
      memberId: memberId(index),
      memberName: name,
      memberPhone: "000-0000-0000",
      memberUid: uid,
      remark: name,
      status: "UNLOCK",
    }));
    expect(answerOf("listMember")).toEqual(page(members));
    const named = phaseNames.map((phaseName, index) => ({ phaseId: phaseId(index), phaseName }));
    for (const [index] of members.entries()) {
      expect(answerOf(`createMember${index}`)).toEqual(accepted(idForm));
      expect(answerOf(`updateAuthorizedInfo${index}`)).toEqual(done);
      expect(answerOf(`describeAuthorizedInfo${index}`)).toEqual(
        accepted({
          authorizedPhaseList: named.filter((_phase, place) => place === index),
          unAuthorizedPhaseList: named.filter((_phase, place) => place !== index),
        }),
      );
    }
  });

  /** Phase 0 under the name that it had at the time. */
  const related = (index: number, phaseName: string) => ({
    relatedDataKey: expect.stringMatching(
      new RegExp(
        `^0002_${run.chainOf("collaboration-chain")["bizChainCode"]}_[0-9A-Z]{4}_${riceUploads[index]?.dataKey}$`,
      ),
    ),
    relatedDataSeq: riceUploads[index]?.dataSeq,
    relatedPhaseDataHash: sha256Hex(riceUploads[index]?.phaseData ?? ""),
    relatedPhaseId: phaseId(index),
    relatedPhaseName: phaseName,
  });

  test("scene 6.2, steps 3 and 4: three members' data, each depending on that before it", async () => {
    for (const [index, { phaseData }] of riceUploads.entries()) {
      expect(answerOf(`uploadText${index}`)).toEqual(done);
      const before = index === 0 ? [] : [related(index - 1, phaseNames[index - 1] ?? "")];
      expect(answerOf(`describePhaseInfo${index}`)).toEqual(accepted(record(phaseData, before)));
      const placed = placedOf(`describePhaseInfo${index}`);
      await run.expectPlaced(placed, JSON.stringify(phaseData));
      if (index === 0) continue;
      const earlier = placedOf(`describePhaseInfo${index - 1}`);
      expect([placed.blockNumber, placed.previousHash]).toEqual([earlier.blockNumber + 1, earlier.blockHash]);
    }
  });

  test("the other actions on a proof chain", async () => {
    const { name, effectiveMs, expiresMs, countQuota, capacityQuotaBytes } = run.chainOf("proof-chain");
    const { dataTypeCode } = run.server.bootstrap.aliyun.proofChain;
    for (const step of ["setData", "attachData", "attachDataWithSignature"]) expect(answerOf(step)).toEqual(done);
    expect(answerOf("getHistoryDataCount")).toEqual(accepted("3"));
    const row = (value: string, rank: number, businessId: unknown) => ({
      chainName: name,
      code: dataTypeCode,
      blockHeight: String(5 - rank),
      businessId,
      totalCount: "3",
      value,
      transactionHash: hashForm,
      seq: String(rank),
      timestamp: expect.stringMatching(/^[0-9]{13}$/),
    });
    const rows = [row("第三条", 1, idForm), row("second", 2, run.settings.proof.businessId), row("first", 3, idForm)];
    expect(answerOf("getHistoryDataList")).toEqual(accepted(rows));
    for (const [index, { transactionHash }] of dataOf<{ transactionHash: string }[]>("getHistoryDataList").entries()) {
      const { leaf } = await run.world.native.receipt(transactionHash);
      expect([leaf.txId, String(leaf.block)]).toEqual([transactionHash, rows[index]?.blockHeight]);
    }
    expect(answerOf("describeResourceInfo")).toEqual(
      accepted({
        authorizeType: "标准版",
        effectiveTime: effectiveMs,
        expiredTime: expiresMs,
        region: "cn-shanghai",
        status: "NORMAL",
      }),
    );
    const used = Buffer.byteLength(["Proof-Data", "first", "second", "第三条"].join(""));
    expect(answerOf("describeCapacityInfo")).toEqual(
      accepted({
        capacityQuota: capacityQuotaBytes,
        countQuota,
        memberUsedCapacity: used,
        memberUsedCount: 4,
        usedCapacity: used,
        usedCount: 4,
      }),
    );
    const { uid, name: memberName } = run.world.members[0] ?? {};
    const member = { dataTypeCode: expect.stringMatching(/^[0-9A-Z]{4}$/), memberId: dataOf("createProofMember") };
    expect(answerOf("createProofMember")).toEqual(accepted(idForm));
    expect(answerOf("listDataTypeCode")).toEqual(page([{ ...member, memberName, memberUid: uid }]));
  });

  test("the other actions on members", () => {
    const usage = run.world.members.map(({ uid, name }, index) => ({
      memberId: memberId(index),
      memberName: name,
      memberUid: uid,
      usedCapacity: String(Buffer.byteLength(riceUploads[index]?.phaseData ?? "")),
      usedCount: "1",
    }));
    expect(answerOf("describeMemberCapacityInfo")).toEqual(accepted(usage));
    for (const step of ["modifyMember", "lockMember", "unLockMember"]) expect(answerOf(step)).toEqual(done);
    const member = {
      memberContact: "王五",
      memberId: memberId(2),
      memberName: "大米零售方",
      memberPhone: "139-2222-0000",
      memberUid: run.world.members[2]?.uid,
      remark: run.world.members[2]?.name,
    };
    expect(answerOf("listLockedMember")).toEqual(page([{ ...member, status: "LOCK" }]));
    expect(answerOf("listUnlockedMember")).toEqual(page([{ ...member, status: "UNLOCK" }]));
  });

  test("the other actions on devices", () => {
    const { iotId, productKey } = run.world.devices["aes-256"];
    const group = (status: string) => ({
      authorizeType: "ID2",
      deviceGroupId: dataOf("registerProofDevices"),
      ownerName: "administrator",
      ownerUid: run.world.administrator.uid,
      productKey,
      remark: "备注",
      status,
    });
    expect(answerOf("listDeviceGroup")).toEqual(page([group("AUTHORIZED")]));
    expect(answerOf("listUnauthorizedDeviceGroup")).toEqual(page([group("UNAUTHORIZED")]));
    const { blockChainInfo } = JSON.parse(dataOf("getSignedBlockChainInfo"));
    const device = (status: string) => ({
      deviceId: idForm,
      iotId,
      lastSaveTime: Number(blockChainInfo.timestamp),
      status,
    });
    expect(answerOf("listDevice")).toEqual(page([device("AUTHORIZED")]));
    expect(answerOf("listUnauthorizedDevice")).toEqual(page([device("UNAUTHORIZED")]));
    expect(answerOf("listAuthorizedDevice")).toEqual(page([device("AUTHORIZED")]));
    for (const step of ["unAuthorizeDevice", "authorizeDevice", "unAuthorizeDeviceGroup", "authorizeDeviceGroup"]) {
      expect(answerOf(step)).toEqual(done);
    }
  });

  test("the other actions on phases and their groups", () => {
    const phaseGroupId = dataOf("createPhaseGroup");
    expect(answerOf("modifyPhaseGroup")).toEqual(done);
    expect(answerOf("listPhaseGroup")).toEqual(page([{ name: "大米溯源二", phaseGroupId, remark: "备注" }]));
    expect(answerOf("modifyPhase")).toEqual(done);
    const phase = { accessPermission: 3, name: "水稻种植", phaseId: phaseId(0), remark: "新备注" };
    expect(answerOf("listModifiedPhase")).toEqual(page([phase]));
    expect(answerOf("describeMPCoSResourceInfo")).toEqual(
      accepted({
        memberQuota: 100,
        phaseGroupQuota: 200,
        phaseQuotaInfoList: [{ phaseGroupId, phaseGroupName: "大米溯源二", phaseQuota: 5, usedPhase: 3 }],
        usedMember: 3,
        usedPhaseGroup: 1,
      }),
    );
  });

  test("the other uploads: digests, devices and batches, with lists as the SDK writes them", async () => {
    for (const kind of ["Text", "Digest"]) {
      expect(answerOf(`upload${kind}ByDevice`)).toEqual(done);
      expect(answerOf(`batchUpload${kind}`)).toEqual(done);
      expect(answerOf(`batchUpload${kind}ByDevice`)).toEqual(done);
    }
    expect(answerOf("uploadDigest")).toEqual(done);
    const [first, second] = listedItems.text;
    const sibling = {
      ...related(0, "水稻种植"),
      relatedDataKey: expect.stringMatching(new RegExp(`^0002_[0-9A-Za-z]{16}_[0-9A-Z]{4}_${first.dataKey}$`)),
      relatedDataSeq: sha256Hex(`${placedOf("describeBatchItem").transactionHash}:0`),
      relatedPhaseDataHash: sha256Hex(first.phaseData),
    };
    const { devices } = run.world;
    const shown = [
      ["describeSignedText", "设备数据", [], devices["aes-192"]],
      ["describeBatchItem", second.phaseData, [related(0, "水稻种植"), sibling], undefined],
      ["describeSignedBatchItem", listedItems.signedText[1].phaseData, [], devices["aes-256"]],
      ["describeSignedDigestItem", listedItems.signedDigest[0].phaseData, [], devices["rsa-1024"]],
    ] as const;
    for (const [step, value, dependencies, device] of shown) {
      expect(answerOf(step)).toEqual(accepted(record(value, dependencies, device)));
      await run.expectPlaced(placedOf(step), JSON.stringify(value).slice(1, -1));
    }
  });

  test("the history of a key: newest first", async () => {
    const { devices } = run.world;
    const digest = sha256Hex("only its digest");
    const expected = [
      { ...record(digest.toUpperCase(), [], devices["rsa-1024"]), dataSeq: "3-signed-digest" },
      { ...record("设备数据", [], devices["aes-192"]), dataSeq: "2-signed-text" },
      { ...record(digest, []), dataSeq: "1-digest" },
    ].map(({ relatedDataList: _none, ...row }) => row);
    expect(answerOf("listPhaseHistory")).toEqual(page(expected));
    const rows = dataOf<{ pageData: (Placed & { dataValue: string })[] }>("listPhaseHistory").pageData;
    for (const row of rows) await run.expectPlaced(row, row.dataValue);
    expect(rows[1]?.transactionHash).toBe(placedOf("describeSignedText").transactionHash);
  });
});
