import {
  constants,
  createDecipheriv,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  publicDecrypt,
} from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { DeviceKeyAlgorithm } from "../device-key.ts";
import type { DeviceProvisioning } from "../provisioning.ts";
import type { RandomSource } from "../system.ts";

/** @source vendor's published examples of authentication codes */
export const vectorIdentity = {
  format: "concordat-device/1",
  iotId: "2122232425262728292A2B2C",
  productKey: "a1B2c3D4e5F",
  algorithm: "aes-128",
  key: "2122232425262728292A2B2C2D2E2F30",
} as const satisfies DeviceProvisioning;

/** Gives the randomness of the examples. */
export const vectorRandom: RandomSource = { bytes: (length) => new Uint8Array(length).fill(0xab) };

const rsa = generateKeyPairSync("rsa", { modulusLength: 1_024 });

/** One identity of each algorithm. */
export function identityOf(algorithm: DeviceKeyAlgorithm): DeviceProvisioning {
  const key =
    algorithm === "rsa-1024"
      ? rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString()
      : "9c".repeat(Number(algorithm.slice(4)) / 8);
  return { ...vectorIdentity, algorithm, key };
}

/**
 * The text's digest as the device's result shows it, got by going backwards: decryption, or recovery with the public key.
 */
export function digestInResult({ algorithm, key }: DeviceProvisioning, result: Uint8Array): string {
  if (algorithm === "rsa-1024") return digestInSignature(rsa.publicKey, result);
  const decipher = createDecipheriv(`${algorithm}-ecb`, Buffer.from(key, "hex"), null);
  return Buffer.concat([decipher.update(result), decipher.final()]).toString("hex");
}

/** The DigestInfo of SHA-256 before the digest is fixed. @source RFC 8017, section 9.2, note 1 */
const SHA256_PREFIX = "3031300d060960864801650304020105000420";

function digestInSignature(publicKey: KeyObject, signature: Uint8Array): string {
  const info = publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature).toString("hex");
  return info.startsWith(SHA256_PREFIX) ? info.slice(SHA256_PREFIX.length) : `no SHA-256: ${info}`;
}

export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

const folder = mkdtempSync(join(tmpdir(), "concordat-device-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let fileCount = 0;

/** @returns the path of a file that holds the text, or the value as JSON */
export function fileOf(content: unknown): string {
  fileCount += 1;
  const path = join(folder, `${fileCount}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}
