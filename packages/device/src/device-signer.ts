import { createHash } from "node:crypto";
import { authenticationCode } from "./authentication-code.ts";
import { DeviceError } from "./device-error.ts";
import type { DeviceIdentity } from "./provisioning.ts";
import type { RandomSource } from "./system.ts";

/** Device parameters of an upload. @source LTL document, section 5.2.2 */
export interface SignedData {
  readonly iotAuthType: "ID2";
  readonly iotId: string;
  readonly iotIdServiceProvider: string;
  /** SHA-256 of the data's UTF-8 bytes: 64 upper-case hex digits. */
  readonly iotDataDigest: string;
  /** An authentication code of kind 3 that covers the digest. */
  readonly iotSignature: string;
}

/** More than the largest batch that the platform takes. */
export const USER_DATA_BYTES_MAX = 4 * 1024 * 1024;

const RANDOM_BYTES = 8;

/** Signs as one device, until its key is cleared. */
export class DeviceSigner {
  readonly #random: RandomSource;
  #identity: DeviceIdentity | undefined;

  constructor(options: { readonly identity: DeviceIdentity }, dependencies: { readonly random: RandomSource }) {
    this.#identity = options.identity;
    this.#random = dependencies.random;
  }

  /** @throws DeviceError KEY_CLEARED */
  get productKey(): string {
    return this.#current().productKey;
  }

  /**
   * @param data text without lone surrogates, 1 to USER_DATA_BYTES_MAX bytes in UTF-8
   * @param timestamp decimal milliseconds since 1970, by the device's clock
   * @throws DeviceError INPUT_INVALID, KEY_CLEARED, SIGNING_FAILED
   */
  sign(data: string, timestamp: string): SignedData {
    const { iotId, productKey, key } = this.#current();
    const bytes = Buffer.byteLength(data);
    if (bytes === 0 || bytes > USER_DATA_BYTES_MAX || !data.isWellFormed()) {
      throw new DeviceError("INPUT_INVALID", `The data must be well-formed text of 1 to ${USER_DATA_BYTES_MAX} bytes.`);
    }
    const iotDataDigest = createHash("sha256").update(data, "utf8").digest("hex").toUpperCase();
    const random = Buffer.from(this.#random.bytes(RANDOM_BYTES)).toString("hex").toUpperCase();
    const iotSignature = authenticationCode({
      kind: 3,
      iotId,
      key,
      random,
      challenge: timestamp,
      extra: iotDataDigest,
    });
    return { iotAuthType: "ID2", iotId, iotIdServiceProvider: productKey, iotDataDigest, iotSignature };
  }

  /** Overwrites a symmetric key and lets go of an RSA key, whose memory the runtime keeps until it collects it. */
  clear(): void {
    const key = this.#identity?.key;
    if (key !== undefined && key.algorithm !== "rsa-1024") key.secret.fill(0);
    this.#identity = undefined;
  }

  #current(): DeviceIdentity {
    if (this.#identity === undefined) throw new DeviceError("KEY_CLEARED", "The device's key was released.");
    return this.#identity;
  }
}
