import type { Handlers } from "@concordat/api-kit";
import type { PlacedPhaseRecord } from "@concordat/platform";
import type { collaborationRecordRoutes } from "../routes/collaboration-records.ts";
import type { LtlContext } from "./context.ts";

export const collaborationRecordHandlers = {
  async DescribeMPCoSPhaseInfo(input, { platform, caller }) {
    const found = await platform.collaboration.describe(caller, input);
    const related = found.record.related.map(({ phaseId, dataSeq, fullKey, digest, phaseName }) => ({
      phaseId,
      dataSeq,
      fullKey,
      digest,
      phaseName,
    }));
    return { ...placed(found), related };
  },
  async ListMPCoSPhaseHistory({ startMs, endMs, ...query }, { platform, caller }) {
    const window = { startMs, endMs };
    const { total, items } = await platform.collaboration.history(caller, { ...query, window });
    const records = items.map((item) => ({ ...placed(item), dataSeq: item.record.dataSeq }));
    return { page: query.page, pageSize: query.pageSize, total, items: records };
  },
} satisfies Handlers<typeof collaborationRecordRoutes, LtlContext>;

function placed({ record, block }: PlacedPhaseRecord) {
  return {
    iotId: record.iotId,
    value: record.value,
    blockHash: block.headerHash,
    transactionHash: record.txId,
    previousHash: block.previousHash,
    blockNumber: block.number,
    timestampMs: record.timestampMs,
    productKey: record.productKey,
    dataHash: block.dataHash,
  };
}
