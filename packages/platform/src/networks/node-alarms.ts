import { createHash } from "node:crypto";
import type { Clock, Logger } from "@concordat/base";
import type { AlarmRow, NodeRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";

export const NODE_ALARM = "network-node";

/** One alarm for each node that shall be started and is not. */
export class NodeAlarms {
  readonly #dependencies: { readonly directory: Directory; readonly clock: Clock; readonly log: Logger };

  constructor(dependencies: { readonly directory: Directory; readonly clock: Clock; readonly log: Logger }) {
    this.#dependencies = dependencies;
  }

  async raise(node: NodeRow, reason: string): Promise<void> {
    const { directory, clock, log } = this.#dependencies;
    const { nodeId, name } = node;
    log.error("A node of a network does not listen.", { nodeId, name, reason });
    const row: AlarmRow = {
      alarmId: alarmIdOf(node),
      tenantId: directory.row("networks", node.networkId)?.tenantId ?? null,
      kind: NODE_ALARM,
      resource: `node/${nodeId}`,
      severity: "major",
      message: `${name} does not listen: ${reason}`,
      raisedMs: clock.nowMs(),
      clearedMs: null,
    };
    await directory.change(async () => {
      const open = directory.row("alarms", row.alarmId);
      const isKnown = open?.clearedMs === null && open.message === row.message;
      return { changes: isKnown ? [] : [{ table: "alarms", row } as const], result: undefined };
    });
  }

  async clear(node: NodeRow): Promise<void> {
    const { directory, clock } = this.#dependencies;
    const open = () => {
      const row = directory.row("alarms", alarmIdOf(node));
      return row?.clearedMs === null ? row : undefined;
    };
    if (open() === undefined) return;
    await directory.change(async () => {
      const row = open();
      const changes =
        row === undefined ? [] : [{ table: "alarms", row: { ...row, clearedMs: clock.nowMs() } } as const];
      return { changes, result: undefined };
    });
  }
}

function alarmIdOf({ nodeId }: NodeRow): string {
  return createHash("sha256").update(`${NODE_ALARM}/${nodeId}`).digest("hex").slice(0, 32);
}
