import { beforeAll, expect, test } from "vitest";
import { deviceParameters } from "../support/device-signature.ts";
import { ltlCalls } from "../support/ltl-calls.ts";
import { ltlErrorRows } from "../support/ltl-error-rows.ts";
import { codeOf, createLtlWorld, LtlSetup, type LtlWorld } from "../support/ltl-world.ts";
import { newInstallation, type RunningServer, startServer } from "../support/server.ts";

/** Refusals of members, devices and collaboration; those of the evidence calls are in errors.slow.test.ts. */
let server: RunningServer;
let world: LtlWorld;
let setup: LtlSetup;

beforeAll(async () => {
  server = await startServer(await newInstallation("ltl-errors"));
  setup = new LtlSetup(server);
  world = await createLtlWorld(server, setup);
  return async () => {
    world.caller.close();
    await server.stop();
  };
});

async function callOf(action: string) {
  const parameters = await ltlCalls[action]?.(world, world.administrator, setup);
  if (parameters === undefined) throw new Error(`There is no call of ${action}.`);
  return parameters;
}

test.each(ltlErrorRows)("$code: $action, $what (section $source) changes nothing", async (row) => {
  const parameters = row.change(await callOf(row.action), world);
  const before = await prints();
  const answer = await world.caller.call(row.action, parameters, { method: "POST" });
  expect([answer.status, answer.body["Code"]], answer.text).toEqual([row.status, row.code]);
  expect(answer.body["RequestId"]).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
  expect(String(answer.body["Message"])).not.toBe("");
  if (typeof row.code === "number") expect(answer.body["Success"]).toBe(false);
  expect(answer.txIds).toEqual([]);
  expect(await prints()).toEqual(before);
});

test("a device's code is used once, whatever it is used for", async () => {
  const { proof, administrator, device } = world;
  const key = (id: string) => `0001_${proof.productKey}_${administrator.dataTypeCode}_${id}`;
  const upload = { ProductKey: proof.productKey, Value: "21.5", ...deviceParameters(device, "21.5") };
  const first = await world.caller.call("SetDataWithSignature", { ...upload, Key: key("once-1") });
  expect(codeOf(first)).toBe("200");
  const before = await prints();
  for (const action of ["SetDataWithSignature", "AttachDataWithSignature"]) {
    const again = await world.caller.call(action, { ...upload, Key: key("once-2") });
    expect(codeOf(again), again.text).toBe("-106");
  }
  expect(await prints()).toEqual(before);
});

test("a device or group that is not authorized uploads nothing, until the administrator restores it", async () => {
  const { proof, administrator } = world;
  const device = await setup.device("aes-256");
  const DeviceGroupId = await setup.group(proof.bizChainId, device.productKey);
  const inGroup = { BizChainId: proof.bizChainId, DeviceGroupId };
  let count = 0;
  const upload = () => {
    count += 1;
    const Key = `0001_${proof.productKey}_${administrator.dataTypeCode}_guard-${count}`;
    const parameters = { ProductKey: proof.productKey, Key, Value: "1", ...deviceParameters(device, "1") };
    return world.caller.call("SetDataWithSignature", parameters);
  };
  expect(codeOf(await upload())).toBe("200");
  const devices = (await setup.call("ListDevice", { ...inGroup, Num: "1", Size: "1" })) as {
    PageData: { DeviceId: string; IotId: string; Status: string; LastSaveTime: number }[];
  };
  expect(devices.PageData).toMatchObject([{ IotId: device.iotId, Status: "AUTHORIZED" }]);
  const DeviceId = String(devices.PageData[0]?.DeviceId);
  await setup.call("UnAuthorizeDevice", { ...inGroup, DeviceId });
  expect(codeOf(await upload())).toBe("NoPermission");
  await setup.call("AuthorizeDevice", { ...inGroup, DeviceId });
  expect(codeOf(await upload())).toBe("200");
  await setup.call("UnAuthorizeDeviceGroup", inGroup);
  expect(codeOf(await upload())).toBe("NoPermission");
  await setup.call("AuthorizeDeviceGroup", inGroup);
  expect(codeOf(await upload())).toBe("200");
});

test("quotas and the end of a chain are kept", async () => {
  const chain = await setup.chain("Small", "collaboration");
  const BizChainId = chain.bizChainId;
  const set = async (changes: object) => {
    const { status, body } = await world.native.send("PATCH", `/chains/${BizChainId}`, changes);
    expect(status, JSON.stringify(body)).toBe(200);
  };
  const refused = async (action: string, parameters: Record<string, string>) => {
    const before = await world.native.ledgerPrint(chain.channelId);
    const answer = await world.caller.call(action, { BizChainId, ...parameters });
    expect([answer.status, codeOf(answer)], answer.text).toEqual([403, "Forbidden"]);
    expect(await world.native.ledgerPrint(chain.channelId)).toEqual(before);
  };
  await set({ quotas: { memberQuota: 1, phaseGroupQuota: 1, phaseQuota: 1, countQuota: 1 } });
  const PhaseGroupId = String(await setup.call("CreateMPCoSPhaseGroup", { BizChainId, Name: "only" }));
  await refused("CreateMPCoSPhaseGroup", { Name: "second" });
  const PhaseId = String(await setup.call("CreateMPCoSPhase", { BizChainId, PhaseGroupId, Name: "only" }));
  await refused("CreateMPCoSPhase", { PhaseGroupId, Name: "second" });
  await setup.join(BizChainId, (await setup.user()).uid);
  const { uid } = await setup.user();
  await refused("CreateMember", { MemberUid: uid, MemberName: "second", MemberContact: "contact", MemberPhone: "1" });
  const upload = (DataKey: string) => ({ PhaseGroupId, PhaseId, DataKey, PhaseData: "data" });
  await setup.call("UploadMPCoSPhaseTextInfo", { BizChainId, ...upload("first") });
  await refused("UploadMPCoSPhaseTextInfo", upload("second"));
  const resources = await setup.call("DescribeMPCoSResourceInfo", { BizChainId });
  expect(resources).toEqual({
    MemberQuota: 1,
    UsedMember: 1,
    PhaseGroupQuota: 1,
    UsedPhaseGroup: 1,
    PhaseQuotaInfoList: [{ PhaseGroupId, PhaseGroupName: "only", PhaseQuota: 1, UsedPhase: 1 }],
  });

  await set({ quotas: { countQuota: 10, phaseGroupQuota: 10 }, expiresMs: Date.now() - 1 });
  await refused("UploadMPCoSPhaseTextInfo", upload("late"));
  await refused("CreateMPCoSPhaseGroup", { Name: "late" });
  expect(await setup.call("DescribeResourceInfo", { BizChainId })).toMatchObject({ Status: "EXPIRED" });
  await set({ expiresMs: Date.now() + 86_400_000 });
  await setup.call("UploadMPCoSPhaseTextInfo", { BizChainId, ...upload("renewed") });
});

function prints() {
  const channels = [world.proof.channelId, world.collaboration.channelId];
  return Promise.all(channels.map((channelId) => world.native.ledgerPrint(channelId)));
}
