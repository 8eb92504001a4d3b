import type { KeyRing } from "@concordat/identity";
import type { PlatformHost } from "../create-platform.ts";

/**
 * A host that keeps its master keys in memory only.
 * @param remedy given where only the operator could change them
 */
export function memoryHost(keyRing: KeyRing, nextKey: () => Uint8Array, remedy?: string): PlatformHost {
  return {
    sharesStore: false,
    sealedPlaces: [],
    masterKey: {
      name: "memory",
      remedy,
      async introduce() {
        keyRing.use(nextKey());
      },
      async forgetEarlier() {
        keyRing.forgetEarlier();
      },
    },
  };
}
