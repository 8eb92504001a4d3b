import { createCipheriv, createHash, sign } from "node:crypto";
import type { DeviceProvisioning, DeviceSignature } from "./ports.ts";

/** What a test changes of a signature that would be good. */
export interface SigningChoice {
  readonly timeMs: number;
  /** The text between the kind and the result. */
  readonly kind?: string;
  readonly random?: string;
  readonly challenge?: string;
}

let drawn = 0;

/** Signs as a device does with the key that it was given; written apart from what checks it. */
export function signByDevice(device: DeviceProvisioning, data: string, choice: SigningChoice): DeviceSignature {
  const dataDigest = createHash("sha256").update(data).digest("hex").toUpperCase();
  const { kind = "3", challenge = String(choice.timeMs) } = choice;
  const random = choice.random ?? (++drawn).toString(16).toUpperCase().padStart(16, "0");
  const input = `${device.iotId}${random}${challenge}${kind === "2" || kind === "3" ? dataDigest : ""}`;
  const signature = `${kind}~2~${random}~${challenge}~${resultOf(device, input)}`;
  return {
    authType: "ID2",
    iotId: device.iotId,
    serviceProvider: device.productKey,
    dataDigest,
    signature,
    source: "2",
  };
}

function resultOf({ algorithm, key }: DeviceProvisioning, input: string): string {
  if (algorithm === "rsa-1024") return sign("RSA-SHA256", Buffer.from(input), key).toString("base64");
  const cipher = createCipheriv(`${algorithm}-ecb`, Buffer.from(key, "hex"), null);
  return cipher.update(createHash("sha256").update(input).digest(), undefined, "base64") + cipher.final("base64");
}
