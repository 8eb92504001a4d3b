import type { Ledger } from "@concordat/ledger/client";
import type { LedgerHealth } from "./health.ts";

/** Which channels serve, and which stopped after a storage failure. */
export function ledgerHealthOf(ledger: Pick<Ledger, "channels">): () => Promise<LedgerHealth> {
  return async () => {
    const channels = await ledger.channels();
    return {
      channelCount: channels.length,
      failedChannels: channels.filter(({ failed }) => failed).map(({ channelId }) => channelId),
    };
  };
}
