import { ltlMigration } from "../control-store/ltl-migration.ts";
import { type MigrationStatement, migrations } from "../control-store/migrations.ts";
import { toPostgres } from "../control-store/postgres/open-postgres.ts";
import type { ControlChange, ControlTableName } from "../control-store/rows.ts";
import { toSql } from "../control-store/tables.ts";
import { inWritingOrder } from "../control-store/write-changes.ts";
import { fullChanges } from "./full-rows.ts";

export type DatabaseKind = "sqlite" | "postgres";

/** The last version of the schema in which chains were for evidence alone and members had no id of their own. */
export const versionBeforeLtl = migrations.indexOf(ltlMigration);

/** What that version did not have. */
const laterTables: readonly ControlTableName[] = ["devices", "deviceGroups", "unauthorizedDevices"];
const laterColumns: Readonly<Partial<Record<ControlTableName, readonly string[]>>> = {
  chains: ["service", "memberQuota", "phaseGroupQuota", "phaseQuota"],
  memberships: ["memberId", "formerUid", "name", "contact", "phone", "remark", "locked"],
};

/** What makes an empty database one of an earlier release, with a full row in each of these tables. */
export function earlierSchema(
  kind: DatabaseKind,
  version: number,
  isThere: (table: ControlTableName) => boolean = () => true,
): readonly string[] {
  const rows = fullChanges().filter(({ table }) => !laterTables.includes(table) && isThere(table));
  return [
    ...migrations.slice(0, version).flatMap((statements) => statements.flatMap((each) => inWordsOf(kind, each))),
    "CREATE TABLE schema_version (version INTEGER NOT NULL)",
    `INSERT INTO schema_version (version) VALUES (${version})`,
    ...inWritingOrder(rows).map((change) => insertion(kind, change)),
  ];
}

/** What the rows of {@link earlierSchema} are once the schema is the present one. */
export function upgradedRow(table: ControlTableName, row: Readonly<Record<string, unknown>>): object {
  if (table === "chains") return { ...row, service: "proof", memberQuota: 100, phaseGroupQuota: 200, phaseQuota: 5 };
  if (table !== "memberships") return row;
  const details = { name: "name", contact: "", phone: "", remark: "" };
  return { ...row, memberId: row["uid"], formerUid: null, locked: false, ...details };
}

export function isInEarlierSchema(table: ControlTableName): boolean {
  return !laterTables.includes(table);
}

function inWordsOf(kind: DatabaseKind, statement: MigrationStatement): string[] {
  const { only, statement: text } = typeof statement === "string" ? { only: kind, statement } : statement;
  if (only !== kind) return [];
  return [kind === "postgres" ? toPostgres(text) : text];
}

function insertion(kind: DatabaseKind, { table, row }: ControlChange): string {
  const columns = Object.entries(toSql(table, row)).filter(([name]) => laterColumns[table]?.includes(name) !== true);
  const names = columns.map(([name]) => snakeCase(name)).join(", ");
  return `INSERT INTO ${snakeCase(table)} (${names}) VALUES (${columns.map(([, value]) => literal(kind, value)).join(", ")})`;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function literal(kind: DatabaseKind, value: unknown): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return String(value);
  if (!(value instanceof Uint8Array)) return `'${String(value).replaceAll("'", "''")}'`;
  const hex = Buffer.from(value).toString("hex");
  return kind === "sqlite" ? `X'${hex}'` : `'\\x${hex}'`;
}
