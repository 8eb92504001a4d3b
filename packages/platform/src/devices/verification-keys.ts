import { createPublicKey, createSecretKey } from "node:crypto";
import { InvariantError } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { DeviceRow } from "../control-store/rows.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import type { DeviceVerificationKey } from "./authentication-code.ts";

/**
 * Keys of devices, opened at their first use and kept as long as their row is the directory's: a changed row is another object. So there
 * are never more of them than identities.
 */
export class VerificationKeys {
  readonly #sealer: Sealer;
  readonly #opened = new WeakMap<DeviceRow, DeviceVerificationKey>();

  constructor({ sealer }: { readonly sealer: Sealer }) {
    this.#sealer = sealer;
  }

  of(row: DeviceRow): DeviceVerificationKey {
    const known = this.#opened.get(row);
    if (known !== undefined) return known;
    const opened = this.#open(row);
    this.#opened.set(row, opened);
    return opened;
  }

  #open({ iotId, algorithm, keySealed, publicKey }: DeviceRow): DeviceVerificationKey {
    if (algorithm === "rsa-1024") {
      if (publicKey === null) throw new InvariantError(`Device ${iotId} has no public key.`);
      return { algorithm, key: createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" }) };
    }
    if (keySealed === null) throw new InvariantError(`Device ${iotId} has no key.`);
    const bytes = this.#sealer.open(sealingPurposes.deviceKey(iotId), keySealed);
    return { algorithm, key: createSecretKey(bytes) };
  }
}
