import type { Authorizer } from "../access/authorizer.ts";
import type { AlarmRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import type { Caller } from "../ports.ts";
import { type Page, pageOf } from "./paging.ts";
import type { AlarmFilter } from "./ports.ts";

/** The alarms of the installation and its tenants, as those see them who may. */
export class AlarmsService {
  readonly #dependencies: { readonly directory: Directory; readonly authorizer: Authorizer };

  constructor(dependencies: { readonly directory: Directory; readonly authorizer: Authorizer }) {
    this.#dependencies = dependencies;
  }

  /**
   * `platform:alarm:list`. Latest first. Those of the installation itself are shown to whoever may see the installation's.
   * @throws PlatformError ACCESS_DENIED, PAGE_INVALID
   */
  async list(caller: Caller, filter: AlarmFilter): Promise<Page<AlarmRow>> {
    const { directory, authorizer } = this.#dependencies;
    authorizer.require(caller, "platform:alarm:list", { kind: "alarm", tenantId: caller.tenantId });
    const allowed = new Map<string | null, boolean>();
    const isVisible = ({ tenantId }: AlarmRow) => {
      const known =
        allowed.get(tenantId) ?? authorizer.allows(caller, "platform:alarm:list", { kind: "alarm", tenantId });
      allowed.set(tenantId, known);
      return known;
    };
    const rows = directory
      .table("alarms")
      .all()
      .filter((row) => filter.openOnly !== true || row.clearedMs === null)
      .filter((row) => filter.severity === undefined || row.severity === filter.severity)
      .filter((row) => filter.kind === undefined || row.kind === filter.kind)
      .filter(isVisible)
      .sort((a, b) => b.raisedMs - a.raisedMs || (a.alarmId < b.alarmId ? -1 : 1));
    return pageOf(rows, filter);
  }
}
