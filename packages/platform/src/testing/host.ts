import type { KeyRing } from "@concordat/identity";
import type { PlatformHost } from "../create-platform.ts";

/** A host that keeps its master keys in memory only. */
export function memoryHost(keyRing: KeyRing, nextKey: () => Uint8Array): PlatformHost {
  let keyCount = 1;
  return {
    sharesStore: false,
    sealedPlaces: [],
    masterKey: {
      name: "memory",
      keyCount: async () => keyCount,
      async introduce() {
        keyRing.use(nextKey());
        keyCount += 1;
      },
      async forgetEarlier() {
        keyRing.forgetEarlier();
        keyCount = 1;
      },
    },
  };
}
