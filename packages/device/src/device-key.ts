import { createCipheriv, createHash, createPrivateKey, type KeyObject, sign } from "node:crypto";
import { DeviceError } from "./device-error.ts";

export type DeviceKeyAlgorithm = "aes-128" | "aes-192" | "aes-256" | "rsa-1024";

/** A device's secret. */
export type DeviceKey =
  | { readonly algorithm: "aes-128" | "aes-192" | "aes-256"; readonly secret: Uint8Array }
  | { readonly algorithm: "rsa-1024"; readonly privateKey: KeyObject };

const RSA_BITS = 1_024;
const keyBytes = { "aes-128": 16, "aes-192": 24, "aes-256": 32 } as const;

export function isDeviceKeyAlgorithm(text: unknown): text is DeviceKeyAlgorithm {
  return text === "rsa-1024" || (typeof text === "string" && Object.hasOwn(keyBytes, text));
}

/**
 * @param text of a symmetric key hex digits, of an RSA key PKCS#8 in PEM
 * @throws DeviceError IDENTITY_UNUSABLE
 */
export function parseDeviceKey(algorithm: DeviceKeyAlgorithm, text: string): DeviceKey {
  if (algorithm === "rsa-1024") return { algorithm, privateKey: parsePrivateKey(text) };
  const digits = 2 * keyBytes[algorithm];
  if (text.length !== digits || !/^[0-9A-Fa-f]+$/.test(text)) {
    throw new DeviceError("IDENTITY_UNUSABLE", `The key of ${algorithm} must be ${digits} hex digits.`);
  }
  return { algorithm, secret: new Uint8Array(Buffer.from(text, "hex")) };
}

/** What the parser finds wrong stays here: its message may quote what it read. */
function parsePrivateKey(pem: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    if (pem.startsWith("-----BEGIN PRIVATE KEY-----")) key = createPrivateKey({ key: pem, format: "pem" });
  } catch {
    key = undefined;
  }
  if (key?.asymmetricKeyType !== "rsa" || key.asymmetricKeyDetails?.modulusLength !== RSA_BITS) {
    throw new DeviceError("IDENTITY_UNUSABLE", `The key must be an RSA key of ${RSA_BITS} bits as PKCS#8 in PEM.`);
  }
  return key;
}

/**
 * The device's result over a text: SHA-256 of it, padded and encrypted in ECB mode under a symmetric key; or an RSA
 * signature PKCS#1 v1.5 with SHA-256.
 * @throws DeviceError SIGNING_FAILED
 */
export function deviceResult(key: DeviceKey, input: string): Uint8Array {
  try {
    if (key.algorithm === "rsa-1024") return sign("sha256", Buffer.from(input, "ascii"), key.privateKey);
    const digest = createHash("sha256").update(input, "ascii").digest();
    const cipher = createCipheriv(`${key.algorithm}-ecb`, key.secret, null);
    return Buffer.concat([cipher.update(digest), cipher.final()]);
  } catch {
    throw new DeviceError("SIGNING_FAILED", `The ${key.algorithm} key of the device does not sign.`);
  }
}
