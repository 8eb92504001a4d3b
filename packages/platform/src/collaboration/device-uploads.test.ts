import { afterAll, beforeAll, expect, it } from "vitest";
import { type SigningChoice, signByDevice } from "../devices/device.fixture.ts";
import type { DeviceKeyAlgorithm, DeviceProvisioning, DeviceSignature } from "../devices/ports.ts";
import type { Caller, PlatformErrorCode } from "../ports.ts";
import type { PhaseDataItem, PhaseUpload } from "./ports.ts";
import { openRice, type Rice, relatedTo, sha256 } from "./rice.fixture.ts";

let rice: Rice;
let caller: Caller;
let productKey: string;
let deviceGroupId: string;
let device: DeviceProvisioning;

beforeAll(async () => {
  rice = await openRice();
  const { opened, administrator, bizChainId, members, phases } = rice;
  caller = opened.callerOf(administrator);
  ({ productKey } = await opened.platform.deviceProducts.create(caller, { name: "scales" }));
  ({ deviceGroupId } = await opened.platform.devices.registerGroup(caller, { bizChainId, productKey, name: "scales" }));
  device = await provision("aes-128");
  await rice.grant(members.grower.memberId, [phases.grown]);
});
afterAll(() => rice.close());

async function provision(algorithm: DeviceKeyAlgorithm, ofProduct = productKey): Promise<DeviceProvisioning> {
  const { deviceIdentities } = rice.opened.platform;
  const [identity] = await deviceIdentities.provision(caller, { productKey: ofProduct, algorithm, count: 1 });
  return deviceIdentities.export(caller, identity?.iotId ?? "");
}

const sign = (data: string, by = device, choice: Partial<SigningChoice> = {}) =>
  signByDevice(by, data, { timeMs: rice.clock.nowMs(), ...choice });
const put = (items: readonly PhaseDataItem[], signature: DeviceSignature, more: Partial<PhaseUpload> = {}) => {
  const [{ phaseData } = { phaseData: "" }] = items;
  return rice.upload(rice.members.grower.principal, rice.phases.grown, items, {
    device: signature,
    signedTexts: [phaseData],
    ...more,
  });
};
const describe = async (dataKey: string) => {
  const find = { bizChainId: rice.bizChainId, phaseGroupId: rice.phaseGroupId, phaseId: rice.phases.grown, dataKey };
  return (await rice.collaboration().describe(rice.administrator, find)).record;
};
const uploaded = () =>
  rice.opened.platform.devices.list(rice.administrator, {
    bizChainId: rice.bizChainId,
    deviceGroupId,
    page: 1,
    pageSize: 10,
  });

it.each(["aes-128", "aes-192", "aes-256", "rsa-1024"] as const)(
  "takes a text that a device signed with %s",
  async (algorithm) => {
    const by = await provision(algorithm);
    const item = { dataKey: `text-${algorithm}`, phaseData: "米 12.5 kg" };
    await put([item], sign(item.phaseData, by));
    expect(await describe(item.dataKey)).toMatchObject({
      iotId: by.iotId,
      productKey,
      value: item.phaseData,
      writerUid: rice.members.grower.principal.uid,
    });
    const { items } = await uploaded();
    expect(items.find(({ iotId }) => iotId === by.iotId)).toMatchObject({
      authorized: true,
      lastSaveMs: rice.clock.nowMs(),
    });
  },
);

it("takes a digest whose text the device signed, or whose data it did", async () => {
  const digest = sha256("the picture").toUpperCase();
  await put([{ dataKey: "digest-text", phaseData: digest }], sign(digest), { kind: "digest" });
  await put([{ dataKey: "digest-data", phaseData: digest }], sign("the picture"), { kind: "digest" });
  for (const dataKey of ["digest-text", "digest-data"]) {
    expect(await describe(dataKey)).toMatchObject({ kind: "digest", value: digest, iotId: device.iotId });
  }
  const other = () => put([{ dataKey: "digest-other", phaseData: digest }], sign("other"), { kind: "digest" });
  expect(await rice.refusal(other)).toBe("DEVICE_DIGEST_WRONG");
  // A text is not a digest, though it may look like one.
  const asText = () => put([{ dataKey: "as-text", phaseData: digest }], sign("the picture"));
  expect(await rice.refusal(asText)).toBe("DEVICE_DIGEST_WRONG");
});

it.each(["text", "digest"] as const)("takes a %s batch under one signature over its list", async (kind) => {
  const phaseData = kind === "text" ? "v" : sha256("v");
  const first = { dataKey: `batch-${kind}-1`, phaseData };
  const items = [first, { dataKey: `batch-${kind}-2`, phaseData, related: [relatedTo(rice.phases.grown, first)] }];
  const text = JSON.stringify(items.map(({ dataKey }) => ({ dataKey, phaseData })));
  await put(items, sign(text), { kind, isBatch: true, signedTexts: ["as it was sent", text] });
  for (const { dataKey } of items) expect(await describe(dataKey)).toMatchObject({ iotId: device.iotId, kind });
  // Of a batch no single item's digest will do.
  const one = () => put([{ dataKey: "single", phaseData }], sign("v"), { kind, isBatch: true, signedTexts: [text] });
  expect(await rice.refusal(one)).toBe("DEVICE_DIGEST_WRONG");
});

it("uses a code once", async () => {
  const signature = sign("once");
  await put([{ dataKey: "once", phaseData: "once" }], signature);
  const again = () => put([{ dataKey: "twice", phaseData: "once" }], signature);
  expect(await rice.refusal(again)).toBe("DEVICE_SIGNATURE_REFUSED");
  const otherKind = { ...signature, signature: `2${signature.signature.slice(1)}` };
  expect(await rice.refusal(() => put([{ dataKey: "twice", phaseData: "once" }], otherKind))).toBe(
    "DEVICE_SIGNATURE_REFUSED",
  );
});

it.each<[PlatformErrorCode, (good: DeviceSignature) => DeviceSignature]>([
  ["DEVICE_FIELD_EMPTY", (good) => ({ ...good, signature: "" })],
  ["DEVICE_AUTH_TYPE_UNSUPPORTED", (good) => ({ ...good, authType: "id2" })],
  ["DEVICE_DIGEST_MALFORMED", (good) => ({ ...good, dataDigest: "00" })],
  ["DEVICE_DIGEST_WRONG", (good) => ({ ...good, dataDigest: sha256("other") })],
  ["DEVICE_SOURCE_UNSUPPORTED", (good) => ({ ...good, source: "3" })],
  ["DEVICE_UNAUTHORIZED", (good) => ({ ...good, serviceProvider: "unknown" })],
  ["DEVICE_SIGNATURE_REFUSED", (good) => ({ ...good, iotId: "0".repeat(24) })],
  ["DEVICE_SIGNATURE_REFUSED", (good) => ({ ...good, signature: `${good.signature}=` })],
  ["DEVICE_SIGNATURE_REFUSED", () => sign("v", { ...device, key: "0".repeat(32) })],
  ["DEVICE_SIGNATURE_REFUSED", () => sign("v", device, { timeMs: rice.clock.nowMs() - 15 * 60_000 - 1 })],
  ["DEVICE_SIGNATURE_REFUSED", () => sign("v", device, { kind: "1" })],
])("%s (%#)", async (code, change) => {
  const call = () => put([{ dataKey: "refused", phaseData: "v" }], change(sign("v")));
  expect(await rice.refusal(call)).toBe(code);
});

it("refuses devices and groups that may not upload until they may again", async () => {
  const { devices } = rice.opened.platform;
  const { bizChainId } = rice;
  let writes = 0;
  const write = () => put([{ dataKey: `authorized-${++writes}`, phaseData: "v" }], sign("v"));
  await write();
  const { items } = await uploaded();
  const deviceId = items.find(({ iotId }) => iotId === device.iotId)?.deviceId ?? "";
  for (const authorized of [false, true]) {
    await devices.setAuthorized(caller, { bizChainId, deviceGroupId, deviceId, authorized });
    if (authorized) await write();
    else expect(await rice.refusal(write)).toBe("DEVICE_UNAUTHORIZED");
  }
  for (const authorized of [false, true]) {
    await devices.setGroupAuthorized(caller, { bizChainId, deviceGroupId, authorized });
    if (authorized) await write();
    else expect(await rice.refusal(write)).toBe("DEVICE_UNAUTHORIZED");
  }
});

it("does not let a device stand in for the right to write", async () => {
  const { members, phases } = rice;
  const call = () =>
    rice.upload(members.mill.principal, phases.grown, [{ dataKey: "no-right", phaseData: "v" }], {
      device: sign("v"),
      signedTexts: ["v"],
    });
  expect(await rice.refusal(call)).toBe("ACCESS_DENIED");
});
