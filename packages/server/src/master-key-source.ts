import type { RandomSource } from "@concordat/base";
import {
  addMasterKey,
  dropEarlierMasterKeys,
  type KeyRing,
  MASTER_KEY_VARIABLE,
  type MasterKey,
} from "@concordat/identity";
import { type MasterKeySource, PlatformError } from "@concordat/platform";

/** The master key where this server found it: a file is changed here, the environment only by the operator. */
export function createMasterKeySource(
  masterKey: MasterKey,
  dependencies: { readonly keyRing: KeyRing; readonly random: RandomSource },
): MasterKeySource {
  const { keyRing } = dependencies;
  const { filePath, source: name } = masterKey;
  let keyCount = masterKey.keys.length;
  return {
    name,
    keyCount: async () => keyCount,
    async introduce() {
      if (filePath === undefined) throw fromEnvironment();
      keyRing.use(await addMasterKey(filePath, dependencies));
      keyCount += 1;
    },
    async forgetEarlier() {
      if (filePath === undefined) throw fromEnvironment();
      await dropEarlierMasterKeys(filePath, dependencies);
      keyRing.forgetEarlier();
      keyCount = 1;
    },
  };
}

function fromEnvironment(): PlatformError {
  return new PlatformError("ROTATION_REFUSED", `The master key comes from ${MASTER_KEY_VARIABLE}.`, {
    remedy: `Set ${MASTER_KEY_VARIABLE} to "new,old", restart, rotate, wait for the job, then set it to the new key alone.`,
  });
}
