import type { ControlTableName, ControlTables } from "../port.ts";

/** `json` is a value of plain JSON, kept as text. */
export type ColumnKind = "text" | "integer" | "boolean" | "bytes" | "json";

interface TableDefinition<Row> {
  readonly sqlName: string;
  readonly primaryKey: readonly (keyof Row & string)[];
  readonly columns: { readonly [Property in keyof Row & string]: ColumnKind };
}

/** How the rows of the port stand in SQL: a property's column is its name in snake case. */
export const tables: { readonly [Name in ControlTableName]: TableDefinition<ControlTables[Name]> } = {
  organizations: {
    sqlName: "organizations",
    primaryKey: ["mspId"],
    columns: {
      mspId: "text",
      accountUid: "text",
      name: "text",
      caCertificatePem: "text",
      caKeySealed: "bytes",
      tlsCaCertificatePem: "text",
      tlsCaKeySealed: "bytes",
      adminCertificatePem: "text",
      adminKeySealed: "bytes",
      checkpointPublicKey: "bytes",
      checkpointCertificate: "bytes",
      checkpointKeySealed: "bytes",
      createdMs: "integer",
    },
  },
  smCheckpointKeys: {
    sqlName: "sm_checkpoint_keys",
    primaryKey: ["mspId"],
    columns: { mspId: "text", publicKey: "bytes", certificate: "bytes", keySealed: "bytes", createdMs: "integer" },
  },
  principals: {
    sqlName: "principals",
    primaryKey: ["uid"],
    columns: {
      uid: "text",
      accountUid: "text",
      kind: "text",
      name: "text",
      mspId: "text",
      certificatePem: "text",
      privateKeySealed: "bytes",
      ledgerServiceOpened: "boolean",
      installationAdministrator: "boolean",
      createdMs: "integer",
    },
  },
  accessKeys: {
    sqlName: "access_keys",
    primaryKey: ["accessKeyId"],
    columns: { accessKeyId: "text", uid: "text", secretSealed: "bytes", active: "boolean", createdMs: "integer" },
  },
  chains: {
    sqlName: "chains",
    primaryKey: ["bizChainId"],
    columns: {
      bizChainId: "text",
      bizChainCode: "text",
      channelId: "text",
      name: "text",
      remark: "text",
      edition: "text",
      administratorUid: "text",
      effectiveMs: "integer",
      expiresMs: "integer",
      countQuota: "integer",
      capacityQuotaBytes: "integer",
      blockCutting: "json",
      cryptography: "text",
      status: "text",
    },
  },
  memberships: {
    sqlName: "memberships",
    primaryKey: ["bizChainId", "uid"],
    columns: {
      bizChainId: "text",
      uid: "text",
      role: "text",
      dataTypeCode: "text",
      status: "text",
      createdMs: "integer",
    },
  },
  settings: { sqlName: "settings", primaryKey: ["name"], columns: { name: "text", value: "text" } },
};

/** Rows are written after those that they refer to, and removed before them. */
export const tableOrder: readonly ControlTableName[] = [
  "settings",
  "organizations",
  "smCheckpointKeys",
  "principals",
  "accessKeys",
  "chains",
  "memberships",
];

export function columnOf(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
