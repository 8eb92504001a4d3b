import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import type { AccessKey } from "@concordat/platform";

interface SecretKeys {
  /** The secret followed by `&`, as RPC signatures use it. */
  readonly rpc: KeyObject;
  readonly plain: KeyObject;
}

/** Keys prepared for HMAC, for as long as the platform holds the access key: importing one costs more than signing with it. */
const prepared = new WeakMap<AccessKey, SecretKeys>();

function keysOf(accessKey: AccessKey): SecretKeys {
  const known = prepared.get(accessKey);
  if (known !== undefined) return known;
  const keys = {
    rpc: createSecretKey(Buffer.from(`${accessKey.secret}&`, "utf8")),
    plain: createSecretKey(Buffer.from(accessKey.secret, "utf8")),
  };
  prepared.set(accessKey, keys);
  return keys;
}

/** Base64 of HMAC-SHA1 under the secret and `&`. */
export function rpcHmac(accessKey: AccessKey, text: string): string {
  return createHmac("sha1", keysOf(accessKey).rpc).update(text).digest("base64");
}

/** Hex of HMAC-SHA256 under the plain secret. */
export function acs3Hmac(accessKey: AccessKey, text: string): string {
  return plainHmac(accessKey, "sha256", text);
}

/** Hex of an HMAC under the plain secret. */
export function plainHmac(accessKey: AccessKey, digest: "sha256" | "sm3", text: string): string {
  return createHmac(digest, keysOf(accessKey).plain).update(text).digest("hex");
}

/** Compares two texts in a time that depends on their lengths only. */
export function equalInConstantTime(a: string, b: string): boolean {
  const left = Buffer.from(a, "utf8");
  const right = Buffer.from(b, "utf8");
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Compares a secret of unknown length without telling its length. */
export function equalSecrets(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text, "utf8").digest();
  return timingSafeEqual(digest(a), digest(b));
}
