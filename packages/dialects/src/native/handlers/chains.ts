import type { Handlers } from "@concordat/api-kit";
import type { BusinessChain, ChainMembership } from "@concordat/platform";
import { platformLimits } from "@concordat/platform/limits";
import type { chainRoutes } from "../routes/chains.ts";
import type { NativeContext } from "./context.ts";

export const chainHandlers = {
  async listChains({ page = 1, pageSize = platformLimits.chainPageSizeMax, ...filter }, { platform, caller }) {
    const { total, items } = await platform.chains.list(caller.principal, { page, pageSize, ...filter });
    return { total, chains: items.map(membershipToWire) };
  },
  async createChain(input, { platform, caller }) {
    return membershipToWire(await platform.chains.create(caller, input));
  },
  async updateChain({ bizChainId, ...changes }, { platform, caller }) {
    return chainToWire(await platform.chains.update(caller, bizChainId, changes));
  },
} satisfies Handlers<typeof chainRoutes, NativeContext>;

export function membershipToWire({ chain, memberId, role, locked, dataTypeCode }: ChainMembership) {
  return { ...chainToWire(chain), memberId, role, locked, dataTypeCode };
}

export function chainToWire(chain: BusinessChain) {
  return {
    bizChainId: chain.bizChainId,
    service: chain.service,
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
    memberQuota: chain.memberQuota,
    phaseGroupQuota: chain.phaseGroupQuota,
    phaseQuota: chain.phaseQuota,
    blockCutting: { ...chain.blockCutting },
    cryptography: chain.cryptography,
  };
}
