import type { Handlers } from "@concordat/api-kit";
import type { TimeWindow } from "@concordat/platform";
import { LtlRefusal, missingParameter } from "../errors.ts";
import type { historyRoutes } from "../routes/history.ts";
import type { LtlContext } from "./context.ts";

export const historyHandlers = {
  GetHistoryDataCount({ chainCode, key, startMs, endMs }, { platform, caller }) {
    return platform.evidence.historyCount(caller, { chainCode, key, ...windowOf(startMs, endMs) });
  },
  async GetHistoryDataList({ chainCode, key, startMs, endMs, page, pageSize }, { platform, caller }) {
    const query = { chainCode, key, page, pageSize, ...windowOf(startMs, endMs) };
    const { chainName, total, records } = await platform.evidence.history(caller, query);
    return records.map((record) => ({
      chainName,
      dataTypeCode: record.dataTypeCode,
      block: record.block,
      businessId: record.businessId,
      total,
      value: record.value,
      txId: record.txId,
      rank: record.rank,
      timestampMs: record.timestampMs,
    }));
  },
} satisfies Handlers<typeof historyRoutes, LtlContext>;

/** A window has both ends or none. */
function windowOf(startMs: number | undefined, endMs: number | undefined): { window?: TimeWindow } {
  if (startMs === undefined && endMs === undefined) return {};
  if (startMs === undefined) throw incomplete("StartTime", "EndTime");
  if (endMs === undefined) throw incomplete("EndTime", "StartTime");
  return { window: { startMs, endMs } };
}

function incomplete(missing: string, given: string): LtlRefusal {
  return new LtlRefusal(missingParameter(missing), `${missing} is mandatory when ${given} is given.`);
}
