import type { ChannelSteps } from "../chains/channel-steps.ts";
import type { CertificateRow, ControlChange } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import { networkChannelsOf } from "./current.ts";

export interface CatchUpDependencies {
  readonly directory: Directory;
  readonly steps: Pick<ChannelSteps, "refreshOrganization">;
}

const prefix = "channels-behind/";

/** Names the setting that says that an organization's channels may not have its present certificates yet; its value is the MSP id. */
export function channelsBehindSetting(mspId: string): string {
  return `${prefix}${mspId}`;
}

/** Whether channels of networks carry the standing of this certificate. */
export function isOnNetworkChannels(
  { mspId, purpose }: Pick<CertificateRow, "mspId" | "purpose">,
  directory: Directory,
) {
  return purpose === "identity" && networkChannelsOf(mspId, directory).length > 0;
}

/** What is written together with a change of a certificate's standing, so that the channels follow whatever happens. */
export function behindChanges(row: CertificateRow, directory: Directory): ControlChange[] {
  if (!isOnNetworkChannels(row, directory)) return [];
  return [{ table: "settings", row: { name: channelsBehindSetting(row.mspId), value: row.mspId } }];
}

/** The organizations whose channels a crash or an unavailable ledger has left behind. */
export function organizationsBehind(directory: Directory): string[] {
  return directory
    .table("settings")
    .all()
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ value }) => value);
}

/** Brings an organization's channels up to date and takes the mark away. */
export async function catchUpChannels(mspId: string, { directory, steps }: CatchUpDependencies): Promise<void> {
  await onLedger(() => steps.refreshOrganization(mspId));
  const row = { name: channelsBehindSetting(mspId), value: mspId };
  await directory.change(async () => {
    const isMarked = directory.setting(row.name) !== undefined;
    return { changes: isMarked ? [{ table: "settings", row, remove: true } as const] : [], result: undefined };
  });
}
