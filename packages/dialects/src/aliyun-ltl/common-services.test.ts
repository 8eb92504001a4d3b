import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, BIZ_CHAIN_ID, CHAIN_CODE, KEY_ID } from "../testing/fake-platform.ts";
import { commonFields, createLtlHarness, exampleFields, type Fields, signedGet } from "../testing/ltl-harness.ts";
import { isLedgerBound } from "./authentication.ts";
import { EXAMPLE_DEVICE_GROUP, EXAMPLE_MEMBER } from "./routes/common.ts";
import { exampleDevice } from "./routes/device-signature.ts";
import { routes } from "./routes/table.ts";

const harness = createLtlHarness();
beforeAll(() => harness.server.ready());
afterAll(() => harness.server.close());

type Action = keyof typeof routes;

async function call(action: Action, changes: Fields = {}) {
  const response = await signedGet(harness.server, { ...commonFields(action), ...exampleFields(action), ...changes });
  expect(response.json(), response.body).toMatchObject({ Code: 200, Success: true });
  return { response, data: response.json().Data, text: response.body };
}
/** The text between the request's id and the code. */
const dataText = ({ text }: { readonly text: string }) => /"Data":(.*),"Code":200,"Success":true\}$/.exec(text)?.[1];

describe("members", () => {
  it("are created, listed, changed and locked", async () => {
    const own = { MemberUid: "2000000000000010", MemberName: "农场", MemberContact: "李四", Remark: "<米>" };
    const { data: MemberId } = await call("CreateMember", own);
    expect(MemberId).toMatch(/^[0-9]{16}$/);
    const listed = () => call("ListMember", { MemberUid: own.MemberUid });
    expect(dataText(await listed())).toBe(
      `{"PageData":[{"Status":"UNLOCK","MemberId":"${MemberId}","MemberContact":"李四","MemberUid":"2000000000000010","MemberPhone":"138-1111-0000","MemberName":"农场","Remark":"<米>"}],"Size":2,"Num":1,"Total":1}`,
    );
    expect(dataText(await call("LockMember", { MemberId }))).toBe('""');
    expect((await listed()).data.PageData).toMatchObject([{ Status: "LOCK" }]);
    expect(dataText(await call("UnLockMember", { MemberId }))).toBe('""');
    const changes = { MemberId, MemberUid: own.MemberUid, MemberPhone: "021-1", Remark: "" };
    expect(dataText(await call("ModifyMember", changes))).toBe('""');
    // An empty remark counts as one left out.
    expect((await listed()).data.PageData).toMatchObject([{ Status: "UNLOCK", MemberPhone: "021-1", Remark: "<米>" }]);
  });

  it("are paged", async () => {
    expect((await call("ListMember", { Num: "2", Size: "1" })).data).toMatchObject({ Num: 2, Size: 1, PageData: [{}] });
    expect((await call("ListMember", { Num: "9", Size: "100" })).data.PageData).toEqual([]);
  });

  it("have data-type codes and counts in the document's forms", async () => {
    const codes = await call("ListPSMemberDataTypeCode", { Num: "1", Size: "1" });
    expect(dataText(codes)).toMatch(
      /^\{"PageData":\[\{"MemberId":"\d{16}","MemberName":"某公司","MemberUid":"\d{16}","DataTypeCode":"E0X5"\}\],"Size":1,"Num":1,"Total":\d\}$/,
    );
    expect(dataText(await call("DescribeMemberCapacityInfo"))).toMatch(
      new RegExp(
        `^\\[\\{"MemberId":"${EXAMPLE_MEMBER}","UsedCapacity":"70000000","MemberName":"某公司","MemberUid":"\\d{16}","UsedCount":"26666"\\}`,
      ),
    );
  });
});

describe("device groups and devices", () => {
  it("are registered, listed and authorized", async () => {
    const { data: DeviceGroupId } = await call("RegisterDeviceGroup", { ProductKey: "pk2", Remark: "" });
    const listed = () => call("ListDeviceGroup", { ProductKey: "pk2" });
    expect(dataText(await listed())).toBe(
      `{"PageData":[{"Status":"AUTHORIZED","AuthorizeType":"ID2","OwnerName":"Carrier","DeviceGroupId":"${DeviceGroupId}","OwnerUid":"1000000000000001","ProductKey":"pk2","Remark":""}],"Size":2,"Num":1,"Total":1}`,
    );
    expect(dataText(await call("UnAuthorizeDeviceGroup", { DeviceGroupId }))).toBe('""');
    expect((await listed()).data.PageData).toMatchObject([{ Status: "UNAUTHORIZED" }]);
    expect(dataText(await call("AuthorizeDeviceGroup", { DeviceGroupId }))).toBe('""');
    expect((await listed()).data.PageData).toMatchObject([{ Status: "AUTHORIZED" }]);
  });

  it("appear with their first upload", async () => {
    const IotId = "A".repeat(24);
    const own = { DeviceGroupId: EXAMPLE_DEVICE_GROUP, IotId };
    expect((await call("ListDevice", own)).data).toMatchObject({ Total: 0, PageData: [] });
    const key = { Key: `0001_${CHAIN_CODE}_0X58_device` };
    const { response } = await call("AttachDataWithSignature", { ...key, IotId });
    expect(response.headers["concordat-tx"]).toMatch(/^[0-9a-f]{64}$/);
    const listed = await call("ListDevice", own);
    const [{ DeviceId }] = listed.data.PageData;
    expect(dataText(listed)).toBe(
      `{"PageData":[{"Status":"AUTHORIZED","IotId":"${IotId}","LastSaveTime":1600000000001,"DeviceId":"${DeviceId}"}],"Size":2,"Num":1,"Total":1}`,
    );
    expect(dataText(await call("UnAuthorizeDevice", { DeviceId }))).toBe('""');
    expect((await call("ListDevice", own)).data.PageData).toMatchObject([{ Status: "UNAUTHORIZED" }]);
    expect(dataText(await call("AuthorizeDevice", { DeviceId }))).toBe('""');
    expect((await call("ListDevice", own)).data.PageData).toMatchObject([{ Status: "AUTHORIZED" }]);
    const info = JSON.parse((await call("GetBlockChainInfo", { ...key, BusinessId: "" })).data);
    expect(info.blockChainInfo.iotId).toBe(IotId);
  });

  it.each(["SetDataWithSignature", "AttachDataWithSignature"] as const)("%s hands on every part", async (action) => {
    await call(action);
    const { Key, ProductKey, Value, BusinessId } = exampleFields(action);
    expect(harness.platform.writes.at(-1)).toEqual({
      device: exampleDevice,
      key: Key,
      chainCode: ProductKey,
      value: Value,
      ...(BusinessId === undefined ? {} : { businessId: BusinessId }),
    });
  });
});

describe("chains", () => {
  it("of collaboration are not among those of evidence", async () => {
    const { data } = await call("ListProofChain", { Num: "1", Size: "100" });
    expect(data).toMatchObject({ Total: 1, PageData: [{ BizChainId: BIZ_CHAIN_ID }] });
  });
});

describe("changes of the control store", () => {
  const changing: readonly Action[] = [
    "CreateMember",
    "ModifyMember",
    "LockMember",
    "UnLockMember",
    "RegisterDeviceGroup",
    "AuthorizeDeviceGroup",
    "UnAuthorizeDeviceGroup",
    "AuthorizeDevice",
    "UnAuthorizeDevice",
  ];
  const actions = Object.keys(routes) as Action[];

  it("are the mutating actions that answer no transaction", () => {
    expect(actions.filter((action) => routes[action].mutating && !isLedgerBound(routes[action]))).toEqual(changing);
  });

  it.each(actions)("%s keeps its nonce, and makes a whole caller, only if it is one", async (action) => {
    const isChange = changing.includes(action);
    const { keptNonces, wholeCallers } = harness.platform;
    keptNonces.length = 0;
    wholeCallers.length = 0;
    const nonce = `kept-${action}`;
    const fields = { ...commonFields(action), ...exampleFields(action), SignatureNonce: nonce };
    const response = await signedGet(harness.server, fields);
    expect(keptNonces).toEqual(isChange ? [nonce] : []);
    const caller = {
      principal: ACCOUNT,
      credential: { kind: "access-key", id: KEY_ID },
      sourceAddress: "127.0.0.1",
      requestId: response.json().RequestId,
    };
    expect(wholeCallers).toEqual(isChange ? [expect.objectContaining(caller)] : []);
    expect((await signedGet(harness.server, fields)).json().Code).toBe("SignatureNonceUsed");
  });
});
