import type { Handlers } from "@concordat/api-kit";
import { platformLimits } from "@concordat/platform/limits";
import type { auditRoutes } from "../routes/audit.ts";
import type { NativeContext } from "./context.ts";
import { receiptToWire } from "./receipts.ts";

export const auditHandlers = {
  async listAuditEntries(
    { pageSize = platformLimits.auditPageSizeMax, actorUid, action, ...filter },
    { platform, caller },
  ) {
    const { items, next } = await platform.audit.list(caller, {
      ...filter,
      ...(actorUid === undefined ? {} : { uid: actorUid }),
      ...(action === undefined ? {} : { actionPrefix: action }),
      limit: pageSize,
    });
    return { auditEntries: [...items], ...(next === undefined ? {} : { next }) };
  },
  async getAuditEntry({ entryId }, { platform, caller }) {
    return platform.audit.get(caller, entryId);
  },
  async getAuditReceipt({ entryId, envelope }, { platform, caller }) {
    return receiptToWire(await platform.audit.receipt(caller, entryId, { withEnvelope: envelope === true }));
  },
} satisfies Handlers<typeof auditRoutes, NativeContext>;
