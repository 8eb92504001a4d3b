import { BlockReader } from "./block-reader.ts";
import type { ChannelStores } from "./channel-stores.ts";
import { toTransactionTime } from "./transaction-clock.ts";
import type { HistoryReader } from "./world-state.ts";

const NOTHING = new Uint8Array(0);

/** Modifications of a key: their places stand in the index, what they wrote in the blocks. */
export function createHistoryReader({ blocks, index }: Pick<ChannelStores, "blocks" | "index">): HistoryReader {
  return async function* history(namespace, key, height = Number.POSITIVE_INFINITY) {
    const reader = new BlockReader(blocks);
    for await (const { block, index: position, isDelete } of index.history(namespace, key)) {
      if (block >= height) continue;
      const read = await reader.block(block);
      const { txId, timestampMs, timestamp = toTransactionTime(timestampMs) } = read.transaction(position);
      const value = isDelete ? undefined : read.write(position, namespace, key);
      yield { txId, timestamp, isDelete, value: value ?? NOTHING };
    }
  };
}
