/**
 * INPUT_INVALID: a value is not of the form that it must have. IDENTITY_UNUSABLE: the provisioning is missing, cannot be read
 * or is not what it says. KEY_CLEARED: the signer was released. SIGNING_FAILED: the key did not sign.
 */
export type DeviceErrorCode = "INPUT_INVALID" | "IDENTITY_UNUSABLE" | "KEY_CLEARED" | "SIGNING_FAILED";

/** A refusal of this package. Its text never holds a key. */
export class DeviceError extends Error {
  readonly code: DeviceErrorCode;

  constructor(code: DeviceErrorCode, summary: string) {
    super(summary);
    this.name = "DeviceError";
    this.code = code;
  }
}
