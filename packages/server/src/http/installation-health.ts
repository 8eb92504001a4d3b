import type { Installation } from "../installation.ts";
import type { Health } from "./health.ts";

/** Whether the control store answers, which channels serve, and which stopped after a storage failure. */
export function healthOf({
  ledger,
  ledgerIsElsewhere,
  store,
}: Pick<Installation, "ledgerIsElsewhere"> & {
  readonly ledger: Pick<Installation["ledger"], "channels">;
  readonly store: Pick<Installation["store"], "databaseTime" | "database">;
}): () => Promise<Health> {
  return async () => {
    await store.database.selectNoFrom(store.databaseTime.as("time")).execute();
    if (ledgerIsElsewhere) return { ledger: "elsewhere", channelCount: 0, failedChannels: [] };
    const channels = await ledger.channels();
    return {
      channelCount: channels.length,
      failedChannels: channels.filter(({ failed }) => failed).map(({ channelId }) => channelId),
    };
  };
}
