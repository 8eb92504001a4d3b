import { ConcordatError, type Logger } from "@concordat/base";
import type { StoredError } from "./job-row.ts";

/** Failures that pass by themselves. Steps are idempotent, so that one whose outcome is unknown may run again. */
const transientCodes: ReadonlySet<string> = new Set([
  "STORE_UNAVAILABLE",
  "CONTROL_STALE",
  "LEDGER_UNAVAILABLE",
  "OVERLOADED",
  "OUTCOME_UNKNOWN",
  "EVIDENCE_IN_FLIGHT",
  "WRITE_IN_FLIGHT",
]);

export function isTransient(error: unknown): error is ConcordatError {
  return error instanceof ConcordatError && transientCodes.has(error.code);
}

/** What a reader of the job learns of a failure. An unknown error says nothing of itself, for it may hold anything. */
export function failureToError(error: unknown, place: Readonly<Record<string, string>>, log: Logger): StoredError {
  if (error instanceof ConcordatError) return { code: error.code, message: error.message };
  log.error("A step of a job failed unexpectedly.", { ...place, detail: textOf(error) });
  return { code: "INTERNAL", message: "The job could not be completed." };
}

/** `elsewhere`: what the step needs answers on another server only. */
export type InterruptionReason = "cancelled" | "closing" | "lost" | "elsewhere";

/** Ends a step that must not go on. It is no failure. */
export class JobInterruption extends ConcordatError<"JOB_INTERRUPTED"> {
  readonly reason: InterruptionReason;

  constructor(reason: InterruptionReason) {
    super({ code: "JOB_INTERRUPTED", summary: "The job does not go on here.", facts: { reason } });
    this.reason = reason;
  }
}

/** For the log. */
export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
