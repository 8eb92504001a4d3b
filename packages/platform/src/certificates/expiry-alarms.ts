import { createHash } from "node:crypto";
import type { Clock, Logger } from "@concordat/base";
import type { AlarmRow, ControlChange } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { isoTime, type Watched } from "./watched.ts";

export const EXPIRY_ALARM = "certificate-expiry";

export interface ExpiryAlarmsDependencies {
  readonly directory: Directory;
  readonly watched: () => readonly Watched[];
  readonly clock: Clock;
  readonly log: Logger;
}

const dayMs = 86_400_000;
/** How long before the end an alarm is raised. */
const thresholds = [
  { severity: "critical", withinMs: dayMs },
  { severity: "major", withinMs: 7 * dayMs },
  { severity: "warning", withinMs: 30 * dayMs },
] as const;

/**
 * Raises alarms for certificates that are about to expire, each severity once, and clears those of certificates that were renewed, replaced
 * or revoked. A graver alarm takes the place of the one before. For what the server renews by itself there is no warning; when it has not
 * managed to until a week before the end, that is an alarm too.
 */
export class ExpiryAlarms {
  readonly #dependencies: ExpiryAlarmsDependencies;

  constructor(dependencies: ExpiryAlarmsDependencies) {
    this.#dependencies = dependencies;
  }

  async update(): Promise<void> {
    const { directory, log } = this.#dependencies;
    if (this.#plan().length === 0) return;
    const rows = await directory.change(async () => {
      const changed = this.#plan();
      const changes: ControlChange[] = changed.map((row) => ({ table: "alarms", row }));
      return { changes, result: changed };
    });
    for (const { message, severity, resource, clearedMs } of rows) {
      const facts = { alarm: EXPIRY_ALARM, severity, resource, message };
      if (clearedMs === null) log.warn("alarm raised", facts);
      else log.info("alarm cleared", facts);
    }
  }

  /** The rows that are to change. */
  #plan(): AlarmRow[] {
    const { directory, clock } = this.#dependencies;
    const wanted = new Map(this.#wanted().map((row) => [row.alarmId, row]));
    const cleared = directory
      .table("alarms")
      .all()
      .filter((row) => row.kind === EXPIRY_ALARM && row.clearedMs === null && !wanted.has(row.alarmId))
      .map((row) => ({ ...row, clearedMs: clock.nowMs() }));
    const raised = [...wanted.values()].filter(({ alarmId }) => directory.row("alarms", alarmId) === undefined);
    return [...cleared, ...raised];
  }

  #wanted(): AlarmRow[] {
    const nowMs = this.#dependencies.clock.nowMs();
    return this.#dependencies.watched().flatMap((watched) => {
      const found = thresholds.find(({ withinMs }) => watched.expiresMs - nowMs <= withinMs);
      if (found === undefined || (watched.isRenewedHere && found.severity === "warning")) return [];
      return [toAlarm(watched, found.severity, nowMs)];
    });
  }
}

function toAlarm(watched: Watched, severity: AlarmRow["severity"], nowMs: number): AlarmRow {
  const { resource, tenantId, commonName, role, expiresMs, effect, remedy, isRenewedHere } = watched;
  const what = role === null ? watched.kind : `${role} certificate`;
  const advice = isRenewedHere ? "It should have been renewed by itself: see the log." : remedy;
  const message = `The ${what} ${commonName} expires on ${isoTime(expiresMs)}. ${effect} ${advice}`;
  // The same everywhere and always, so that an alarm is raised once, whoever raises it.
  const alarmId = createHash("sha256")
    .update(JSON.stringify([EXPIRY_ALARM, resource, severity]))
    .digest("hex")
    .slice(0, 32);
  return { alarmId, tenantId, kind: EXPIRY_ALARM, resource, severity, message, raisedMs: nowMs, clearedMs: null };
}
