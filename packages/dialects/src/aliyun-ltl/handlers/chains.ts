import type { Handlers } from "@concordat/api-kit";
import type { chainRoutes } from "../routes/chains.ts";
import type { LtlContext } from "./context.ts";

export const chainHandlers = {
  async ListProofChain(input, { platform, caller }) {
    const { total, items } = await platform.chains.list(caller, { ...input, service: "proof" });
    const chains = items.map(({ chain, role, dataTypeCode }) => ({
      role,
      dataTypeCode,
      bizChainId: chain.bizChainId,
      bizChainCode: chain.bizChainCode,
      remark: chain.remark,
      name: chain.name,
    }));
    return { page: input.page, pageSize: input.pageSize, total, chains };
  },
  async DescribeResourceInfo({ bizChainId }, { platform, caller, region }) {
    const { chain, status } = await platform.chains.get(caller, bizChainId);
    const { edition, effectiveMs, expiresMs } = chain;
    return { status, edition, effectiveMs, expiresMs, region };
  },
  async DescribeCapacityInfo({ bizChainId }, { platform, caller }) {
    const [{ chain }, usage] = await Promise.all([
      platform.chains.get(caller, bizChainId),
      platform.chains.usage(caller, bizChainId),
    ]);
    return {
      countQuota: chain.countQuota,
      capacityQuotaBytes: chain.capacityQuotaBytes,
      usedCount: usage.usedCount,
      usedCapacityBytes: usage.usedCapacityBytes,
      memberUsedCount: usage.memberUsedCount,
      memberUsedCapacityBytes: usage.memberUsedCapacityBytes,
    };
  },
} satisfies Handlers<typeof chainRoutes, LtlContext>;
