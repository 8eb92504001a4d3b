import type { RawBuilder } from "kysely";
import type { ControlChange, ControlState, ControlTableName, ControlTables } from "./rows.ts";
import type { AuditEntryTable, ControlDatabase } from "./schema.ts";

/** Everything that happens together: it is on disk as a whole or not at all. */
export interface ControlCommit {
  readonly changes: readonly ControlChange[];
  /** The trail of these changes, or of a refusal; handed on to the audit channel afterwards. */
  readonly audit?: readonly AuditEntryTable[];
  /** The version that the changes were planned on. */
  readonly basedOn: number;
}

/** What became of a row: its present content, or nothing once it is gone. */
export interface SeenChange {
  readonly table: ControlTableName;
  /** See primaryKeyOf. */
  readonly key: string;
  readonly row: ControlTables[ControlTableName] | undefined;
}

/**
 * The control store: who may call and how things are run. What is chained stands on the ledger, never here.
 *
 * Invariants: a commit is atomic and on disk (synced) before it is answered. Ids, names and codes that must be unique are unique in the
 * store itself. Every commit with changes makes the next version, so that several servers on one store see each other's changes and
 * none writes over what it has not seen. Secrets come in sealed.
 */
export interface ControlStore {
  /** Every row of every directory table, ordered by primary key, and the version that they are of. */
  load(): Promise<{ readonly version: number; readonly state: ControlState }>;
  /**
   * @returns the version made, or `basedOn` when there was nothing to change
   * @throws ControlConflictError when a row would repeat what must be unique; nothing is written
   * @throws ControlStaleError when another server has committed since `basedOn`; nothing is written
   * @throws ControlUnavailableError when the database does not answer; for a commit under way, whether it happened is unknown
   */
  commit(commit: ControlCommit): Promise<number>;
  /**
   * What was committed since a version: each changed row once, as it stands now, those that are gone first. A row comes after those
   * that it refers to.
   */
  changesSince(version: number): Promise<{ readonly version: number; readonly changes: readonly SeenChange[] }>;
  /**
   * For the tables that are asked, not kept: see ControlSchema. Its errors are those of {@link ControlStore.commit}, except that there
   * are no versions.
   */
  readonly database: ControlDatabase;
  /** The database's own time in milliseconds since the epoch, as SQL: the one clock that several servers share. */
  readonly databaseTime: RawBuilder<number>;
  close(): Promise<void>;
}
