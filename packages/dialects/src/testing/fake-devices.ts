import type { DataPlatform, Device, DeviceGroup, DeviceSignature } from "@concordat/platform";
import { EXAMPLE_BIZ_CHAIN, EXAMPLE_DEVICE, EXAMPLE_DEVICE_GROUP } from "../aliyun-ltl/routes/common.ts";
import { exampleDevice } from "../aliyun-ltl/routes/device-signature.ts";
import { type Enter, refuseWith } from "./fake-chains.ts";
import { ACCOUNT } from "./fake-principals.ts";

/** Device groups in memory, with one to begin with, and the devices that have uploaded. */
export function fakeDevices(enter: Enter) {
  const first: DeviceGroup = {
    deviceGroupId: EXAMPLE_DEVICE_GROUP,
    bizChainId: EXAMPLE_BIZ_CHAIN,
    productKey: exampleDevice.serviceProvider,
    name: "某数据源组",
    remark: "<某业务> & 某设备",
    ownerName: ACCOUNT.name,
    ownerUid: ACCOUNT.uid,
    authorized: true,
    createdMs: 1_600_000_000_000,
  };
  const groups = new Map([[first.deviceGroupId, first]]);
  const devices = new Map<string, Device & { readonly productKey: string }>();
  uploaded(exampleDevice, 1_606_379_090_866);

  function uploaded({ iotId, serviceProvider }: DeviceSignature, lastSaveMs: number): void {
    const found = [...devices.values()].find((one) => one.iotId === iotId && one.productKey === serviceProvider);
    const deviceId = found?.deviceId ?? String(BigInt(EXAMPLE_DEVICE) + BigInt(devices.size));
    devices.set(deviceId, { authorized: true, ...found, deviceId, iotId, productKey: serviceProvider, lastSaveMs });
  }
  function groupOf(deviceGroupId: string): DeviceGroup {
    const found = groups.get(deviceGroupId);
    if (found === undefined) throw refuseWith("DEVICE_GROUP_UNKNOWN");
    return found;
  }
  function pageOf<Item>(all: readonly Item[], { page, pageSize }: { page: number; pageSize: number }) {
    return { total: all.length, items: all.slice((page - 1) * pageSize, page * pageSize) };
  }

  const service: DataPlatform["devices"] = {
    registerGroup: async (_caller, { bizChainId, productKey, name, remark = "" }) => {
      enter("devices.registerGroup");
      const deviceGroupId = String(BigInt(EXAMPLE_DEVICE_GROUP) + BigInt(groups.size));
      const group = { ...first, deviceGroupId, bizChainId, productKey, name, remark };
      groups.set(deviceGroupId, group);
      return group;
    },
    listGroups: async (_caller, { productKey, ...page }) => {
      enter("devices.listGroups");
      const all = [...groups.values()].filter((group) => productKey === undefined || group.productKey === productKey);
      return pageOf(all, page);
    },
    setGroupAuthorized: async (_caller, { deviceGroupId, authorized }) => {
      enter("devices.setGroupAuthorized");
      groups.set(deviceGroupId, { ...groupOf(deviceGroupId), authorized });
    },
    list: async (_caller, { deviceGroupId, iotId, ...page }) => {
      enter("devices.list");
      const { productKey } = groupOf(deviceGroupId);
      const all = [...devices.values()].filter(
        (device) => device.productKey === productKey && (iotId === undefined || device.iotId === iotId),
      );
      return pageOf(all, page);
    },
    setAuthorized: async (_caller, { deviceGroupId, deviceId, authorized }) => {
      enter("devices.setAuthorized");
      groupOf(deviceGroupId);
      const found = devices.get(deviceId);
      if (found === undefined) throw refuseWith("DEVICE_UNKNOWN");
      devices.set(deviceId, { ...found, authorized });
    },
  };
  return { service, uploaded };
}
