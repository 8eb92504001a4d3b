import type { Clock, RandomSource } from "@concordat/base";
import { auditEntry } from "../audit/audit-entry.ts";
import type { AuditEntryTable, JobTable } from "../control-store/schema.ts";
import type { Caller } from "../ports.ts";
import type { FinalStatus, StoredError } from "./job-row.ts";

interface EntryDependencies {
  readonly clock: Clock;
  readonly random: RandomSource;
}

type JobFacts = Pick<JobTable, "jobId" | "kind" | "resourceKind" | "resourceId">;

/** What a caller did with a job. */
export function jobCallEntry(
  caller: Caller,
  verb: "start" | "cancel" | "delete",
  job: JobFacts,
  dependencies: EntryDependencies,
): AuditEntryTable {
  const event = { action: `platform:job:${verb}`, resource: { kind: "job", id: job.jobId }, detail: detailOf(job) };
  return auditEntry(caller, event, dependencies);
}

/** How a job ended, in the name of who asked for it. */
export function jobEndEntry(
  job: JobTable,
  status: FinalStatus,
  error: StoredError | null,
  dependencies: EntryDependencies,
): AuditEntryTable {
  const detail = { ...detailOf(job), status, ...(status === "failed" && error !== null ? { code: error.code } : {}) };
  const event = {
    action: "platform:job:end",
    resource: { kind: "job", id: job.jobId },
    outcome: status === "failed" ? "failed" : "done",
    detail,
  } as const;
  return { ...auditEntry(undefined, event, dependencies), tenantId: job.tenantId, uid: job.uid };
}

function detailOf({ kind, resourceKind, resourceId }: JobFacts) {
  return { kind, resource: `${resourceKind}/${resourceId}` };
}
