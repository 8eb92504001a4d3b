import type { AccessKey, DeviceProvisioning } from "@concordat/platform";
import { signByDevice } from "@concordat/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fields } from "../testing/ltl-harness.ts";
import { LtlPlatformWorld } from "../testing/ltl-platform-world.ts";

/** Members, devices and signed evidence through the dialect, over the whole platform and the real ledger. */
let world: LtlPlatformWorld;
let chain: { readonly BizChainId: string };
let ProductKey: string;
beforeAll(async () => {
  world = await LtlPlatformWorld.open();
  const { bizChainId, bizChainCode } = world.opened.boot.proofChain.chain;
  chain = { BizChainId: bizChainId };
  ProductKey = bizChainCode;
});
afterAll(() => world.dispose());

const page = { Num: "1", Size: "10" };
const details = { MemberName: "农场(1)", MemberContact: "张三", MemberPhone: "138-1111-0000" };
const codeOf = async (action: string, own: Fields, by?: AccessKey) => (await world.call(action, own, by)).Code;

async function dataOf(action: string, own: Fields, by?: AccessKey) {
  const { Code, Message, Data } = await world.call(action, own, by);
  expect([action, Code, Message]).toEqual([action, 200, ""]);
  return Data;
}

async function newUser(name: string) {
  const { platform, callerOf, boot } = world.opened;
  return platform.accounts.createRamUser(callerOf(boot.accessKey.principal), { accountUid: boot.uid, name });
}

/** A product with a device of it, whose key is on the device. */
async function newDevice(name: string): Promise<DeviceProvisioning> {
  const { platform, callerOf, boot } = world.opened;
  const caller = callerOf(boot.accessKey.principal);
  const { productKey } = await platform.deviceProducts.create(caller, { name });
  const [made] = await platform.deviceIdentities.provision(caller, { productKey, algorithm: "aes-256", count: 1 });
  return platform.deviceIdentities.export(caller, made?.iotId ?? "");
}

function signedFields(device: DeviceProvisioning, Value: string): Fields {
  const signed = signByDevice(device, Value, { timeMs: world.clock.nowMs() });
  return {
    Value,
    IotAuthType: signed.authType,
    IotDataDigest: signed.dataDigest,
    IotId: signed.iotId,
    IotIdServiceProvider: signed.serviceProvider,
    IotIdSource: signed.source,
    IotSignature: signed.signature,
  };
}

it("keeps a member from its creation to its lock", async () => {
  const { principal, accessKey } = await newUser("grower");
  const MemberUid = principal.uid;
  const create = { ...chain, ...details, MemberUid };
  const MemberId = await dataOf("CreateMember", create);
  expect(await codeOf("CreateMember", create)).toBe("InvalidParameter.MemberUid");
  expect(await codeOf("CreateMember", { ...create, MemberUid: "1".repeat(16) })).toBe("InvalidParameter.MemberUid");
  expect(await codeOf("CreateMember", { ...create, MemberUid: world.opened.boot.uid })).toBe(-104);
  const { PageData } = await dataOf("ListPSMemberDataTypeCode", { ...chain, ...page, MemberUid });
  expect(PageData).toEqual([
    { MemberId, MemberName: "农场(1)", MemberUid, DataTypeCode: expect.stringMatching(/^[0-9A-Z]{4}$/) },
  ]);
  const Key = `0001_${ProductKey}_${PageData[0].DataTypeCode}_first`;
  await dataOf("SetData", { ProductKey, Key, Value: "21.5" }, accessKey);
  expect(await dataOf("DescribeMemberCapacityInfo", chain)).toEqual([
    { MemberId, UsedCapacity: "4", MemberName: "农场(1)", MemberUid, UsedCount: "1" },
  ]);
  expect(await codeOf("ListMember", { ...chain, ...page }, accessKey)).toBe("NoPermission");

  const member = { ...chain, MemberId };
  expect(await dataOf("LockMember", member)).toBe("");
  expect(await dataOf("ListMember", { ...chain, ...page, MemberUid })).toMatchObject({
    PageData: [{ Status: "LOCK", MemberPhone: "138-1111-0000", Remark: "" }],
    Total: 1,
  });
  expect(await codeOf("GetData", { ProductKey, Key }, accessKey)).toBe("NoPermission");
  expect(await dataOf("ListProofChain", page, accessKey)).toMatchObject({ PageData: [], Total: 0 });
  expect(await dataOf("UnLockMember", member)).toBe("");
  expect(await dataOf("GetData", { ProductKey, Key }, accessKey)).toBe("21.5");
  expect(await codeOf("LockMember", { ...chain, MemberId: "1".repeat(16) })).toBe("InvalidParameter.MemberId");

  const successor = await newUser("successor");
  const place = { ...member, ...details, MemberUid: successor.principal.uid, Remark: "同一个位置" };
  expect(await dataOf("ModifyMember", place)).toBe("");
  expect(await codeOf("GetData", { ProductKey, Key }, accessKey)).toBe("NoPermission");
  expect(await dataOf("GetData", { ProductKey, Key }, successor.accessKey)).toBe("21.5");
});

it("keeps the nonces of such changes over a restart", async () => {
  const { principal } = await newUser("once");
  const create = { ...chain, ...details, MemberUid: principal.uid, SignatureNonce: "once-for-all" };
  await dataOf("CreateMember", create);
  expect(await codeOf("CreateMember", create)).toBe("SignatureNonceUsed");
  await world.restart();
  expect(await codeOf("CreateMember", create)).toBe("SignatureNonceUsed");
});

it("leaves audit entries with the caller's access key", async () => {
  const { store, boot } = world.opened;
  const entries = await store.database
    .selectFrom("auditEntries")
    .select(["action", "uid"])
    .where("action", "=", "ltl:member:lock")
    .execute();
  expect(entries).toEqual([{ action: "ltl:member:lock", uid: boot.uid }]);
});

it("takes what a device has signed, once, while its group and it are authorized", async () => {
  const device = await newDevice("Thermometers");
  const code = world.opened.boot.proofChain.dataTypeCode;
  const keyed = (id: string) => ({ ProductKey, Key: `0001_${ProductKey}_${code}_${id}` });
  const upload = async (id: string, changes: Fields = {}) =>
    world.call("SetDataWithSignature", { ...keyed(id), ...signedFields(device, "4.2"), ...changes });
  expect((await upload("d1")).Code).toBe("NoPermission");

  const group = { ...chain, AuthorizeType: "ID2", DeviceGroupName: "温度计", ProductKey: device.productKey };
  const DeviceGroupId = await dataOf("RegisterDeviceGroup", group);
  expect(await codeOf("RegisterDeviceGroup", group)).toBe("InvalidParameter.ProductKey");
  expect(await codeOf("RegisterDeviceGroup", { ...group, ProductKey: "none" })).toBe("InvalidParameter.ProductKey");
  const ofGroup = { ...chain, DeviceGroupId };
  expect(await dataOf("ListDevice", { ...ofGroup, ...page })).toMatchObject({ PageData: [], Total: 0 });

  const signed = signedFields(device, "4.2");
  const first = await world.call("SetDataWithSignature", { ...keyed("d1"), ...signed });
  expect(first).toMatchObject({ Code: 200, Data: "", txIds: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await codeOf("AttachDataWithSignature", { ...keyed("d1"), ...signed })).toBe(-106);
  expect(await codeOf("AttachDataWithSignature", { ...keyed("d1"), ...signedFields(device, "4.3") })).toBe(200);
  expect(await dataOf("GetData", keyed("d1"))).toBe("4.3");
  const info = JSON.parse(await dataOf("GetBlockChainInfo", keyed("d1")));
  expect(info.blockChainInfo.iotId).toBe(device.iotId);

  const changes: readonly (readonly [Fields, number])[] = [
    [{ IotAuthType: "", IotIdSource: "3" }, -106],
    [{ IotSignature: "", IotAuthType: "X" }, -106],
    [{ IotAuthType: "X", IotDataDigest: "1" }, -107],
    [{ IotDataDigest: "1", IotIdSource: "3" }, -110],
    [{ Value: "9", IotIdSource: "3" }, -111],
    [{ IotIdSource: "3" }, -118],
    [{ IotIdSource: "" }, -118],
    [{ IotSignature: "3~2~0~0~0" }, -106],
  ];
  for (const [change, number] of changes) expect((await upload("bad", change)).Code).toBe(number);

  const { PageData } = await dataOf("ListDevice", { ...ofGroup, ...page });
  expect(PageData).toEqual([
    {
      Status: "AUTHORIZED",
      IotId: device.iotId,
      LastSaveTime: world.clock.nowMs(),
      DeviceId: expect.stringMatching(/^[0-9]{16}$/),
    },
  ]);
  const { DeviceId } = PageData[0];
  expect(await codeOf("AuthorizeDevice", { ...ofGroup, DeviceId: "1".repeat(16) })).toBe("InvalidParameter.DeviceId");
  expect(await dataOf("UnAuthorizeDevice", { ...ofGroup, DeviceId })).toBe("");
  expect(await upload("d2")).toMatchObject({ status: 403, Code: "NoPermission" });
  expect(await dataOf("AuthorizeDevice", { ...ofGroup, DeviceId })).toBe("");
  expect((await upload("d2")).Code).toBe(200);
  expect(await dataOf("UnAuthorizeDeviceGroup", ofGroup)).toBe("");
  expect(await upload("d3")).toMatchObject({ status: 403, Code: "NoPermission" });
  expect(await dataOf("ListDeviceGroup", { ...chain, ...page })).toMatchObject({
    PageData: [{ Status: "UNAUTHORIZED", DeviceGroupId, OwnerUid: world.opened.boot.uid }],
  });
  expect(await dataOf("AuthorizeDeviceGroup", ofGroup)).toBe("");
  expect((await upload("d3")).Code).toBe(200);
  expect(await codeOf("ListDevice", { ...chain, ...page, DeviceGroupId: "1".repeat(16) })).toBe(
    "InvalidParameter.DeviceGroupId",
  );
});
