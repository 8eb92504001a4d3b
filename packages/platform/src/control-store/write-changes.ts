import type { Transaction } from "kysely";
import { ControlStaleError } from "./errors.ts";
import type { ControlChange } from "./rows.ts";
import type { SqlSchema } from "./sql-schema.ts";
import { primaryKeyOf, tableOrder, tables, toSql } from "./tables.ts";

/** Removals before the rows that they make room for; rows after those that they refer to. */
export function inWritingOrder(changes: readonly ControlChange[]): ControlChange[] {
  return [
    ...tableOrder.toReversed().flatMap((name) => changes.filter((each) => each.table === name && each.remove === true)),
    ...tableOrder.flatMap((name) => changes.filter((each) => each.table === name && each.remove !== true)),
  ];
}

export async function versionOf(transaction: Transaction<SqlSchema>): Promise<number> {
  const row = await transaction.selectFrom("controlVersion").select("version").executeTakeFirstOrThrow();
  return Number(row.version);
}

/** Takes the next version. The updated row keeps other servers' commits waiting until this one has ended. */
export async function takeNextVersion(transaction: Transaction<SqlSchema>, basedOn: number): Promise<number> {
  const version = basedOn + 1;
  const taken = await transaction
    .updateTable("controlVersion")
    .set({ version })
    .where("version", "=", basedOn)
    .executeTakeFirst();
  if (Number(taken.numUpdatedRows) === 1) return version;
  throw new ControlStaleError(basedOn, await versionOf(transaction));
}

export async function writeChange(
  transaction: Transaction<SqlSchema>,
  change: ControlChange,
  version: number,
): Promise<void> {
  const { primaryKey } = tables[change.table];
  const values = toSql(change.table, change.row);
  const isRemoval = change.remove === true;
  if (isRemoval) {
    let removal = transaction.deleteFrom(change.table);
    for (const property of primaryKey) removal = removal.where(property, "=", values[property]);
    await removal.execute();
  } else {
    await transaction
      .insertInto(change.table)
      .values(values)
      .onConflict((conflict) => conflict.columns([...primaryKey]).doUpdateSet(values))
      .execute();
  }
  const entry = {
    version,
    tableName: change.table,
    primaryKey: primaryKeyOf(change.table, change.row),
    removed: Number(isRemoval),
  };
  await transaction
    .insertInto("controlChanges")
    .values(entry)
    .onConflict((conflict) => conflict.columns(["tableName", "primaryKey"]).doUpdateSet(entry))
    .execute();
}
