import { createPrivateKey } from "node:crypto";
import type { DeviceProvisioning } from "@concordat/platform";
import { codeOf, signByDevice } from "@concordat/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openNativeWorld } from "../testing/native-world.ts";

let world: Awaited<ReturnType<typeof openNativeWorld>>;
let root: ReturnType<typeof world.clientOf>;
beforeAll(async () => {
  world = await openNativeWorld();
  root = world.clientOf((await world.harness.bootstrap()).accessKey);
});
afterAll(() => world.dispose());

let drawn = 0;
const newProduct = async () => (await root.createDeviceProduct({ name: `product-${++drawn}` })).productKey;

async function newDevice(productKey: string): Promise<DeviceProvisioning> {
  const { devices } = await root.createDeviceIdentities({ productKey, algorithm: "aes-192" });
  return root.exportDeviceIdentity({ iotId: devices[0]?.iotId ?? "" });
}

/** Writes a record that the device signed; by the chain's administrator. */
async function upload(device: DeviceProvisioning, { bizChainCode: chainCode, dataTypeCode }: Chain): Promise<void> {
  const { platform, clock } = world.harness;
  const record = { chainCode, key: `0001_${chainCode}_${dataTypeCode}_${++drawn}`, value: `${drawn}` };
  const signature = signByDevice(device, record.value, { timeMs: clock.nowMs() });
  await platform.evidence.set(world.cast.administrator, { ...record, device: signature }, world.harness.nonce());
}
type Chain = Awaited<ReturnType<typeof root.createChain>>;

it("a product without a chain may be used on any", async () => {
  const productKey = await newProduct();
  expect(await root.getDeviceProduct({ productKey })).toMatchObject({ bizChainId: null });
});

it("identities are made with keys of every kind, which are handed out once", async () => {
  const productKey = await newProduct();
  const { devices } = await root.createDeviceIdentities({ productKey, algorithm: "aes-256", count: 3 });
  const [first] = devices;
  const iotId = first?.iotId ?? "";
  expect(devices).toHaveLength(3);
  expect(first).toEqual({
    ...{ iotId: expect.stringMatching(/^[0-9A-F]{24}$/), productKey, algorithm: "aes-256", enabled: true },
    ...{ exportedMs: null, createdMs: expect.any(Number) },
  });
  expect(await root.listDeviceIdentities({ productKey, page: 2, pageSize: 2 })).toEqual({
    total: 3,
    devices: devices.slice(2),
  });
  expect(await root.getDeviceIdentity({ iotId })).toEqual(first);
  const exported = await root.exportDeviceIdentity({ iotId });
  const key = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(exported).toEqual({ format: "concordat-device/1", iotId, productKey, algorithm: "aes-256", key });
  expect(await codeOf(root.exportDeviceIdentity({ iotId }))).toBe("DEVICE_IDENTITY_EXPORTED");
  expect(await root.getDeviceIdentity({ iotId })).toMatchObject({ exportedMs: expect.any(Number) });
  expect(await root.updateDeviceIdentity({ iotId, enabled: false })).toMatchObject({ iotId, enabled: false });
  const { devices: rsa } = await root.createDeviceIdentities({ productKey, algorithm: "rsa-1024" });
  const pem = (await root.exportDeviceIdentity({ iotId: rsa[0]?.iotId ?? "" })).key;
  expect(createPrivateKey(pem).asymmetricKeyDetails).toMatchObject({ modulusLength: 1024 });
});

it("identities are for whoever administers the product's tenant", async () => {
  const productKey = await newProduct();
  const { devices } = await root.createDeviceIdentities({ productKey, algorithm: "aes-128" });
  const iotId = devices[0]?.iotId ?? "";
  const { accessKey } = await root.createAccount({ name: "Else" });
  const other = world.clientOf({ accessKeyId: accessKey.accessKeyId, secret: accessKey.accessKeySecret });
  expect(await codeOf(other.createDeviceIdentities({ productKey, algorithm: "aes-128" }))).toBe("PRODUCT_UNKNOWN");
  expect(await codeOf(other.listDeviceIdentities({ productKey }))).toBe("PRODUCT_UNKNOWN");
  expect(await codeOf(other.getDeviceIdentity({ iotId }))).toBe("DEVICE_IDENTITY_UNKNOWN");
  expect(await codeOf(other.exportDeviceIdentity({ iotId }))).toBe("DEVICE_IDENTITY_UNKNOWN");
  expect(await codeOf(other.updateDeviceIdentity({ iotId, enabled: false }))).toBe("DEVICE_IDENTITY_UNKNOWN");
  expect(await root.getDeviceIdentity({ iotId })).toMatchObject({ enabled: true, exportedMs: null });
});

it("a device is listed once it has uploaded, and uploads while its group and itself are authorized", async () => {
  const chain = await root.createChain({ name: "Sensors" });
  const { bizChainId } = chain;
  const productKey = await newProduct();
  const device = await newDevice(productKey);
  expect(await codeOf(upload(device, chain))).toBe("DEVICE_UNAUTHORIZED");
  const group = await root.registerDeviceGroup({ bizChainId, productKey, name: "sensors", remark: "r" });
  const { deviceGroupId } = group;
  expect(group).toMatchObject({ bizChainId, productKey, name: "sensors", remark: "r", authorized: true });
  expect(await root.listDeviceGroups({ bizChainId, productKey })).toEqual({ total: 1, deviceGroups: [group] });
  expect(await root.listDevices({ bizChainId, deviceGroupId })).toEqual({ total: 0, devices: [] });
  await upload(device, chain);
  const { devices } = await root.listDevices({ bizChainId, deviceGroupId, iotId: device.iotId });
  expect(devices).toMatchObject([{ iotId: device.iotId, authorized: true, lastSaveMs: expect.any(Number) }]);
  const deviceId = devices[0]?.deviceId ?? "";

  await root.unauthorizeDevice({ bizChainId, deviceGroupId, deviceId });
  expect((await root.listDevices({ bizChainId, deviceGroupId })).devices).toMatchObject([{ authorized: false }]);
  expect(await codeOf(upload(device, chain))).toBe("DEVICE_UNAUTHORIZED");
  await root.authorizeDevice({ bizChainId, deviceGroupId, deviceId });
  await upload(device, chain);
  await root.unauthorizeDeviceGroup({ bizChainId, deviceGroupId });
  expect((await root.listDeviceGroups({ bizChainId })).deviceGroups).toMatchObject([{ authorized: false }]);
  expect(await codeOf(upload(device, chain))).toBe("DEVICE_UNAUTHORIZED");
  await root.authorizeDeviceGroup({ bizChainId, deviceGroupId });
  await upload(device, chain);
  await root.updateDeviceIdentity({ iotId: device.iotId, enabled: false });
  expect(await codeOf(upload(device, chain))).toBe("DEVICE_SIGNATURE_REFUSED");
});

it("refuses with the reason", async () => {
  const { bizChainId } = await root.createChain({ name: "Refusing" });
  const productKey = await newProduct();
  const group = { bizChainId, productKey, name: "sensors" };
  const { deviceGroupId } = await root.registerDeviceGroup(group);
  const nobody = "0".repeat(16);
  const places = { bizChainId, deviceGroupId };
  expect(await codeOf(root.registerDeviceGroup(group))).toBe("DEVICE_GROUP_EXISTS");
  expect(await codeOf(root.registerDeviceGroup({ ...group, productKey: "0".repeat(11) }))).toBe("PRODUCT_UNKNOWN");
  expect(await codeOf(root.registerDeviceGroup({ ...group, name: "?" }))).toBe("NAME_INVALID");
  expect(await codeOf(root.listDeviceGroups({ bizChainId: nobody }))).toBe("CHAIN_UNKNOWN");
  expect(await codeOf(root.listDevices({ ...places, deviceGroupId: nobody }))).toBe("DEVICE_GROUP_UNKNOWN");
  expect(await codeOf(root.authorizeDeviceGroup({ ...places, deviceGroupId: nobody }))).toBe("DEVICE_GROUP_UNKNOWN");
  expect(await codeOf(root.unauthorizeDevice({ ...places, deviceId: nobody }))).toBe("DEVICE_UNKNOWN");
  expect(await codeOf(root.createDeviceIdentities({ productKey, algorithm: "aes-128", count: 1_001 }))).toBe(
    "FIELD_MALFORMED",
  );
});

it("an exported key is answered again to a repetition of the call, and to nothing else", async () => {
  const productKey = await newProduct();
  const { devices } = await root.createDeviceIdentities({ productKey, algorithm: "aes-128" });
  const iotId = devices[0]?.iotId ?? "";
  const { accessKey } = await world.harness.bootstrap();
  const repeating = world.clientOf(accessKey, () => "the-same-again");
  const exported = await repeating.exportDeviceIdentity({ iotId });
  expect(await repeating.exportDeviceIdentity({ iotId })).toEqual(exported);
  const { key } = exported;
  for (const answer of [
    await root.getDeviceIdentity({ iotId }),
    await root.listDeviceIdentities({ productKey }),
    await root.listAuditEntries({ pageSize: 100 }),
  ]) {
    expect(JSON.stringify(answer)).not.toContain(key);
  }
  const { auditEntries } = await root.listAuditEntries({ action: "platform:deviceIdentity:export" });
  expect(auditEntries.some(({ resource }) => resource.id === iotId)).toBe(true);
});
