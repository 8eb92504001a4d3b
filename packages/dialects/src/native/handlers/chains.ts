import type { Handlers } from "@concordat/api-kit";
import type { ChainMembership } from "@concordat/platform";
import { platformLimits } from "@concordat/platform/limits";
import type { chainRoutes } from "../routes/chains.ts";
import type { NativeContext } from "./context.ts";

export const chainHandlers = {
  async listChains({ page = 1, pageSize = platformLimits.chainPageSizeMax, name }, { platform, caller }) {
    const query = name === undefined ? { page, pageSize } : { page, pageSize, name };
    const { total, items } = await platform.chains.list(caller.principal, query);
    return { total, chains: items.map(toWire) };
  },
  async createChain(input, { platform, caller }) {
    return toWire(await platform.chains.create(caller, input));
  },
  async addChainMember(input, { platform, caller }) {
    return toWire(await platform.chains.addMember(caller, input));
  },
} satisfies Handlers<typeof chainRoutes, NativeContext>;

function toWire({ chain, role, dataTypeCode }: ChainMembership) {
  return {
    bizChainId: chain.bizChainId,
    bizChainCode: chain.bizChainCode,
    channelId: chain.channelId,
    name: chain.name,
    remark: chain.remark,
    edition: chain.edition,
    administratorUid: chain.administratorUid,
    effectiveMs: chain.effectiveMs,
    expiresMs: chain.expiresMs,
    countQuota: chain.countQuota,
    capacityQuotaBytes: chain.capacityQuotaBytes,
    blockCutting: { ...chain.blockCutting },
    cryptography: chain.cryptography,
    role,
    dataTypeCode,
  };
}
