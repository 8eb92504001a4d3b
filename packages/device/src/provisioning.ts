import { readFileSync, statSync } from "node:fs";
import { DeviceError } from "./device-error.ts";
import { type DeviceKey, type DeviceKeyAlgorithm, isDeviceKeyAlgorithm, parseDeviceKey } from "./device-key.ts";

export const PROVISIONING_FORMAT = "concordat-device/1";

/** What the platform hands out for one device, once. Whoever holds it can sign as that device. */
export interface DeviceProvisioning {
  readonly format: typeof PROVISIONING_FORMAT;
  /** 24 upper-case hex digits: the device's ID2. */
  readonly iotId: string;
  /** 11 letters and digits. */
  readonly productKey: string;
  readonly algorithm: DeviceKeyAlgorithm;
  /** Symmetric keys in hex, private RSA keys as PKCS#8 in PEM. */
  readonly key: string;
}

/** A provisioning whose key was read. */
export interface DeviceIdentity {
  readonly iotId: string;
  readonly productKey: string;
  readonly key: DeviceKey;
}

const FILE_BYTES_MAX = 16_384;
const memberNames = ["format", "iotId", "productKey", "algorithm", "key"];

function unusable(summary: string): DeviceError {
  return new DeviceError("IDENTITY_UNUSABLE", summary);
}

function textMember(members: ReadonlyMap<string, unknown>, name: string, form: RegExp, meaning: string): string {
  const value = members.get(name);
  if (typeof value === "string" && form.test(value)) return value;
  throw unusable(`"${name}" of the provisioning must be ${meaning}.`);
}

/** @throws DeviceError IDENTITY_UNUSABLE */
export function parseProvisioning(provisioning: unknown): DeviceIdentity {
  if (typeof provisioning !== "object" || provisioning === null || Array.isArray(provisioning)) {
    throw unusable("The provisioning must be a JSON object.");
  }
  const members = new Map<string, unknown>(Object.entries(provisioning));
  if (members.get("format") !== PROVISIONING_FORMAT) throw unusable(`"format" must be "${PROVISIONING_FORMAT}".`);
  if ([...members.keys()].some((name) => !memberNames.includes(name))) {
    throw unusable(`The provisioning may hold ${memberNames.join(", ")} only.`);
  }
  const iotId = textMember(members, "iotId", /^[0-9A-F]{24}$/, "24 upper-case hex digits");
  const productKey = textMember(members, "productKey", /^[0-9A-Za-z]{11}$/, "11 letters and digits");
  const algorithm = members.get("algorithm");
  if (!isDeviceKeyAlgorithm(algorithm)) throw unusable('"algorithm" must be aes-128, aes-192, aes-256 or rsa-1024.');
  const key = parseDeviceKey(algorithm, textMember(members, "key", /./, "the key's text"));
  return { iotId, productKey, key };
}

/** Reads a provisioning file. @throws DeviceError IDENTITY_UNUSABLE */
export function readProvisioning(path: string): DeviceIdentity {
  return parseProvisioning(parseJson(path, readSmallFile(path)));
}

function readSmallFile(path: string): string {
  try {
    const { size } = statSync(path);
    if (size <= FILE_BYTES_MAX) return readFileSync(path, "utf8");
  } catch {
    throw unusable(`The provisioning file ${path} cannot be read.`);
  }
  throw unusable(`The provisioning file ${path} is larger than ${FILE_BYTES_MAX} bytes.`);
}

/** The parser's own message quotes the text, which may hold the key. */
function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unusable(`The provisioning file ${path} is not JSON.`);
  }
}
