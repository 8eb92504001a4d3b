import type { RandomSource } from "@concordat/base";
import type { ControlStore } from "./control-store/port.ts";
import { newIds } from "./directory/ids.ts";

export const installationSetting = "installation-id";

/**
 * The id of this installation, chosen at the first call. The ledger needs it before the platform can open, for it is part of every
 * channel's origin.
 */
export async function ensureInstallationId(store: ControlStore, random: RandomSource): Promise<string> {
  const known = (await store.load()).settings.find((setting) => setting.name === installationSetting);
  if (known !== undefined) return known.value;
  const installationId = newIds.installationId(random);
  await store.commit([{ table: "settings", row: { name: installationSetting, value: installationId } }]);
  return installationId;
}
