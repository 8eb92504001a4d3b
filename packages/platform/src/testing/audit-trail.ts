import type { ControlStore } from "../control-store/port.ts";

export interface SeenEntry {
  readonly action: string;
  readonly resourceId: string;
  readonly uid: string | null;
  readonly tenantId: string | null;
  readonly outcome: string;
  readonly detail: unknown;
}

/** The entries of the audit trail, oldest first, of actions that begin like this. */
export async function auditTrail({ database }: ControlStore, actionStart = ""): Promise<readonly SeenEntry[]> {
  const rows = await database.selectFrom("auditEntries").selectAll().orderBy("timeMs").orderBy("entryId").execute();
  return rows
    .filter((row) => row.action.startsWith(actionStart))
    .map(({ action, resourceId, uid, tenantId, outcome, detail }) => ({
      action,
      resourceId,
      uid,
      tenantId,
      outcome,
      detail: JSON.parse(detail),
    }));
}
