import type { Ledger } from "@concordat/ledger";
import type { LedgerHealth } from "./health.ts";

/**
 * Knows which channels stopped after a storage failure. It waits, once for each channel, for a block that never comes: such a wait
 * ends only when the channel does.
 */
export function watchLedger(ledger: Pick<Ledger, "channels" | "waitForBlock">): () => Promise<LedgerHealth> {
  const watched = new Set<string>();
  const failed = new Set<string>();
  return async () => {
    const channels = await ledger.channels();
    for (const { channelId } of channels.filter(({ channelId }) => !watched.has(channelId))) {
      watched.add(channelId);
      ledger.waitForBlock(channelId, Number.MAX_SAFE_INTEGER).catch(() => failed.add(channelId));
    }
    return { channelCount: channels.length, failedChannels: [...failed].sort() };
  };
}
