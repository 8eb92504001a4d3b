import { type Clock, InvariantError, type Logger, type RandomSource } from "@concordat/base";
import type { RawBuilder } from "kysely";
import type { Authorizer } from "../access/authorizer.ts";
import type { ControlDatabase, JobTable } from "../control-store/schema.ts";
import { PlatformError } from "../errors.ts";
import { platformLimits } from "../limits.ts";
import type { Caller } from "../ports.ts";
import { jobCallEntry } from "./job-entries.ts";
import { finalStatuses, jobLimits, newJobId, rowToJob, stepsOfKind } from "./job-row.ts";
import { JobScheduler, type JobSchedulerOptions } from "./job-scheduler.ts";
import { JobStore } from "./job-store.ts";
import { JobWaiters } from "./job-waiters.ts";
import type { Job, JobAccess, JobFilter, JobKind, Jobs, NewJob } from "./ports.ts";

export type JobOptions = JobSchedulerOptions;

export const defaultJobOptions: JobOptions = {
  concurrencyMax: 4,
  pollMs: 5_000,
  leaseMs: 30_000,
  backOff: { firstMs: 200, longestMs: 30_000 },
  attemptsMax: 10,
  soleRunner: false,
  keptMs: 90 * 86_400_000,
  closeMs: 10_000,
};

export interface JobsDependencies {
  readonly database: ControlDatabase;
  /** See JobStore. */
  readonly databaseTime?: RawBuilder<number>;
  readonly authorizer: Pick<Authorizer, "allows" | "require">;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
  /** Called when audit entries were written. */
  readonly onAudit?: () => void;
  /** In place of the one over `database`, for tests that cut it off. */
  readonly jobStore?: JobStore;
}

export class JobsService implements Jobs {
  readonly #dependencies: JobsDependencies;
  readonly #store: JobStore;
  readonly #scheduler: JobScheduler;
  readonly #waiters: JobWaiters;

  constructor(options: Partial<JobOptions>, dependencies: JobsDependencies) {
    const settings = { ...defaultJobOptions, ...options };
    this.#dependencies = dependencies;
    this.#store = dependencies.jobStore ?? new JobStore(dependencies.database, dependencies.databaseTime);
    this.#waiters = new JobWaiters(settings, { ...dependencies, store: this.#store });
    const onRest = (jobId: string) => {
      this.#waiters.look(jobId);
      dependencies.onAudit?.();
    };
    this.#scheduler = new JobScheduler(settings, { ...dependencies, store: this.#store, onRest });
  }

  /** Takes up what was left, and what comes. */
  open(): void {
    this.#scheduler.open();
  }

  async close(): Promise<void> {
    await this.#scheduler.close();
    this.#waiters.close();
  }

  register<Input>(kind: JobKind<Input>): void {
    const names = new Set(kind.steps.map(({ name }) => name));
    if (names.size !== kind.steps.length) throw new InvariantError(`Two steps of job kind ${kind.kind} share a name.`);
    // The input of a job of this kind is what its `start` was given, whose type the kind names.
    if (!this.#scheduler.register(kind as JobKind<unknown>)) {
      throw new InvariantError(`Two job kinds are named ${kind.kind}.`);
    }
  }

  async start<Input>({ kind, caller, projectId, resource, input, ...rest }: NewJob<Input>): Promise<Job> {
    if (!this.#scheduler.knows(kind.kind)) throw new InvariantError(`The job kind ${kind.kind} is not registered.`);
    const { clock, random, onAudit } = this.#dependencies;
    const nowMs = clock.nowMs();
    const row: JobTable = {
      jobId: rest.jobId ?? newJobId(random),
      tenantId: caller.tenantId,
      projectId: projectId ?? null,
      uid: caller.principal.uid,
      kind: kind.kind,
      resourceKind: resource.kind,
      resourceId: resource.id,
      resourceName: resource.name,
      input: inputToText(kind.kind, input),
      status: "pending",
      steps: JSON.stringify(stepsOfKind(kind, [])),
      output: "{}",
      progress: 0,
      error: null,
      createdMs: nowMs,
      updatedMs: nowMs,
      startedMs: null,
      endedMs: null,
      runner: null,
      runnerUntilMs: null,
      fencing: 0,
    };
    const audit = [...(rest.audit ?? []), jobCallEntry(caller, "start", row, this.#dependencies)];
    if (!(await this.#store.insert(row, audit))) return rowToJob(await this.#find(row.jobId));
    onAudit?.();
    this.#scheduler.wake();
    return rowToJob(row);
  }

  async get(caller: Caller, jobId: string, access?: JobAccess): Promise<Job> {
    return rowToJob(await this.#findFor(caller, jobId, access?.action ?? "platform:job:get"));
  }

  async list(caller: Caller, filter: JobFilter, access?: JobAccess) {
    const { offset, limit, projectId } = filter;
    const isPage = Number.isSafeInteger(offset) && Number.isSafeInteger(limit) && offset >= 0 && limit >= 1;
    if (!isPage || limit > platformLimits.jobPageSizeMax) throw new PlatformError("PAGE_INVALID");
    const { authorizer } = this.#dependencies;
    const action = access?.action ?? "platform:job:list";
    const seesAll = authorizer.allows(caller, action, { kind: "job", tenantId: null });
    const tenantId = filter.tenantId ?? (seesAll ? undefined : caller.tenantId);
    if (tenantId !== undefined) {
      authorizer.require(caller, action, { kind: "job", tenantId, ...(projectId === undefined ? {} : { projectId }) });
    }
    const { tenantId: _, ...rest } = filter;
    const { total, rows } = await this.#store.list({ ...rest, ...(tenantId === undefined ? {} : { tenantId }) });
    return { total, items: rows.map(rowToJob) };
  }

  async cancel(caller: Caller, jobId: string, access?: JobAccess): Promise<Job> {
    const row = await this.#findFor(caller, jobId, access?.action ?? "platform:job:cancel");
    const entry = jobCallEntry(caller, "cancel", row, this.#dependencies);
    const cancelled = await this.#store.requestCancel(jobId, this.#dependencies.clock.nowMs(), [entry]);
    if (cancelled === undefined) throw new PlatformError("JOB_ENDED");
    this.#dependencies.onAudit?.();
    this.#scheduler.cancel(jobId);
    return rowToJob(cancelled);
  }

  async delete(caller: Caller, jobIds: readonly string[], access?: JobAccess): Promise<void> {
    const wanted = [...new Set(jobIds)];
    if (wanted.length < 1 || wanted.length > platformLimits.jobPageSizeMax) throw new PlatformError("PAGE_INVALID");
    const action = access?.action ?? "platform:job:delete";
    const rows = await Promise.all(wanted.map((jobId) => this.#findFor(caller, jobId, action)));
    const running = rows.find(({ status }) => !isFinal(status));
    if (running !== undefined) throw jobRunning(running.jobId);
    const audit = rows.map((row) => jobCallEntry(caller, "delete", row, this.#dependencies));
    await this.#store.remove(wanted, audit);
    this.#dependencies.onAudit?.();
  }

  ended(jobId: string): Promise<Job> {
    return this.#waiters.ended(jobId);
  }

  async #find(jobId: string): Promise<JobTable> {
    const row = await this.#store.find(jobId);
    if (row === undefined) throw new PlatformError("JOB_UNKNOWN", undefined, { facts: { jobId } });
    return row;
  }

  /** To a caller of another tenant a job that it may not touch is not there. */
  async #findFor(caller: Caller, jobId: string, action: string): Promise<JobTable> {
    const row = await this.#find(jobId);
    const { tenantId, projectId } = row;
    const resource = { kind: "job", id: jobId, tenantId, ...(projectId === null ? {} : { projectId }) };
    if (this.#dependencies.authorizer.allows(caller, action, resource)) return row;
    throw new PlatformError(tenantId === caller.tenantId ? "ACCESS_DENIED" : "JOB_UNKNOWN");
  }
}

function inputToText(kind: string, input: unknown): string {
  const text = JSON.stringify(input ?? {});
  if (Buffer.byteLength(text) <= jobLimits.inputBytesMax) return text;
  throw new InvariantError(`The input of job kind ${kind} is larger than a job's may be.`);
}

function isFinal(status: JobTable["status"]): boolean {
  return finalStatuses.some((final) => final === status);
}

function jobRunning(jobId: string): PlatformError {
  return new PlatformError("JOB_RUNNING", undefined, { facts: { jobId } });
}
