import type { Handlers } from "@concordat/api-kit";
import type { channelRoutes } from "../routes/channels.ts";
import type { NativeContext } from "./context.ts";

export const channelHandlers = {
  async getChannel({ channelId }, { platform, caller }) {
    const status = await platform.receipts.channelStatus(caller.principal, channelId);
    return {
      channelId: status.channelId,
      origin: status.origin,
      displayName: status.displayName,
      height: status.height,
      transactionCount: status.transactionCount,
      configSequence: status.configSequence,
      organizations: [...status.organizations],
      checkpoint: status.checkpoint,
    };
  },
  async getChannelStateHash({ channelId }, { platform, caller }) {
    return { stateHash: await platform.receipts.stateHash(caller.principal, channelId) };
  },
  async getCheckpoint({ channelId, block }, { platform, caller }) {
    return { checkpoint: await platform.receipts.checkpoint(caller.principal, channelId, block) };
  },
  async getConsistencyProof({ channelId, fromBlock, toBlock }, { platform, caller }) {
    const { path, sm3Path, ...proof } = await platform.receipts.consistency(
      caller.principal,
      channelId,
      fromBlock,
      toBlock,
    );
    return { ...proof, path: [...path], ...(sm3Path === undefined ? {} : { sm3Path: [...sm3Path] }) };
  },
} satisfies Handlers<typeof channelRoutes, NativeContext>;
