import { Type } from "@concordat/api-kit";
import type { DeviceSignature, PlatformErrorCode } from "@concordat/platform";
import { parameter } from "./common.ts";

/** What a device says about the data: all mandatory, and all the platform's to judge, because each fault has a number of its own. */
export const deviceFields = {
  authType: Type.String({ description: "Kind of the device's identity: ID2." }),
  dataDigest: Type.String({ description: "SHA-256 of the data's UTF-8 bytes: 64 upper-case hex digits." }),
  iotId: Type.String({ description: "Identity of the device." }),
  serviceProvider: Type.String({ description: "Product key of the device." }),
  source: Type.String({ description: "1: open platform, 2: IoT platform." }),
  signature: Type.String({ description: "Link ID2 authentication code T~H~R~C~B over the digest, used once." }),
};

/** @source LTL document, section 4.2.8.4 */
export const deviceWire = {
  authType: parameter("IotAuthType"),
  dataDigest: parameter("IotDataDigest"),
  iotId: parameter("IotId"),
  serviceProvider: parameter("IotIdServiceProvider"),
  source: parameter("IotIdSource"),
  signature: parameter("IotSignature"),
} as const;

export const deviceErrors = [
  "DEVICE_FIELD_EMPTY",
  "DEVICE_AUTH_TYPE_UNSUPPORTED",
  "DEVICE_DIGEST_MALFORMED",
  "DEVICE_DIGEST_WRONG",
  "DEVICE_SOURCE_UNSUPPORTED",
  "DEVICE_UNAUTHORIZED",
  "DEVICE_SIGNATURE_REFUSED",
] as const satisfies readonly PlatformErrorCode[];

/** Takes a device's part out of an input. */
export function deviceSignatureOf(input: DeviceSignature): DeviceSignature {
  const { authType, dataDigest, iotId, serviceProvider, source, signature } = input;
  return { authType, dataDigest, iotId, serviceProvider, source, signature };
}

/** Over the text 某公司某业务数据。, by the device of the Link ID2 vectors. */
export const exampleDevice: DeviceSignature = {
  authType: "ID2",
  dataDigest: "ADD85AA7D23FA2846B31544B7ABFD06FBB24CA2F0CD85D46624FE4E5C7CC45FA",
  iotId: "2122232425262728292A2B2C",
  serviceProvider: "hKpHMh2sT9v",
  source: "2",
  signature: "3~2~ABABABABABABABAB~1599722505821~l3HnA/qOTB1gSo7fz7lx4FWGS/FmkSSZl5lAto9o4gSXnA1nt3r97vPi1Bnh6fF1",
};
