import { ContractRefusal } from "@concordat/ledger/contract-api";

/** Why devices are refused, in each contract that takes their uploads. */
export type DeviceRefusalCode = "DEVICE_MALFORMED" | "DEVICE_SIGNATURE_REFUSED" | "DEVICE_UNKNOWN" | "PAGE_INVALID";

export const deviceRefusals: Readonly<Record<DeviceRefusalCode, string>> = {
  DEVICE_MALFORMED: "The device is not given in its form.",
  DEVICE_SIGNATURE_REFUSED: "The device signature was used before.",
  DEVICE_UNKNOWN: "No such device has uploaded.",
  PAGE_INVALID: "The page is not counted from 1, or the page size is not 1 to 100.",
};

export function refuseDevice(code: DeviceRefusalCode): never {
  throw new ContractRefusal(code, deviceRefusals[code]);
}
