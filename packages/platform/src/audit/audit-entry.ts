import { bytesToHex, type Clock, type RandomSource } from "@concordat/base";
import type { AuditEntryTable } from "../control-store/schema.ts";
import type { Caller } from "../ports.ts";

/** What happened, in the words of the action that was asked for. */
export interface AuditEvent {
  /** For instance `iam:user:create`. */
  readonly action: string;
  readonly resource: { readonly kind: string; readonly id: string };
  /** `done` when left out. */
  readonly outcome?: AuditEntryTable["outcome"];
  /** Plain JSON without secrets: names of changed fields, reasons, counts. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Of an aggregate. */
  readonly occurrences?: number;
}

/**
 * The audit entry of an event. Written by the commit that makes the change itself (see DirectoryPlan), so that there is no change without
 * its entry and no entry without its change.
 * @param caller undefined for what the installation does by itself and for callers that were not recognised
 */
export function auditEntry(
  caller: Caller | undefined,
  event: AuditEvent,
  { clock, random }: { readonly clock: Clock; readonly random: RandomSource },
): AuditEntryTable {
  const timeMs = clock.nowMs();
  return {
    entryId: newEntryId(timeMs, random),
    timeMs,
    tenantId: caller?.tenantId ?? null,
    uid: caller?.principal.uid ?? null,
    credentialKind: caller?.credential.kind ?? null,
    credentialId: caller?.credential.id ?? null,
    sourceAddress: caller?.sourceAddress ?? null,
    requestId: caller?.requestId ?? null,
    action: event.action,
    resourceKind: event.resource.kind,
    resourceId: event.resource.id,
    outcome: event.outcome ?? "done",
    occurrences: event.occurrences ?? 1,
    detail: JSON.stringify(event.detail ?? {}),
    txId: null,
  };
}

/** The last entry's time, and how many this process has made in that millisecond. */
let last = { timeMs: Number.NaN, count: 0 };

/** Time, place within the millisecond, chance: entries of one process sort in the order in which they were made. */
function newEntryId(timeMs: number, random: RandomSource): string {
  last = { timeMs, count: timeMs === last.timeMs ? last.count + 1 : 0 };
  const place = last.count % 0x1_0000;
  return timeMs.toString(16).padStart(12, "0") + place.toString(16).padStart(4, "0") + bytesToHex(random.bytes(8));
}
