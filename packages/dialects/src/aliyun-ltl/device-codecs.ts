import { pageAnswer } from "./page-codec.ts";

const statusOf = (authorized: boolean) => (authorized ? "AUTHORIZED" : "UNAUTHORIZED");

interface DeviceGroupItem {
  authorized: boolean;
  ownerName: string;
  deviceGroupId: string;
  ownerUid: string;
  productKey: string;
  remark: string;
}

/** The document has no field for a group's name. All groups are of the only kind of device identity that there is. */
export const deviceGroupPageAnswer = pageAnswer(
  (group: DeviceGroupItem) => ({
    Status: statusOf(group.authorized),
    AuthorizeType: "ID2",
    OwnerName: group.ownerName,
    DeviceGroupId: group.deviceGroupId,
    OwnerUid: group.ownerUid,
    ProductKey: group.productKey,
    Remark: group.remark,
  }),
  (wire) => ({
    authorized: wire.Status === "AUTHORIZED",
    ownerName: wire.OwnerName,
    deviceGroupId: wire.DeviceGroupId,
    ownerUid: wire.OwnerUid,
    productKey: wire.ProductKey,
    remark: wire.Remark,
  }),
);

interface DeviceItem {
  authorized: boolean;
  iotId: string;
  lastSaveMs: number;
  deviceId: string;
}

export const devicePageAnswer = pageAnswer(
  (device: DeviceItem) => ({
    Status: statusOf(device.authorized),
    IotId: device.iotId,
    LastSaveTime: device.lastSaveMs,
    DeviceId: device.deviceId,
  }),
  (wire) => ({
    authorized: wire.Status === "AUTHORIZED",
    iotId: wire.IotId,
    lastSaveMs: wire.LastSaveTime,
    deviceId: wire.DeviceId,
  }),
);
