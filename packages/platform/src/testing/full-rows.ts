import type { ControlChange, ControlTableName } from "../control-store/rows.ts";
import { type ColumnKind, tableOrder, tables } from "../control-store/tables.ts";

/** Where a column takes only some values, or refers to another by a name of its own. Any other text is its column's name. */
const texts: Readonly<Record<string, string>> = {
  "principals.kind": "account",
  "principals.accountUid": "uid",
  "tenants.accountUid": "uid",
  "organizations.accountUid": "uid",
  "retiredAuthorities.purpose": "identity",
  "signingKeys.purpose": "oauth",
  "grants.granteeKind": "group",
  "grants.scopeKind": "project",
  "certificates.purpose": "tls",
  "certificates.status": "frozen",
  "alarms.severity": "major",
  "chains.edition": "enterprise",
  "chains.cryptography": "sm",
  "chains.administratorUid": "uid",
  "chains.service": "collaboration",
  "chains.status": "creating",
  "memberships.role": "administrator",
  "memberships.status": "joining",
  "devices.algorithm": "aes-256",
  "networks.status": "failed",
  "networks.accountUid": "uid",
  "nodes.kind": "orderer",
  "nodes.state": "stopped",
  "networkChannels.stateDatabase": "couchdb",
  "networkChannels.status": "creating",
};

/** Columns whose type has only 16 bits. */
const smallIntegers: ReadonlySet<string> = new Set(["certificates.reason"]);

/** Columns that may be without a value. */
export const nullableColumns: Readonly<Partial<Record<ControlTableName, readonly string[]>>> = {
  principals: ["deletedMs"],
  memberships: ["formerUid"],
  deviceProducts: ["bizChainId"],
  devices: ["keySealed", "publicKey", "exportedMs"],
  signingKeys: ["publicJwk", "retiredMs"],
  certificates: ["uid", "keySealed", "reason"],
  alarms: ["tenantId", "clearedMs"],
};

/**
 * A row with a value in every column of a table, made from the table's definition: a table added to the schema is in every suite at
 * once. Columns of one name have one value in all tables, so that rows find what they refer to.
 */
export function fullRow(table: ControlTableName): Readonly<Record<string, unknown>> {
  const columns = Object.entries(tables[table].columns);
  return Object.fromEntries(
    columns.map(([property, kind], index) => [property, columnValue(`${table}.${property}`, property, kind, index)]),
  );
}

/** A full row in every table, with its references. */
export function fullChanges(): ControlChange[] {
  // Not in the order of their references: the store sorts that out.
  return tableOrder.toReversed().map((table) => changeOf(table, fullRow(table)));
}

/** The columns' definitions give each row the shape of its table. */
export function changeOf(table: ControlTableName, row: object): ControlChange {
  return { table, row } as ControlChange;
}

function columnValue(column: string, property: string, kind: ColumnKind, index: number): unknown {
  switch (kind) {
    case "text":
      return texts[column] ?? property;
    case "integer":
      return smallIntegers.has(column) ? index : 1_700_000_000_000 + index;
    case "boolean":
      return index % 2 === 0;
    case "bytes":
      return Uint8Array.from([0, 255, index]);
    case "json":
      return { list: [index, null, "字"], nested: { truth: true } };
  }
}
