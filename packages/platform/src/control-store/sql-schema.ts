import type { ControlTableName } from "./rows.ts";
import type { ControlSchema } from "./schema.ts";

/** The directory tables are written by their definitions, not by name: their SQL form is not part of the query builder's types. */
export type SqlSchema = ControlSchema & BookkeepingSchema & Record<ControlTableName, Record<string, unknown>>;

interface BookkeepingSchema {
  /** One row: the number of commits that changed the directory. */
  controlVersion: { one: number; version: number };
  /** For each row that ever changed, the last version that did. */
  controlChanges: { version: number; tableName: string; primaryKey: string; removed: number };
  schemaVersion: { version: number };
}
