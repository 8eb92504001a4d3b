import { createHash } from "node:crypto";
import type { Clock } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { DeviceGroupRow, DeviceRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { BusinessChain } from "../ports.ts";
import { type AuthenticationCode, parseAuthenticationCode, verifyAuthenticationCode } from "./authentication-code.ts";
import { deviceGroupKey } from "./groups.ts";
import type { DeviceSignature } from "./ports.ts";
import { VerificationKeys } from "./verification-keys.ts";

/** How far the time of a signature may be from the server's clock, either way; as for signed calls. */
export const DEVICE_TIME_WINDOW_MS = 15 * 60 * 1000;

export interface DeviceGateDependencies {
  readonly directory: Directory;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

/**
 * What an upload that a device signed has to pass, in two steps: {@link DeviceGate.checkForm} needs nothing but the call, and
 * {@link DeviceGate.admit} comes when the caller's place on the chain is known.
 */
export class DeviceGate {
  readonly #dependencies: DeviceGateDependencies;
  readonly #keys: VerificationKeys;
  readonly #groupsOf: (chainAndProduct: string) => readonly DeviceGroupRow[];

  constructor(dependencies: DeviceGateDependencies) {
    this.#dependencies = dependencies;
    this.#keys = new VerificationKeys(dependencies);
    this.#groupsOf = dependencies.directory.table("deviceGroups").index(deviceGroupKey);
  }

  /**
   * The rules that the call alone decides, in this order; the first one broken answers: DEVICE_FIELD_EMPTY (-106),
   * DEVICE_AUTH_TYPE_UNSUPPORTED (-107), DEVICE_DIGEST_MALFORMED (-110), DEVICE_DIGEST_WRONG (-111), DEVICE_SOURCE_UNSUPPORTED (-118).
   * @param signedTexts what the device may have signed: dataDigest is the SHA-256 of the UTF-8 of one of them
   * @param signedDigests SHA-256 digests of data that the device may have signed and that is not in the call; hex, any case
   * @throws PlatformError those codes
   * @source LTL document, section 4.2.6
   */
  checkForm(signature: DeviceSignature, signedTexts: readonly string[], signedDigests: readonly string[] = []): void {
    const { authType, iotId, serviceProvider, dataDigest, signature: code, source } = signature;
    if ([authType, iotId, serviceProvider, dataDigest, code].includes(""))
      throw new PlatformError("DEVICE_FIELD_EMPTY");
    if (authType !== "ID2") throw new PlatformError("DEVICE_AUTH_TYPE_UNSUPPORTED");
    if (dataDigest.length !== 64) throw new PlatformError("DEVICE_DIGEST_MALFORMED");
    const given = dataDigest.toLowerCase();
    const isOfData =
      signedTexts.some((text) => given === createHash("sha256").update(text, "utf8").digest("hex")) ||
      signedDigests.some((digest) => given === digest.toLowerCase());
    if (!isOfData) throw new PlatformError("DEVICE_DIGEST_WRONG");
    if (source !== "1" && source !== "2") throw new PlatformError("DEVICE_SOURCE_UNSUPPORTED");
  }

  /**
   * Checks that the device may upload to the chain and made the signature, now. That no code is used twice is for the chain's contract to
   * say, which is why the code in the answer has one form only: its kind, which its own proof does not cover, is always 3 there.
   * @param signature of the right form, see {@link DeviceGate.checkForm}
   * @returns the contract's argument: JSON of iotId, productKey, source and code, in this order
   * @throws PlatformError DEVICE_UNAUTHORIZED, DEVICE_SIGNATURE_REFUSED
   */
  admit({ bizChainId }: Pick<BusinessChain, "bizChainId">, signature: DeviceSignature): string {
    const { iotId, serviceProvider: productKey, source } = signature;
    this.#requireAuthorized(bizChainId, productKey, iotId);
    const device = this.#requireDevice(productKey, iotId);
    this.#requireSigned(device, signature);
    return JSON.stringify({ iotId, productKey, source, code: `3${signature.signature.slice(1)}` });
  }

  #requireAuthorized(bizChainId: string, productKey: string, iotId: string): void {
    const { directory } = this.#dependencies;
    const [group] = this.#groupsOf(deviceGroupKey({ bizChainId, productKey }));
    if (group === undefined) throw unauthorized("The product's devices are not registered on the chain.");
    if (!group.authorized) throw unauthorized("The device group may not upload to this chain.");
    if (directory.row("unauthorizedDevices", group.deviceGroupId, iotId) !== undefined) {
      throw unauthorized("The device may not upload to this chain.");
    }
  }

  #requireDevice(productKey: string, iotId: string): DeviceRow {
    const device = this.#dependencies.directory.row("devices", iotId);
    if (device === undefined || device.productKey !== productKey) {
      throw refused("The product has no device of this identity.");
    }
    if (!device.enabled) throw refused("The device's identity is switched off.");
    return device;
  }

  #requireSigned(device: DeviceRow, { iotId, dataDigest, signature }: DeviceSignature): void {
    const code = parseAuthenticationCode(signature);
    if (code === undefined) throw refused("The signature is not a well-formed authentication code.");
    if (code.kind < 2) throw refused("An authentication code of this kind does not cover the data.");
    this.#requireRecent(code);
    if (!verifyAuthenticationCode(code, { iotId, extra: dataDigest }, this.#keys.of(device))) {
      throw refused("The signature was not made by the device over this data.");
    }
  }

  #requireRecent({ timestampMs }: AuthenticationCode): void {
    if (timestampMs === undefined) throw refused("The authentication code carries no time.");
    const offMs = Math.abs(timestampMs - this.#dependencies.clock.nowMs());
    if (offMs > DEVICE_TIME_WINDOW_MS) throw refused("The time of the signature is more than 15 minutes off.");
  }
}

function unauthorized(summary: string): PlatformError {
  return new PlatformError("DEVICE_UNAUTHORIZED", summary);
}

function refused(summary: string): PlatformError {
  return new PlatformError("DEVICE_SIGNATURE_REFUSED", summary);
}
