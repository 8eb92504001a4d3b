import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { isMissing } from "@concordat/base";

const OTHERS_ENTER = 0o001;
const OTHERS_ANY = 0o007;

/** Whether a user who is neither owner nor in the group gets at nothing of a folder, by its mode or that of a folder above it. */
export async function isClosedToOthers(path: string): Promise<boolean> {
  const whole = resolve(path);
  for (let folder = whole; ; folder = dirname(folder)) {
    try {
      const { mode } = await stat(folder);
      if ((mode & (folder === whole ? OTHERS_ANY : OTHERS_ENTER)) === 0) return true;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    if (dirname(folder) === folder) return false;
  }
}
