import { DeviceError } from "./device-error.ts";
import { type DeviceKey, deviceResult } from "./device-key.ts";

/** 0: over a challenge. 1: over a time. 2 and 3: the same with additional text, which the code then covers. */
export type CodeKind = 0 | 1 | 2 | 3;

export interface AuthenticationCodeInput {
  readonly kind: CodeKind;
  /** 24 upper-case hex digits: the device's ID2. */
  readonly iotId: string;
  readonly key: DeviceKey;
  /** 16 upper-case hex digits of the device's randomness. */
  readonly random: string;
  /** Kinds 0 and 2: what the verifier asked, 1 to 64 letters and digits. Kinds 1 and 3: decimal milliseconds since 1970. */
  readonly challenge: string;
  /** Kinds 2 and 3 only: 1 to 512 visible ASCII characters or spaces. */
  readonly extra?: string;
}

/** Of a whole code: what a caller's buffer must hold. @source LTL document, section 5.2.2 (iotSignature) */
export const CODE_CHARACTERS_MAX = 256;

/** SHA-256: the only hash that is in use. */
const HASH_SHA256 = 2;

const forms = {
  iotId: /^[0-9A-F]{24}$/,
  random: /^[0-9A-F]{16}$/,
  challenge: /^[0-9A-Za-z]{1,64}$/,
  timestamp: /^[1-9][0-9]{0,15}$/,
  extra: /^[ -~]{1,512}$/,
};

function check(name: string, value: string, form: RegExp): string {
  if (form.test(value)) return value;
  throw new DeviceError("INPUT_INVALID", `The ${name} of an authentication code must match ${form.source}.`);
}

function additionalText({ kind, extra }: AuthenticationCodeInput): string {
  const isCovered = kind === 2 || kind === 3;
  if (isCovered !== (extra !== undefined)) {
    throw new DeviceError("INPUT_INVALID", `A code of kind ${kind} takes ${isCovered ? "an" : "no"} additional text.`);
  }
  return extra === undefined ? "" : check("additional text", extra, forms.extra);
}

/**
 * A Link ID2 authentication code `T~H~R~C~B`: kind, hash, randomness, challenge or time, and the device's result over
 * ID2, randomness, challenge and additional text, in Base64.
 * @throws DeviceError INPUT_INVALID, SIGNING_FAILED
 */
export function authenticationCode(input: AuthenticationCodeInput): string {
  const { kind, key } = input;
  const iotId = check("ID2", input.iotId, forms.iotId);
  const random = check("randomness", input.random, forms.random);
  const isTime = kind === 1 || kind === 3;
  const challenge = check(isTime ? "time" : "challenge", input.challenge, isTime ? forms.timestamp : forms.challenge);
  const result = deviceResult(key, iotId + random + challenge + additionalText(input));
  const code = [kind, HASH_SHA256, random, challenge, Buffer.from(result).toString("base64")].join("~");
  if (code.length > CODE_CHARACTERS_MAX) {
    throw new DeviceError("INPUT_INVALID", `The code would be longer than ${CODE_CHARACTERS_MAX} characters.`);
  }
  return code;
}
