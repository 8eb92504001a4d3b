import type { Transaction } from "kysely";
import type { SeenChange } from "./port.ts";
import type { ControlTableName, ControlTables } from "./rows.ts";
import type { SqlSchema } from "./sql-schema.ts";
import { fromSql, primaryKeyOf, tableOrder, tables } from "./tables.ts";

/** Rows asked for in one statement: databases limit its parameters. */
const KEYS_PER_STATEMENT = 200;

/** Every row that changed after a version, once; removed rows first, then the others, each after those that it refers to. */
export async function readChangesSince(transaction: Transaction<SqlSchema>, version: number): Promise<SeenChange[]> {
  const entries = await transaction
    .selectFrom("controlChanges")
    .select(["tableName", "primaryKey", "removed"])
    .where("version", ">", version)
    .orderBy("primaryKey")
    .execute();
  const keysOf = (table: ControlTableName, removed: boolean) =>
    entries
      .filter((entry) => entry.tableName === table && (Number(entry.removed) === 1) === removed)
      .map((entry) => entry.primaryKey);
  const removals = tableOrder
    .toReversed()
    .flatMap((table) => keysOf(table, true).map((key) => ({ table, key, row: undefined })));
  const changes: SeenChange[] = [...removals];
  for (const table of tableOrder) changes.push(...(await readRows(transaction, table, keysOf(table, false))));
  return changes;
}

async function readRows(
  transaction: Transaction<SqlSchema>,
  table: ControlTableName,
  keys: readonly string[],
): Promise<SeenChange[]> {
  const { primaryKey } = tables[table];
  const rows: SeenChange[] = [];
  for (let from = 0; from < keys.length; from += KEYS_PER_STATEMENT) {
    let query = transaction
      .selectFrom(table)
      .selectAll()
      .where((where) =>
        where.or(
          keys.slice(from, from + KEYS_PER_STATEMENT).map((key) => {
            const values: unknown[] = JSON.parse(key);
            return where.and(primaryKey.map((property, index) => where(property, "=", values[index])));
          }),
        ),
      );
    for (const property of primaryKey) query = query.orderBy(property);
    const found = await query.execute();
    for (const each of found) {
      // The column definitions give each row the shape of its table's type.
      const row = fromSql(table, each) as ControlTables[ControlTableName];
      rows.push({ table, key: primaryKeyOf(table, row), row });
    }
  }
  return rows;
}
