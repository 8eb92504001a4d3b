import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import type { Clock, RandomSource } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { DeviceRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { drawFree, newIds } from "../directory/ids.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import type { DeviceKeyAlgorithm } from "./ports.ts";

/** A fresh key, in the clear: it goes no further than into its row. */
export interface NewDeviceKey {
  readonly algorithm: DeviceKeyAlgorithm;
  /** A symmetric key's bytes, or PKCS#8. */
  readonly secret: Uint8Array;
  /** SPKI, for RSA. */
  readonly publicKey: Uint8Array | null;
}

const generate = promisify(generateKeyPair);
/** Keys made at the same time: half of the threads that everything else of the process shares. */
const RSA_AT_ONCE = 2;
const keyBytes = { "aes-128": 16, "aes-192": 24, "aes-256": 32 } as const;

/** RSA keys come from OpenSSL's own random source and are made off the main thread. */
export async function newDeviceKeys(
  algorithm: DeviceKeyAlgorithm,
  count: number,
  random: RandomSource,
): Promise<readonly NewDeviceKey[]> {
  const keys: NewDeviceKey[] = [];
  while (keys.length < count) {
    if (algorithm !== "rsa-1024") {
      keys.push({ algorithm, secret: random.bytes(keyBytes[algorithm]), publicKey: null });
      continue;
    }
    const length = Math.min(RSA_AT_ONCE, count - keys.length);
    keys.push(...(await Promise.all(Array.from({ length }, newRsaKey))));
  }
  return keys;
}

/** 1024 bits is what Link ID2 knows of RSA. */
async function newRsaKey(): Promise<NewDeviceKey> {
  const { publicKey, privateKey } = await generate("rsa", { modulusLength: 1_024 });
  return {
    algorithm: "rsa-1024",
    secret: new Uint8Array(privateKey.export({ format: "der", type: "pkcs8" })),
    publicKey: new Uint8Array(publicKey.export({ format: "der", type: "spki" })),
  };
}

/** For use inside a change of the directory. */
export function newDeviceRows(
  productKey: string,
  keys: readonly NewDeviceKey[],
  { directory, clock, random, sealer }: { directory: Directory; clock: Clock; random: RandomSource; sealer: Sealer },
): readonly DeviceRow[] {
  const drawn = new Set<string>();
  const createdMs = clock.nowMs();
  return keys.map(({ algorithm, secret, publicKey }) => {
    const iotId = drawFree(
      () => newIds.iotId(random),
      (id) => drawn.has(id) || directory.row("devices", id) !== undefined,
    );
    drawn.add(iotId);
    const keySealed = sealer.seal(sealingPurposes.deviceKey(iotId), secret);
    return { iotId, productKey, algorithm, keySealed, publicKey, enabled: true, exportedMs: null, createdMs };
  });
}
