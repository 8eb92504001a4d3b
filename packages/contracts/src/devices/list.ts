import type { ContractContext } from "@concordat/ledger/contract-api";
import { scanRows, toText } from "../stub-rows.ts";
import { isVisibleAscii, parseWhole } from "../text.ts";
import type { DeviceJson, DevicesPageJson } from "./answers.ts";
import { refuseDevice } from "./refusals.ts";
import { deviceKey, deviceLimits, findDevice, readDevice, type StoredDevice } from "./uploads.ts";

/**
 * A page of the devices of a product that have uploaded, by ascending device id.
 * @param iotId only the device with this ID2; "" all
 * @param page counted from 1
 * @returns JSON {@link DevicesPageJson}
 * @throws ContractRefusal DEVICE_MALFORMED, PAGE_INVALID
 */
export async function devices(
  { stub }: ContractContext,
  productKey = "",
  iotId = "",
  page = "",
  pageSize = "",
): Promise<string> {
  requireId(productKey);
  if (iotId !== "") requireId(iotId);
  const pageNumber = parseWhole(page);
  const size = parseWhole(pageSize);
  // Written so that NaN fails too.
  if (!(pageNumber >= 1 && size >= 1 && size <= deviceLimits.pageSizeMax)) refuseDevice("PAGE_INVALID");
  const start = (pageNumber - 1) * size;
  if (iotId !== "") {
    const { deviceId, row } = await findDevice(stub, productKey, iotId);
    const found = row === undefined ? [] : [toDevice(deviceId, row)];
    return answer({ total: found.length, devices: found.slice(start, start + size) });
  }
  const rows = await scanRows(stub, "device", [productKey]);
  const onPage = rows.slice(start, start + size).map(({ key, value }) => {
    const [, deviceId = ""] = stub.splitCompositeKey(key).attributes;
    // Only uploads.ts writes the row.
    return toDevice(deviceId, JSON.parse(toText(value)) as StoredDevice);
  });
  return answer({ total: rows.length, devices: onPage });
}

/**
 * @returns JSON {@link DeviceJson}
 * @throws ContractRefusal DEVICE_MALFORMED, DEVICE_UNKNOWN
 */
export async function device({ stub }: ContractContext, productKey = "", deviceId = ""): Promise<string> {
  requireId(productKey);
  requireId(deviceId);
  const row = (await readDevice(stub, deviceKey(stub, productKey, deviceId))) ?? refuseDevice("DEVICE_UNKNOWN");
  return JSON.stringify(toDevice(deviceId, row));
}

function answer(page: DevicesPageJson): string {
  return JSON.stringify(page);
}

function toDevice(deviceId: string, { iot, first, last, uploads }: StoredDevice): DeviceJson {
  return { deviceId, iotId: iot, firstMs: first, lastMs: last, uploads };
}

function requireId(id: string): void {
  if (!isVisibleAscii(id, deviceLimits.idCharactersMax)) refuseDevice("DEVICE_MALFORMED");
}
