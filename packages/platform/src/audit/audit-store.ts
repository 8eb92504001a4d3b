import { type ExpressionBuilder, sql } from "kysely";
import type { AuditEntryTable, ControlDatabase, ControlSchema } from "../control-store/schema.ts";
import type { AuditFilter } from "./ports.ts";

/** The audit entries in the control store. They are inserted with the changes that they tell of: see ControlCommit. */
export class AuditStore {
  readonly #database: ControlDatabase;

  constructor(database: ControlDatabase) {
    this.#database = database;
  }

  find(entryId: string): Promise<AuditEntryTable | undefined> {
    return this.#database.selectFrom("auditEntries").selectAll().where("entryId", "=", entryId).executeTakeFirst();
  }

  /** Newest first. */
  list(filter: AuditFilter): Promise<readonly AuditEntryTable[]> {
    return this.#database
      .selectFrom("auditEntries")
      .selectAll()
      .where((query) => matches(query, filter))
      .orderBy("entryId", "desc")
      .limit(filter.limit)
      .execute();
  }

  /** Entries that are not on the ledger, oldest first. */
  pending(limit: number, except: readonly string[] = []): Promise<readonly AuditEntryTable[]> {
    return this.#database
      .selectFrom("auditEntries")
      .selectAll()
      .where("txId", "is", null)
      .$if(except.length > 0, (query) => query.where("entryId", "not in", [...except]))
      .orderBy("entryId")
      .limit(limit)
      .execute();
  }

  /** Notes which transaction wrote these entries. */
  async mark(entryIds: readonly string[], txId: string): Promise<void> {
    await this.#database
      .updateTable("auditEntries")
      .set({ txId })
      .where("entryId", "in", [...entryIds])
      .where("txId", "is", null)
      .execute();
  }

  /** Removes entries from before a time that are on the ledger; answers their number. */
  async prune(beforeMs: number): Promise<number> {
    const removed = await this.#database
      .deleteFrom("auditEntries")
      .where("txId", "is not", null)
      .where("timeMs", "<", beforeMs)
      .executeTakeFirst();
    return Number(removed.numDeletedRows);
  }
}

function matches(query: ExpressionBuilder<ControlSchema, "auditEntries">, filter: AuditFilter) {
  const { actionPrefix, fromMs, toMs, after } = filter;
  const columns = ["tenantId", "uid", "resourceKind", "resourceId", "outcome", "requestId"] as const;
  return query.and([
    ...columns.flatMap((column) => {
      const wanted = filter[column];
      return wanted === undefined ? [] : [query(column, "=", wanted)];
    }),
    ...(after === undefined ? [] : [query("entryId", "<", after)]),
    ...(fromMs === undefined ? [] : [query("timeMs", ">=", fromMs)]),
    ...(toMs === undefined ? [] : [query("timeMs", "<=", toMs)]),
    // LIKE ignores case on SQLite and has wildcards to escape.
    ...(actionPrefix === undefined
      ? []
      : [sql<boolean>`substr(${sql.ref("action")}, 1, ${sql.lit([...actionPrefix].length)}) = ${actionPrefix}`]),
  ]);
}
