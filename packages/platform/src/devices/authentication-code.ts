import { createCipheriv, createHash, type KeyObject, timingSafeEqual, verify } from "node:crypto";
import { base64ToBytes } from "@concordat/base";

/**
 * The parts of a Link ID2 authentication code `T~H~R~C~B`, of which only the form is known to be right.
 * The kind T is not among what the code proves: see {@link AuthenticationCode.kind}.
 */
export interface AuthenticationCode {
  /** 0 challenge, 1 time, 2 challenge and extra, 3 time and extra. In codes met in practice 2 comes with a time too, so C tells which. */
  readonly kind: 0 | 1 | 2 | 3;
  /** R: 16 upper-case hex digits that the device drew. */
  readonly random: string;
  /** C as it stands: a server's challenge or a time. */
  readonly challenge: string;
  /** C as milliseconds since 1970, where it has the form of a time. */
  readonly timestampMs: number | undefined;
  /** B: what the device made with its key. */
  readonly result: Uint8Array;
}

/** What a device's codes are checked by. */
export type DeviceVerificationKey =
  | { readonly algorithm: "aes-128" | "aes-192" | "aes-256"; readonly key: KeyObject }
  | { readonly algorithm: "rsa-1024"; readonly key: KeyObject };

/** Longest text of a code: B of RSA-1024 has 172 characters, and the document's own field 256. @source LTL device SDK, iotSignature */
const TEXT_LENGTH_MAX = 512;
/** Extra bytes that a device takes. @source Link ID2, authentication code */
const EXTRA_LENGTH_MAX = 512;

/** Undefined for anything but a code of SHA-256 (H 2) of one of the four kinds, its base64 in the one canonical form. */
export function parseAuthenticationCode(text: string): AuthenticationCode | undefined {
  if (text.length > TEXT_LENGTH_MAX) return undefined;
  const match = /^([0-3])~2~([0-9A-F]{16})~([0-9A-Za-z]{1,64})~([0-9A-Za-z+/]+={0,2})$/.exec(text);
  if (match === null) return undefined;
  const [, kind = "", random = "", challenge = "", result = ""] = match;
  const bytes = bytesOf(result);
  if (bytes === undefined) return undefined;
  const timestampMs = /^(0|[1-9][0-9]{0,14})$/.test(challenge) ? Number(challenge) : undefined;
  if (kind === "1" && timestampMs === undefined) return undefined;
  // The expression lets only these four through.
  return { kind: Number(kind) as AuthenticationCode["kind"], random, challenge, timestampMs, result: bytes };
}

/**
 * Whether the code was made by the holder of the key. Kinds 2 and 3 go with extra data, 0 and 1 with none. The key's time of answering
 * does not depend on how far a forged code is right.
 * @param extra printable ASCII, at most 512 characters; "" for none
 * @source Link ID2: SHA-256 of ID2, R, C and extra one after another; then AES-ECB with PKCS padding, or PKCS#1 v1.5
 */
export function verifyAuthenticationCode(
  code: AuthenticationCode,
  { iotId, extra }: { readonly iotId: string; readonly extra: string },
  device: DeviceVerificationKey,
): boolean {
  const isWithExtra = code.kind >= 2;
  if (isWithExtra !== (extra !== "") || extra.length > EXTRA_LENGTH_MAX || !/^[\x20-\x7e]*$/.test(extra)) return false;
  const input = Buffer.from(`${iotId}${code.random}${code.challenge}${extra}`, "utf8");
  if (device.algorithm === "rsa-1024") return verify("sha256", input, device.key, code.result);
  const cipher = createCipheriv(`${device.algorithm}-ecb`, device.key, null);
  const digest = createHash("sha256").update(input).digest();
  const expected = Buffer.concat([cipher.update(digest), cipher.final()]);
  return expected.length === code.result.length && timingSafeEqual(expected, code.result);
}

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return base64ToBytes(base64);
  } catch {
    return undefined;
  }
}
