export {
  type AuthenticationCodeInput,
  authenticationCode,
  CODE_CHARACTERS_MAX,
  type CodeKind,
} from "./authentication-code.ts";
export { DeviceError, type DeviceErrorCode } from "./device-error.ts";
export type { DeviceKey, DeviceKeyAlgorithm } from "./device-key.ts";
export { DeviceSigner, type SignedData, USER_DATA_BYTES_MAX } from "./device-signer.ts";
export {
  createLtlInfo,
  LTL_BAD_PARAMETER,
  LTL_IDENTITY_UNUSABLE,
  LTL_NOT_INITIALISED,
  LTL_OK,
  LTL_SIGNING_FAILED,
  type LtlInfo,
  type LtlInitOptions,
  type LtlReturnCode,
  ltlGetSignature,
  ltlInit,
  ltlRelease,
} from "./ltl.ts";
export {
  type DeviceIdentity,
  type DeviceProvisioning,
  PROVISIONING_FORMAT,
  parseProvisioning,
  readProvisioning,
} from "./provisioning.ts";
export { type RandomSource, systemRandom } from "./system.ts";
