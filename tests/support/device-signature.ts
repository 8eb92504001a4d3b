import { createCipheriv, createHash, createSign, randomBytes } from "node:crypto";

/** A device's key as the export of its identity gives it. */
export interface DeviceKey {
  readonly iotId: string;
  readonly productKey: string;
  readonly algorithm: "aes-128" | "aes-192" | "aes-256" | "rsa-1024";
  readonly key: string;
}

export interface CodeParts {
  readonly kind?: string;
  readonly hash?: string;
  readonly random?: string;
  readonly challenge?: string;
  readonly extra?: string;
}

/** Link ID2 authentication codes made from their description, apart from the product's own code. */
export function authenticationCode(device: DeviceKey, parts: CodeParts): string {
  const { kind = "3", hash = "2", random = randomHex(8), challenge = String(Date.now()), extra = "" } = parts;
  const input = `${device.iotId}${random}${challenge}${extra}`;
  return [kind, hash, random, challenge, resultOf(device, input)].join("~");
}

/** The six parameters of an upload by a device, for these data. */
export function deviceParameters(device: DeviceKey, data: string, parts: CodeParts = {}): Record<string, string> {
  const digest = createHash("sha256").update(data, "utf8").digest("hex").toUpperCase();
  return {
    IotAuthType: "ID2",
    IotId: device.iotId,
    IotIdServiceProvider: device.productKey,
    IotDataDigest: digest,
    IotSignature: authenticationCode(device, { extra: digest, ...parts }),
    IotIdSource: "2",
  };
}

function resultOf({ algorithm, key }: DeviceKey, input: string): string {
  if (algorithm === "rsa-1024") return createSign("sha256").update(input).sign(key, "base64");
  const cipher = createCipheriv(`${algorithm}-ecb`, Buffer.from(key, "hex"), null);
  const digest = createHash("sha256").update(input).digest();
  return Buffer.concat([cipher.update(digest), cipher.final()]).toString("base64");
}

function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex").toUpperCase();
}
