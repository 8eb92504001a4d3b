import { hash } from "node:crypto";
import type { AccessKey, DeviceProvisioning } from "@concordat/platform";
import { signByDevice } from "@concordat/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Fields, NOW_MS } from "../testing/ltl-harness.ts";
import { LtlPlatformWorld } from "../testing/ltl-platform-world.ts";

let world: LtlPlatformWorld;
let grower: AccessKey;
let MemberId: string;
let place: { readonly BizChainId: string; readonly PhaseGroupId: string };
let phases: readonly string[];
let device: DeviceProvisioning;

beforeAll(async () => {
  world = await LtlPlatformWorld.open();
  const { platform, boot, callerOf } = world.opened;
  const { bizChainId } = boot.collaborationChain.chain;
  const caller = callerOf(boot.accessKey.principal);
  const user = await platform.accounts.createRamUser(caller, { accountUid: boot.uid, name: "grower" });
  grower = user.accessKey;
  ({ memberId: MemberId } = await platform.members.create(caller, { bizChainId, uid: user.principal.uid }));
  const { productKey } = await platform.deviceProducts.create(caller, { name: "scales" });
  await platform.devices.registerGroup(caller, { bizChainId, productKey, name: "scales" });
  const [made] = await platform.deviceIdentities.provision(caller, { productKey, algorithm: "aes-128", count: 1 });
  device = await platform.deviceIdentities.export(caller, made?.iotId ?? "");

  const PhaseGroupId = await dataOf("CreateMPCoSPhaseGroup", { BizChainId: bizChainId, Name: "大米溯源" });
  place = { BizChainId: bizChainId, PhaseGroupId };
  const ids: string[] = [];
  for (const Name of ["大米生产", "大米加工"]) ids.push(await dataOf("CreateMPCoSPhase", { ...place, Name }));
  phases = ids;
});
afterAll(() => world.dispose());

async function dataOf(action: string, own: Fields, by = world.accessKey) {
  const { Code, Message, Data } = await world.call(action, own, by);
  expect([action, Code, Message]).toEqual([action, 200, ""]);
  return Data;
}

const codeOf = async (action: string, own: Fields, by = world.accessKey) => (await world.call(action, own, by)).Code;
const sha256 = (text: string) => hash("sha256", text, "hex");
const inPhase = (index: number) => ({ ...place, PhaseId: phases[index] ?? "" });
const listOf = (...items: readonly object[]) => ({ PhaseDataList: JSON.stringify(items) });

function deviceFields(data: string): Fields {
  const signed = signByDevice(device, data, { timeMs: world.clock.nowMs() });
  return {
    IotAuthType: signed.authType,
    IotDataDigest: signed.dataDigest,
    IotId: signed.iotId,
    IotIdServiceProvider: signed.serviceProvider,
    IotIdSource: signed.source,
    IotSignature: signed.signature,
  };
}

it("lists the chain, its groups, phases and quotas", async () => {
  const page = { Num: "1", Size: "10" };
  expect(await dataOf("ListMultiPartyCollaborationChain", page, grower)).toMatchObject({
    PageData: [{ BizChainId: place.BizChainId, RoleType: "MEMBER" }],
    Total: 1,
  });
  expect(await dataOf("ListMPCoSPhase", { ...place, ...page }, grower)).toMatchObject({
    PageData: [{ AccessPermission: 1, Name: "大米生产" }, { AccessPermission: 1 }],
  });
  expect(await dataOf("DescribeMPCoSResourceInfo", place)).toMatchObject({
    UsedMember: 1,
    PhaseQuotaInfoList: [{ UsedPhase: 2, PhaseGroupName: "大米溯源" }],
  });
  expect(await codeOf("CreateMPCoSPhase", { ...place, Name: "大米生产" })).toBe("InvalidParameter.Name");
});

it("gives and takes rights, the last one with an empty list", async () => {
  const whose = { ...place, MemberId };
  const data = { ...inPhase(0), DataKey: "rights", PhaseData: "v" };
  expect(await codeOf("UploadMPCoSPhaseTextInfo", data, grower)).toBe("NoPermission");
  await dataOf("UpdateMPCoSAuthorizedInfo", { ...whose, "AuthorizedPhaseList.1": phases[0] ?? "" });
  await dataOf("UploadMPCoSPhaseTextInfo", data, grower);
  await dataOf("UpdateMPCoSAuthorizedInfo", { ...whose, AuthorizedPhaseList: "[]" });
  expect(await dataOf("DescribeMPCoSAuthorizedInfo", whose)).toMatchObject({ AuthorizedPhaseList: [] });
  expect(await codeOf("UploadMPCoSPhaseTextInfo", { ...data, DataSeq: "2" }, grower)).toBe("NoPermission");
  const twice = JSON.stringify([phases[0], phases[0]]);
  expect(await codeOf("UpdateMPCoSAuthorizedInfo", { ...whose, AuthorizedPhaseList: twice })).toBe(
    "InvalidParameter.AuthorizedPhaseList",
  );
});

it("writes data with what it depends on, and reads it with the full keys", async () => {
  const grown = { DataKey: "A1", PhaseData: '{"大米生产编号" : "37423894238947239472"}', DataSeq: "1" };
  await dataOf("UploadMPCoSPhaseTextInfo", { ...inPhase(0), ...grown });
  const related = {
    "RelatedDataList.1.RelatedPhaseId": phases[0] ?? "",
    "RelatedDataList.1.relatedDataKey": grown.DataKey,
    "RelatedDataList.1.RelatedPhaseData": grown.PhaseData,
  };
  const milled = { ...inPhase(1), DataKey: "B1", PhaseData: "加工" };
  const wrong = { ...related, "RelatedDataList.1.RelatedPhaseData": "other" };
  expect(await codeOf("UploadMPCoSPhaseTextInfo", { ...milled, ...wrong })).toBe("InvalidParameter.RelatedDataList");
  const { txIds: tx } = await world.call("UploadMPCoSPhaseTextInfo", { ...milled, ...related });
  const found = await dataOf("DescribeMPCoSPhaseInfo", { ...inPhase(1), DataKey: "B1" }, grower);
  const { bizChainCode } = world.opened.boot.collaborationChain.chain;
  expect(found).toMatchObject({
    DataValue: "加工",
    TransactionHash: tx,
    IotId: "",
    ProductKey: "",
    Timestamp: NOW_MS,
    RelatedDataList: [
      {
        RelatedPhaseId: phases[0],
        RelatedDataSeq: "1",
        RelatedDataKey: expect.stringMatching(new RegExp(`^0002_${bizChainCode}_[0-9A-Z]{4}_A1$`)),
        RelatedPhaseDataHash: sha256(grown.PhaseData),
        RelatedPhaseName: "大米生产",
      },
    ],
  });
  const window = { StartTime: String(NOW_MS), EndTime: String(NOW_MS), Num: "1", Size: "2" };
  expect(await dataOf("ListMPCoSPhaseHistory", { ...inPhase(1), ...window, DataKey: "B1" })).toMatchObject({
    PageData: [{ BlockHash: found.BlockHash, BlockNumber: found.BlockNumber }],
    Total: 1,
  });
});

it("takes what a device signed: data, a digest's data, and lists in both forms", async () => {
  const single = { ...inPhase(0), DataKey: "D1", PhaseData: "12.5 kg" };
  const signed = deviceFields("12.5 kg");
  await dataOf("UploadMPCoSPhaseTextInfoByDevice", { ...single, ...signed });
  expect(await codeOf("UploadMPCoSPhaseTextInfoByDevice", { ...single, ...signed, DataSeq: "2" })).toBe(-106);
  const digest = { ...inPhase(0), DataKey: "D2", PhaseData: sha256("a picture") };
  await dataOf("UploadMPCoSPhaseDigestInfoByDevice", { ...digest, ...deviceFields("a picture") });
  const text = ` [ {"PhaseData":"一", "DataKey":"D3"} ] `;
  await dataOf("BatchUploadMPCoSPhaseTextInfoByDevice", { ...inPhase(0), PhaseDataList: text, ...deviceFields(text) });
  const pieces = { "PhaseDataList.1.PhaseData": "一", "PhaseDataList.1.DataKey": "D4" };
  const canonical = '[{"dataKey":"D4","phaseData":"一"}]';
  const batch = { ...inPhase(0), ...pieces };
  expect(await codeOf("BatchUploadMPCoSPhaseTextInfoByDevice", { ...batch, ...deviceFields(text) })).toBe(-111);
  await dataOf("BatchUploadMPCoSPhaseTextInfoByDevice", { ...batch, ...deviceFields(canonical) });
  expect(await dataOf("DescribeMPCoSPhaseInfo", { ...inPhase(0), DataKey: "D4" })).toMatchObject({
    IotId: device.iotId,
    ProductKey: device.productKey,
  });
});

it("refuses with the document's numbers", async () => {
  const one = { dataKey: "N1", phaseData: "v", dataSeq: "1" };
  const upload = { ...inPhase(0), DataKey: one.dataKey, PhaseData: one.phaseData, DataSeq: one.dataSeq };
  await dataOf("UploadMPCoSPhaseTextInfo", upload);
  const batch = "BatchUploadMPCoSPhaseTextInfo";
  const many = Array.from({ length: 51 }, (_, index) => ({ dataKey: `N${index}`, phaseData: "v" }));
  const answers = {
    empty: await codeOf("UploadMPCoSPhaseTextInfo", { ...upload, PhaseData: "" }),
    tooLong: await codeOf("UploadMPCoSPhaseTextInfo", { ...upload, PhaseData: `${"数".repeat(2048)}a` }),
    again: await codeOf("UploadMPCoSPhaseTextInfo", upload),
    noDigest: await codeOf("UploadMPCoSPhaseDigestInfo", upload),
    noKey: await codeOf("UploadMPCoSPhaseTextInfo", { ...upload, DataKey: "数" }),
    noSequence: await codeOf("UploadMPCoSPhaseTextInfo", { ...upload, DataSeq: "a b" }),
    many: await codeOf(batch, { ...inPhase(0), ...listOf(...many) }),
    itemTooLong: await codeOf(batch, { ...inPhase(0), ...listOf({ ...one, phaseData: "v".repeat(4097) }) }),
    itemTwice: await codeOf(batch, { ...inPhase(0), ...listOf({ ...one, dataKey: "N2" }, { ...one, dataKey: "N2" }) }),
    itemAgain: await codeOf(batch, { ...inPhase(0), ...listOf({ ...one, dataKey: "N3" }, one) }),
    elsewhere: await codeOf("UploadMPCoSPhaseTextInfo", { ...upload, PhaseId: "1".repeat(16) }),
    unknown: await codeOf("DescribeMPCoSPhaseInfo", { ...inPhase(0), DataKey: "nothing" }),
    proof: await codeOf("DescribeMPCoSResourceInfo", { BizChainId: world.opened.boot.proofChain.chain.bizChainId }),
  };
  expect(answers).toEqual({
    empty: -103,
    tooLong: -220,
    again: -317,
    noDigest: "InvalidParameter.PhaseData",
    noKey: "InvalidParameter.DataKey",
    noSequence: "InvalidParameter.DataSeq",
    many: -221,
    itemTooLong: -222,
    itemTwice: -219,
    itemAgain: -318,
    elsewhere: "InvalidParameter.PhaseId",
    unknown: "InvalidParameter.DataKey",
    proof: "NoPermission",
  });
  await dataOf(batch, { ...inPhase(0), ...listOf({ ...one, phaseData: "v".repeat(4096), dataKey: "N3" }) });
});
