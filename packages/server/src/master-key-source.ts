import type { RandomSource } from "@concordat/base";
import { InvariantError } from "@concordat/base";
import {
  addMasterKey,
  dropEarlierMasterKeys,
  type KeyRing,
  MASTER_KEY_VARIABLE,
  type MasterKey,
} from "@concordat/identity";
import type { MasterKeySource } from "@concordat/platform";

/** The master key where this server found it: a file is changed here, the environment only by the operator. */
export function createMasterKeySource(
  { filePath, source }: MasterKey,
  dependencies: { readonly keyRing: KeyRing; readonly random: RandomSource },
): MasterKeySource {
  const { keyRing } = dependencies;
  if (filePath === undefined) return fromEnvironment(source);
  return {
    name: source,
    remedy: undefined,
    async introduce() {
      keyRing.use(await addMasterKey(filePath, dependencies));
    },
    async forgetEarlier() {
      await dropEarlierMasterKeys(filePath, dependencies);
      keyRing.forgetEarlier();
    },
  };
}

function fromEnvironment(name: string): MasterKeySource {
  const refuse = async () => {
    throw new InvariantError("A master key of the environment was to be changed here.");
  };
  return {
    name,
    remedy: `Set ${MASTER_KEY_VARIABLE} to "new,old", restart, rotate, wait for the job, then set it to the new key alone.`,
    introduce: refuse,
    forgetEarlier: refuse,
  };
}
