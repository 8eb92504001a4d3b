import type { AuditEntryTable } from "../control-store/schema.ts";
import type { Caller } from "../ports.ts";

/** The last three are final: a job ends in exactly one of them and never leaves it. */
export type JobStatus = "pending" | "running" | "cancelling" | "succeeded" | "failed" | "cancelled";

export interface JobStepState {
  readonly name: string;
  /** The part of the work that the step belongs to, for readers; null when it stands for itself. */
  readonly stage: string | null;
  readonly status: "pending" | "running" | "succeeded" | "failed" | "skipped";
  /** 0 to 100. */
  readonly progress: number;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  /** What the step noted for readers, and why it was tried again; oldest first, the last 20. */
  readonly messages: readonly string[];
}

export interface Job {
  readonly jobId: string;
  readonly tenantId: string;
  readonly projectId: string | null;
  readonly uid: string;
  readonly kind: string;
  readonly resource: { readonly kind: string; readonly id: string; readonly name: string };
  readonly status: JobStatus;
  readonly steps: readonly JobStepState[];
  readonly progress: number;
  readonly output: Readonly<Record<string, unknown>>;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly createdMs: number;
  /** Of the last change of anything above. */
  readonly updatedMs: number;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
}

/** What a step may use. Everything it does must be found done when it runs again. */
export interface StepContext<Input> {
  readonly jobId: string;
  readonly tenantId: string;
  readonly projectId: string | null;
  /** Who asked for the job. */
  readonly uid: string;
  readonly resource: Job["resource"];
  readonly input: Input;
  /** What earlier steps (and an earlier run of this one) handed on. */
  readonly output: Readonly<Record<string, unknown>>;
  /** Puts these members into the output (plain JSON, no secret, at most 64 KiB together). On disk before it is answered. */
  save(output: Readonly<Record<string, unknown>>): Promise<void>;
  /** Throws when the job was cancelled, this runner lost its claim or the server closes: to be called between pieces of work. */
  checkpoint(percent: number): Promise<void>;
  /** A line for readers, without secrets; written with the next save, checkpoint or end of the step. */
  note(message: string): void;
  /** Aborted when checkpoint would throw. Whatever a step throws then is no failure of it. */
  readonly signal: AbortSignal;
  /** Grows each time that a server takes the job up: for systems that can refuse what comes late from a server that had stalled. */
  readonly fencing: number;
}

export interface JobStep<Input> {
  /** Unique within its kind and stable over releases: a step that finished under its name is never run again. */
  readonly name: string;
  readonly stage?: string;
  /**
   * A failure that passes (a store or ledger that does not answer) is tried again with growing pauses; what else it throws ends the job.
   * ConcordatErrors are shown to readers with code and text; all others are logged and shown as INTERNAL.
   */
  run(context: StepContext<Input>): Promise<void>;
}

/** A kind of long work. Kinds are registered when the platform opens, before any job is taken up again. */
export interface JobKind<Input> {
  readonly kind: string;
  readonly steps: readonly JobStep<Input>[];
  /** Undoes what steps did, when the job failed or was cancelled; may run more than once. */
  compensate?(context: StepContext<Input>): Promise<void>;
}

export interface NewJob<Input> {
  readonly kind: JobKind<Input>;
  readonly caller: Caller;
  readonly projectId?: string;
  readonly resource: Job["resource"];
  /** Plain JSON, no secret. */
  readonly input: Input;
  /** Starting again with the id of a job that is there answers that one. Random when left out. */
  readonly jobId?: string;
  /** Written with the job's record, beside the entry that says that it was started. */
  readonly audit?: readonly AuditEntryTable[];
}

export interface JobFilter {
  /** Left out: every tenant for those who may see them, else the caller's tenant. */
  readonly tenantId?: string;
  readonly projectId?: string;
  readonly statuses?: readonly JobStatus[];
  readonly kinds?: readonly string[];
  readonly resourceKind?: string;
  readonly resourceId?: string;
  /** Part of the resource's name, case mattering. */
  readonly resourceName?: string;
  readonly createdFromMs?: number;
  /** Both ends included. */
  readonly createdToMs?: number;
  readonly offset: number;
  readonly limit: number;
}

/** The action that the caller must be allowed, where a dialect has a name of its own for it. */
export interface JobAccess {
  readonly action: string;
}

/** Long work that survives restarts: recorded before it starts, resumed or ended after a crash, exactly one final state. */
export interface Jobs {
  /** Jobs of a kind are taken up from then on. */
  register<Input>(kind: JobKind<Input>): void;
  /**
   * Answers when the job is recorded on disk; its steps run afterwards. Whether the caller may have such work done is for the service that
   * starts it to check.
   */
  start<Input>(job: NewJob<Input>): Promise<Job>;
  /** `platform:job:get`. A job of a tenant that the caller cannot see is unknown to it. @throws PlatformError JOB_UNKNOWN, ACCESS_DENIED */
  get(caller: Caller, jobId: string, access?: JobAccess): Promise<Job>;
  /** `platform:job:list`. Newest first; at most 100 at once. @throws PlatformError ACCESS_DENIED, PAGE_INVALID */
  list(
    caller: Caller,
    filter: JobFilter,
    access?: JobAccess,
  ): Promise<{ readonly total: number; readonly items: readonly Job[] }>;
  /**
   * `platform:job:cancel`. Asks a job to end; it does so between two steps at the latest, after what its steps did was undone. Once
   * answered, the job does not succeed any more.
   * @throws PlatformError JOB_UNKNOWN, JOB_ENDED, ACCESS_DENIED
   */
  cancel(caller: Caller, jobId: string, access?: JobAccess): Promise<Job>;
  /**
   * `platform:job:delete`. Removes ended jobs from the list, at most 100 at once, all or none.
   * @throws PlatformError JOB_UNKNOWN, JOB_RUNNING, ACCESS_DENIED, PAGE_INVALID
   */
  delete(caller: Caller, jobIds: readonly string[], access?: JobAccess): Promise<void>;
  /** Settles when the job has ended, here or on another server. @throws PlatformError JOB_UNKNOWN; STORE_UNAVAILABLE when the server closes */
  ended(jobId: string): Promise<Job>;
}
