import { type ExpressionBuilder, type RawBuilder, sql, type Transaction } from "kysely";
import type { AuditEntryTable, ControlDatabase, ControlSchema, JobTable } from "../control-store/schema.ts";
import type { FinalStatus } from "./job-row.ts";
import type { JobFilter } from "./ports.ts";

/** A runner's claim on a job: only the last one counts. */
export interface Claim {
  readonly jobId: string;
  readonly fencing: number;
}

export interface ClaimRequest {
  readonly runner: string;
  readonly nowMs: number;
  /** Also what another runner claims to be running: it is known to be gone. */
  readonly takesOver: boolean;
}

/** What a runner writes while its job is open. */
export type OpenPatch = Partial<Pick<JobTable, "steps" | "output" | "progress" | "error">> & {
  readonly updatedMs: number;
};

export interface FinalPatch extends OpenPatch {
  readonly status: FinalStatus;
  readonly endedMs: number;
}

export type EndResult = "ended" | "cancelling" | "lost";

/**
 * The jobs table.
 *
 * Invariants: a job that has ended is never written again but by its removal. What a runner writes counts only while its claim is the last
 * one (fencing), and its audit entries are written with it. Each call is one transaction.
 */
export class JobStore {
  readonly #database: ControlDatabase;
  readonly #databaseTime: RawBuilder<number> | undefined;

  /** @param databaseTime by which claims run out when several servers, whose clocks differ, are on one store; else the callers' */
  constructor(database: ControlDatabase, databaseTime?: RawBuilder<number>) {
    this.#database = database;
    this.#databaseTime = databaseTime;
  }

  /** @returns false when a job with this id is there already; nothing is written */
  insert(row: JobTable, audit: readonly AuditEntryTable[]): Promise<boolean> {
    return this.#auditing(audit, async (transaction) => {
      const inserted = await transaction
        .insertInto("jobs")
        .values(row)
        .onConflict((conflict) => conflict.column("jobId").doNothing())
        .executeTakeFirst();
      return Number(inserted.numInsertedOrUpdatedRows ?? 0) === 1;
    });
  }

  find(jobId: string): Promise<JobTable | undefined> {
    return this.#database.selectFrom("jobs").selectAll().where("jobId", "=", jobId).executeTakeFirst();
  }

  async list(filter: JobFilter): Promise<{ readonly total: number; readonly rows: readonly JobTable[] }> {
    const { total } = await this.#database
      .selectFrom("jobs")
      .select(({ fn }) => fn.countAll().as("total"))
      .where((query) => matches(query, filter))
      .executeTakeFirstOrThrow();
    const rows = await this.#database
      .selectFrom("jobs")
      .selectAll()
      .where((query) => matches(query, filter))
      .orderBy("createdMs", "desc")
      .orderBy("jobId", "desc")
      .offset(filter.offset)
      .limit(filter.limit)
      .execute();
    return { total: Number(total), rows };
  }

  /** Open jobs that nobody runs, oldest first. */
  async claimable(kinds: readonly string[], request: ClaimRequest, limit: number): Promise<readonly Claim[]> {
    if (kinds.length === 0) return [];
    const found = await this.#database
      .selectFrom("jobs")
      .select(["jobId", "fencing"])
      .where("endedMs", "is", null)
      .where("kind", "in", [...kinds])
      .where((query) => this.#isFree(query, request))
      .orderBy("createdMs")
      .orderBy("jobId")
      .limit(limit)
      .execute();
    return found.map(({ jobId, fencing }) => ({ jobId, fencing: Number(fencing) }));
  }

  /** Takes a job that was found claimable, unless another runner was faster. @returns the row with its new fencing value */
  claim({ jobId, fencing }: Claim, request: ClaimRequest, leaseMs: number): Promise<JobTable | undefined> {
    const runnerUntilMs = this.#time(request.nowMs, leaseMs);
    return this.#database
      .updateTable("jobs")
      .set({ runner: request.runner, runnerUntilMs, fencing: fencing + 1 })
      .where("jobId", "=", jobId)
      .where("fencing", "=", fencing)
      .where("endedMs", "is", null)
      .where((query) => this.#isFree(query, request))
      .returningAll()
      .executeTakeFirst();
  }

  /** @returns the job's status, or undefined when the claim is lost */
  async renew({ jobId, fencing }: Claim, nowMs: number, leaseMs: number): Promise<JobTable["status"] | undefined> {
    const renewed = await this.#database
      .updateTable("jobs")
      .set({ runnerUntilMs: this.#time(nowMs, leaseMs) })
      .where("jobId", "=", jobId)
      .where("fencing", "=", fencing)
      .where("endedMs", "is", null)
      .returning("status")
      .executeTakeFirst();
    return renewed?.status;
  }

  /** Writes what a runner reports; a pending job is running from then on. @returns as {@link JobStore.renew} */
  async write({ jobId, fencing }: Claim, patch: OpenPatch): Promise<JobTable["status"] | undefined> {
    const written = await this.#database
      .updateTable("jobs")
      .set((query) => ({
        ...patch,
        status: query
          .case()
          .when("status", "=", "pending")
          .then<JobTable["status"]>("running")
          .else(query.ref("status"))
          .end(),
        startedMs: query.fn.coalesce("startedMs", query.val(patch.updatedMs)),
      }))
      .where("jobId", "=", jobId)
      .where("fencing", "=", fencing)
      .where("endedMs", "is", null)
      .returning("status")
      .executeTakeFirst();
    return written?.status;
  }

  /** Gives the job its final state. A job that is to be cancelled does not succeed: then nothing is written. */
  end({ jobId, fencing }: Claim, patch: FinalPatch, audit: readonly AuditEntryTable[]): Promise<EndResult> {
    return this.#auditing(
      audit,
      async (transaction) => {
        const ended = await transaction
          .updateTable("jobs")
          .set({ ...patch, runner: null, runnerUntilMs: null })
          .where("jobId", "=", jobId)
          .where("fencing", "=", fencing)
          .where("endedMs", "is", null)
          .$if(patch.status === "succeeded", (update) => update.where("status", "<>", "cancelling"))
          .executeTakeFirst();
        if (Number(ended.numUpdatedRows) === 1) return "ended";
        const open = await transaction
          .selectFrom("jobs")
          .select("jobId")
          .where("jobId", "=", jobId)
          .where("fencing", "=", fencing)
          .where("endedMs", "is", null)
          .executeTakeFirst();
        return open === undefined ? "lost" : "cancelling";
      },
      (result) => result === "ended",
    );
  }

  /** Gives an open job back, so that any server may take it up at once. */
  async release({ jobId, fencing }: Claim): Promise<void> {
    await this.#database
      .updateTable("jobs")
      .set({ runner: null, runnerUntilMs: null })
      .where("jobId", "=", jobId)
      .where("fencing", "=", fencing)
      .where("endedMs", "is", null)
      .execute();
  }

  /** @returns the row, or undefined when the job has ended or is not there; nothing is written then */
  requestCancel(jobId: string, nowMs: number, audit: readonly AuditEntryTable[]): Promise<JobTable | undefined> {
    return this.#auditing(
      audit,
      (transaction) =>
        transaction
          .updateTable("jobs")
          .set({ status: "cancelling", updatedMs: nowMs })
          .where("jobId", "=", jobId)
          .where("endedMs", "is", null)
          .returningAll()
          .executeTakeFirst(),
      (row) => row !== undefined,
    );
  }

  /** Removes these jobs if all of them have ended; otherwise none. */
  remove(jobIds: readonly string[], audit: readonly AuditEntryTable[]): Promise<boolean> {
    return this.#auditing(
      audit,
      async (transaction) => {
        const open = await transaction
          .selectFrom("jobs")
          .select("jobId")
          .where("jobId", "in", [...jobIds])
          .where("endedMs", "is", null)
          .executeTakeFirst();
        if (open !== undefined) return false;
        await transaction
          .deleteFrom("jobs")
          .where("jobId", "in", [...jobIds])
          .where("endedMs", "is not", null)
          .execute();
        return true;
      },
      (isRemoved) => isRemoved,
    );
  }

  /** Removes jobs that ended before a time; answers their number. */
  async prune(endedBeforeMs: number): Promise<number> {
    const removed = await this.#database.deleteFrom("jobs").where("endedMs", "<", endedBeforeMs).executeTakeFirst();
    return Number(removed.numDeletedRows);
  }

  #time(nowMs: number, laterMs = 0): RawBuilder<number> {
    const time = this.#databaseTime;
    // A sum of a parameter would be taken for one of small integers on PostgreSQL.
    return time === undefined ? sql<number>`${nowMs + laterMs}` : sql<number>`${time} + ${sql.lit(laterMs)}`;
  }

  #isFree(query: JobQuery, { runner, nowMs, takesOver }: ClaimRequest) {
    return query.or([
      query("runner", "is", null),
      query("runnerUntilMs", "<=", this.#time(nowMs)),
      ...(takesOver ? [query("runner", "<>", runner)] : []),
    ]);
  }

  /** Runs a change and writes its audit entries with it, if it took place. */
  #auditing<Result>(
    audit: readonly AuditEntryTable[],
    change: (transaction: Transaction<ControlSchema>) => Promise<Result>,
    tookPlace: (result: Result) => boolean = (result) => result !== false,
  ): Promise<Result> {
    return this.#database.transaction().execute(async (transaction) => {
      const result = await change(transaction);
      if (tookPlace(result) && audit.length > 0) {
        await transaction
          .insertInto("auditEntries")
          .values([...audit])
          .execute();
      }
      return result;
    });
  }
}

type JobQuery = ExpressionBuilder<ControlSchema, "jobs">;

/** PostgreSQL knows no empty list. */
function isOneOf(column: "status" | "kind", values: readonly string[]) {
  return values.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`${sql.ref(column)} in (${sql.join([...values])})`;
}

function matches(query: JobQuery, filter: JobFilter) {
  const { tenantId, projectId, statuses, kinds, resourceKind, resourceId, resourceName } = filter;
  return query.and([
    ...(tenantId === undefined ? [] : [query("tenantId", "=", tenantId)]),
    ...(projectId === undefined ? [] : [query("projectId", "=", projectId)]),
    ...(statuses === undefined ? [] : [isOneOf("status", statuses)]),
    ...(kinds === undefined ? [] : [isOneOf("kind", kinds)]),
    ...(resourceKind === undefined ? [] : [query("resourceKind", "=", resourceKind)]),
    ...(resourceId === undefined ? [] : [query("resourceId", "=", resourceId)]),
    // LIKE ignores case on SQLite and has wildcards to escape: a text that loses the part differs from itself.
    ...(resourceName === undefined || resourceName === ""
      ? []
      : [sql<boolean>`replace(${sql.ref("resourceName")}, ${resourceName}, '') <> ${sql.ref("resourceName")}`]),
    ...(filter.createdFromMs === undefined ? [] : [query("createdMs", ">=", filter.createdFromMs)]),
    ...(filter.createdToMs === undefined ? [] : [query("createdMs", "<=", filter.createdToMs)]),
  ]);
}
