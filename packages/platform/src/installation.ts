import type { RandomSource } from "@concordat/base";
import { ControlStaleError } from "./control-store/errors.ts";
import type { ControlStore } from "./control-store/port.ts";
import { newIds } from "./directory/ids.ts";

export const installationSetting = "installation-id";

/** How often a setting is looked at anew because another server was writing. */
const ATTEMPTS = 20;

/**
 * The id of this installation, chosen at the first call. The ledger needs it before the platform can open, for it is part of every
 * channel's origin.
 */
export function ensureInstallationId(store: ControlStore, random: RandomSource): Promise<string> {
  return ensureSetting(store, installationSetting, () => newIds.installationId(random));
}

/** A setting that is made once in the life of an installation, however many servers ask for it at once. */
export async function ensureSetting(store: ControlStore, name: string, make: () => string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const { version, state } = await store.load();
    const known = state.settings.find((setting) => setting.name === name);
    if (known !== undefined) return known.value;
    const row = { name, value: make() };
    try {
      await store.commit({ changes: [{ table: "settings", row }], basedOn: version });
      return row.value;
    } catch (error) {
      if (!(error instanceof ControlStaleError) || attempt === ATTEMPTS) throw error;
    }
  }
}
