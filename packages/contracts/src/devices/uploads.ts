/**
 * Devices in the rows of a contract that takes their uploads.
 *
 * - composite `device(product key, device id)`: the device's ID2, the times of its first and its last upload, and their number.
 * - composite `code(ID2, SHA-256 of an authentication code)`: a code that was used.
 */
import type { ContractStub } from "@concordat/ledger/contract-api";
import { hasRow, present, readJsonRow, transactionTimeMs, writeJsonRow } from "../stub-rows.ts";
import { isVisibleAscii, sha256Hex, textToId } from "../text.ts";
import type { UploadingDeviceJson } from "./answers.ts";
import { refuseDevice } from "./refusals.ts";

export const deviceLimits = { idCharactersMax: 64, codeCharactersMax: 512, pageSizeMax: 100 } as const;

/** What a record of the contract keeps of the device that uploaded it. */
export interface StoredDeviceParts {
  /** Its ID2. */
  readonly device?: string;
  readonly product?: string;
  readonly source?: string;
  /** The authentication code, so that the record shows who vouched for it. */
  readonly code?: string;
}

export interface StoredDevice {
  readonly iot: string;
  readonly first: number;
  readonly last: number;
  readonly uploads: number;
}

/**
 * @param deviceJson "" when no device takes part
 * @throws ContractRefusal DEVICE_MALFORMED
 */
export function parseDevice(deviceJson: string): UploadingDeviceJson | undefined {
  if (deviceJson === "") return undefined;
  const parsed = parseObject(deviceJson);
  const texts = new Map(Object.entries(parsed));
  const [iotId, productKey, source, code] = ["iotId", "productKey", "source", "code"].map((name) => texts.get(name));
  const isId = (id: unknown): id is string =>
    typeof id === "string" && isVisibleAscii(id, deviceLimits.idCharactersMax);
  const isDevice = texts.size === 4 && isId(iotId) && isId(productKey);
  if (!isDevice || (source !== "1" && source !== "2")) refuseDevice("DEVICE_MALFORMED");
  if (typeof code !== "string" || !isVisibleAscii(code, deviceLimits.codeCharactersMax)) {
    refuseDevice("DEVICE_MALFORMED");
  }
  return { iotId, productKey, source, code };
}

function parseObject(json: string): object {
  try {
    const parsed: unknown = JSON.parse(json);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // Refused below, as anything else that is no object.
  }
  return refuseDevice("DEVICE_MALFORMED");
}

/**
 * Writes down that the device uploads with this transaction, and that its code is used.
 * @returns what the records of the upload keep of it; nothing without a device
 * @throws ContractRefusal DEVICE_SIGNATURE_REFUSED when the code was used before
 */
export async function recordUpload(
  stub: ContractStub,
  device: UploadingDeviceJson | undefined,
): Promise<StoredDeviceParts> {
  if (device === undefined) return {};
  const { iotId, productKey, source, code } = device;
  const codeKey = stub.createCompositeKey("code", [iotId, sha256Hex(code)]);
  if (await hasRow(stub, codeKey)) refuseDevice("DEVICE_SIGNATURE_REFUSED");
  const { key, row } = await findDevice(stub, productKey, iotId);
  const timeMs = transactionTimeMs(stub);
  const { first, last, uploads } = row ?? { first: timeMs, last: timeMs, uploads: 0 };
  const updated: StoredDevice = { iot: iotId, first, last: Math.max(last, timeMs), uploads: uploads + 1 };
  await stub.putState(codeKey, present);
  await writeJsonRow(stub, key, updated);
  return { device: iotId, product: productKey, source, code };
}

/** The device's row, or the key under which it will stand: the first of its candidates that no other device has. */
export async function findDevice(stub: ContractStub, productKey: string, iotId: string) {
  for (let attempt = 0; ; attempt++) {
    const deviceId = textToDeviceId(productKey, iotId, attempt);
    const key = deviceKey(stub, productKey, deviceId);
    const row = await readDevice(stub, key);
    if (row === undefined || row.iot === iotId) return { deviceId, key, row };
  }
}

export async function readDevice(stub: ContractStub, key: string): Promise<StoredDevice | undefined> {
  // Only this file writes the row.
  return (await readJsonRow(stub, key)) as StoredDevice | undefined;
}

export function deviceKey(stub: ContractStub, productKey: string, deviceId: string): string {
  return stub.createCompositeKey("device", [productKey, deviceId]);
}

export function textToDeviceId(productKey: string, iotId: string, attempt: number): string {
  return textToId(`device ${productKey} ${iotId} ${attempt}`);
}
