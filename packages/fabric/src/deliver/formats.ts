import { COMMON_STATUS } from "../orderer/ordering.ts";
import { WireMessage } from "../wire/read.ts";
import { fieldHead, writeMessage } from "../wire/write.ts";
import type { DeliverFormat } from "./deliver.ts";
import { filteredBlock } from "./filtered-block.ts";

/** `protos.DeliverResponse` and `orderer.DeliverResponse` have these two fields in common. The block is spliced in as it is stored. */
export const wholeBlocks: DeliverFormat = {
  status: (status) => writeMessage([1, COMMON_STATUS[status]]),
  block(bytes, _channelId, headersOnly) {
    const block = headersOnly ? withoutData(bytes) : bytes;
    return Buffer.concat([fieldHead(2, block.length), block]);
  },
};

/** `protos.DeliverResponse` with filtered_block. */
export const filteredBlocks: DeliverFormat = {
  status: wholeBlocks.status,
  block(bytes, channelId) {
    const filtered = filteredBlock(bytes, channelId);
    return filtered && writeMessage({ present: 3, value: filtered });
  },
};

function withoutData(block: Uint8Array): Uint8Array {
  const message = new WireMessage(block);
  return writeMessage({ present: 1, value: message.bytes(1) }, { present: 3, value: message.bytes(3) });
}
