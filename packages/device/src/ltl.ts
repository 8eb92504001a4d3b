import { DeviceError } from "./device-error.ts";
import { DeviceSigner } from "./device-signer.ts";
import { type DeviceProvisioning, parseProvisioning, readProvisioning } from "./provisioning.ts";
import { type RandomSource, systemRandom } from "./system.ts";

/** Success. */
export const LTL_OK = 0;
/** No identity is there: ltlInit was not called, failed, or ltlRelease was called since. */
export const LTL_NOT_INITIALISED = 1;
/** An IN member has not the form that it must have, a length is not that of its text, or the provider is not the identity's product. */
export const LTL_BAD_PARAMETER = 2;
/** The provisioning is missing, cannot be read, or is not of its format. */
export const LTL_IDENTITY_UNUSABLE = 3;
/** The key did not sign. */
export const LTL_SIGNING_FAILED = 4;

export type LtlReturnCode =
  | typeof LTL_OK
  | typeof LTL_NOT_INITIALISED
  | typeof LTL_BAD_PARAMETER
  | typeof LTL_IDENTITY_UNUSABLE
  | typeof LTL_SIGNING_FAILED;

/**
 * Arguments and results of one signature. Lengths are bytes of UTF-8; those of IN members may be left out.
 * @source LTL document, section 5.2.2 (struct LtlInfo)
 */
export interface LtlInfo {
  /** IN: the data. */
  userData: string;
  userDataLen?: number;
  /** IN: the product key of the device. */
  iotIdServiceProvider: string;
  iotIdServiceProviderLen?: number;
  /** IN: the device's time, decimal milliseconds since 1970. */
  timestamp: string;
  timestampLen?: number;
  /** OUT: `ID2`. All OUT members are empty after a failure. */
  iotAuthType: string;
  iotAuthTypeLen: number;
  /** OUT: 24 upper-case hex digits. */
  iotId: string;
  iotIdLen: number;
  /** OUT: SHA-256 of the data, 64 upper-case hex digits. */
  iotDataDigest: string;
  iotDataDigestLen: number;
  /** OUT: at most 256 characters. */
  iotSignature: string;
  iotSignatureLen: number;
}

export interface LtlInitOptions {
  /** Path of a provisioning file, or what such a file holds; by default the file that CONCORDAT_DEVICE_IDENTITY names. */
  readonly provisioning?: string | DeviceProvisioning;
  /** By default the operating system's. */
  readonly random?: RandomSource;
  /** By default the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export const IDENTITY_VARIABLE = "CONCORDAT_DEVICE_IDENTITY";

/** As in the document's library there is one device in a process. */
let signer: DeviceSigner | undefined;

/** A structure with its IN members set and its OUT members empty. */
export function createLtlInfo(
  input: Pick<LtlInfo, "userData" | "iotIdServiceProvider" | "timestamp"> &
    Pick<LtlInfo, "userDataLen" | "iotIdServiceProviderLen" | "timestampLen">,
): LtlInfo {
  return { ...input, ...noResult };
}

const noResult = {
  iotAuthType: "",
  iotAuthTypeLen: 0,
  iotId: "",
  iotIdLen: 0,
  iotDataDigest: "",
  iotDataDigestLen: 0,
  iotSignature: "",
  iotSignatureLen: 0,
} as const;

/** What a thrown refusal means to a caller of these functions. Anything else is a fault of the program and goes on. */
function returnCodeOf(error: unknown): LtlReturnCode {
  if (!(error instanceof DeviceError)) throw error;
  if (error.code === "INPUT_INVALID") return LTL_BAD_PARAMETER;
  if (error.code === "IDENTITY_UNUSABLE") return LTL_IDENTITY_UNUSABLE;
  return error.code === "KEY_CLEARED" ? LTL_NOT_INITIALISED : LTL_SIGNING_FAILED;
}

/**
 * Makes the library ready to sign. Called again, it changes over to the new identity and clears the earlier one; where it
 * fails, the earlier one stays.
 * @returns LTL_OK, LTL_IDENTITY_UNUSABLE
 * @source LTL document, section 5.2.1
 */
export function ltlInit(options: LtlInitOptions = {}): LtlReturnCode {
  const environment = options.environment ?? process.env;
  const provisioning = options.provisioning ?? environment[IDENTITY_VARIABLE];
  if (provisioning === undefined || provisioning === "") return LTL_IDENTITY_UNUSABLE;
  try {
    const identity =
      typeof provisioning === "string" ? readProvisioning(provisioning) : parseProvisioning(provisioning);
    signer?.clear();
    signer = new DeviceSigner({ identity }, { random: options.random ?? systemRandom });
    return LTL_OK;
  } catch (error) {
    return returnCodeOf(error);
  }
}

function isLengthRight(text: string, lengthBytes: number | undefined): boolean {
  return lengthBytes === undefined || lengthBytes === Buffer.byteLength(text);
}

/** Callers without a type checker are held to the same forms. */
function areInputsRight(info: LtlInfo, productKey: string): boolean {
  const { userData, userDataLen, iotIdServiceProvider, iotIdServiceProviderLen, timestamp, timestampLen } = info;
  const texts: readonly unknown[] = [userData, iotIdServiceProvider, timestamp];
  return (
    texts.every((text) => typeof text === "string") &&
    isLengthRight(userData, userDataLen) &&
    isLengthRight(iotIdServiceProvider, iotIdServiceProviderLen) &&
    isLengthRight(timestamp, timestampLen) &&
    iotIdServiceProvider === productKey
  );
}

/**
 * Signs the data: fills the OUT members.
 * @returns LTL_OK, LTL_NOT_INITIALISED, LTL_BAD_PARAMETER, LTL_SIGNING_FAILED
 * @source LTL document, section 5.2.2
 */
export function ltlGetSignature(info: LtlInfo): LtlReturnCode {
  Object.assign(info, noResult);
  if (signer === undefined) return LTL_NOT_INITIALISED;
  if (!areInputsRight(info, signer.productKey)) return LTL_BAD_PARAMETER;
  try {
    const signed = signer.sign(info.userData, info.timestamp);
    info.iotAuthType = signed.iotAuthType;
    info.iotAuthTypeLen = signed.iotAuthType.length;
    info.iotId = signed.iotId;
    info.iotIdLen = signed.iotId.length;
    info.iotDataDigest = signed.iotDataDigest;
    info.iotDataDigestLen = signed.iotDataDigest.length;
    info.iotSignature = signed.iotSignature;
    info.iotSignatureLen = signed.iotSignature.length;
    return LTL_OK;
  } catch (error) {
    return returnCodeOf(error);
  }
}

/**
 * Clears the key and gives everything back.
 * @returns LTL_OK, LTL_NOT_INITIALISED
 * @source LTL document, section 5.2.3
 */
export function ltlRelease(): LtlReturnCode {
  if (signer === undefined) return LTL_NOT_INITIALISED;
  signer.clear();
  signer = undefined;
  return LTL_OK;
}
