import { deviceTables } from "./device-tables.ts";
import { networkTables } from "./network-tables.ts";
import type { ControlTableName, ControlTables } from "./rows.ts";

/** `json` is a value of plain JSON, kept as text. */
export type ColumnKind = "text" | "integer" | "boolean" | "bytes" | "json";

interface TableDefinition<Row> {
  readonly primaryKey: readonly (keyof Row & string)[];
  readonly columns: { readonly [Property in keyof Row & string]: ColumnKind };
}

/** How the rows stand in SQL: the names of tables and columns are those of here in snake case. */
export const tables: { readonly [Name in ControlTableName]: TableDefinition<ControlTables[Name]> } = {
  organizations: {
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
    primaryKey: ["mspId"],
    columns: { mspId: "text", publicKey: "bytes", certificate: "bytes", keySealed: "bytes", createdMs: "integer" },
  },
  principals: {
    primaryKey: ["uid"],
    columns: {
      uid: "text",
      userId: "text",
      accountUid: "text",
      kind: "text",
      name: "text",
      mspId: "text",
      certificatePem: "text",
      privateKeySealed: "bytes",
      ledgerServiceOpened: "boolean",
      installationAdministrator: "boolean",
      enabled: "boolean",
      createdMs: "integer",
      deletedMs: "integer",
    },
  },
  retiredAuthorities: {
    primaryKey: ["fingerprint"],
    columns: {
      fingerprint: "text",
      mspId: "text",
      purpose: "text",
      certificatePem: "text",
      keySealed: "bytes",
      retiredMs: "integer",
    },
  },
  tenants: {
    primaryKey: ["tenantId"],
    columns: { tenantId: "text", accountUid: "text", name: "text", enabled: "boolean", createdMs: "integer" },
  },
  projects: {
    primaryKey: ["projectId"],
    columns: {
      projectId: "text",
      tenantId: "text",
      name: "text",
      description: "text",
      enabled: "boolean",
      createdMs: "integer",
    },
  },
  enterpriseProjects: {
    primaryKey: ["tenantId", "enterpriseProjectId"],
    columns: {
      tenantId: "text",
      enterpriseProjectId: "text",
      name: "text",
      description: "text",
      enabled: "boolean",
      createdMs: "integer",
    },
  },
  passwords: {
    primaryKey: ["uid"],
    columns: { uid: "text", hash: "text", changedMs: "integer" },
  },
  apiKeys: {
    primaryKey: ["apiKey"],
    columns: { apiKey: "text", uid: "text", secretHash: "text", active: "boolean", createdMs: "integer" },
  },
  oauthClients: {
    primaryKey: ["clientId"],
    columns: {
      clientId: "text",
      uid: "text",
      name: "text",
      secretHash: "text",
      grantTypes: "json",
      scopes: "json",
      active: "boolean",
      createdMs: "integer",
    },
  },
  signingKeys: {
    primaryKey: ["keyId"],
    columns: {
      keyId: "text",
      purpose: "text",
      publicJwk: "json",
      keySealed: "bytes",
      createdMs: "integer",
      retiredMs: "integer",
    },
  },
  bidKeys: {
    primaryKey: ["uid"],
    columns: { uid: "text", bid: "text", keySealed: "bytes", createdMs: "integer" },
  },
  groups: {
    primaryKey: ["groupId"],
    columns: { groupId: "text", tenantId: "text", name: "text", description: "text", createdMs: "integer" },
  },
  groupMembers: {
    primaryKey: ["groupId", "uid"],
    columns: { groupId: "text", uid: "text", createdMs: "integer" },
  },
  policies: {
    primaryKey: ["policyId"],
    columns: {
      policyId: "text",
      tenantId: "text",
      name: "text",
      description: "text",
      document: "json",
      createdMs: "integer",
    },
  },
  grants: {
    primaryKey: ["grantId"],
    columns: {
      grantId: "text",
      tenantId: "text",
      policyId: "text",
      granteeKind: "text",
      granteeId: "text",
      scopeKind: "text",
      scopeId: "text",
      createdMs: "integer",
    },
  },
  certificates: {
    primaryKey: ["mspId", "purpose", "serialNumber"],
    columns: {
      mspId: "text",
      purpose: "text",
      serialNumber: "text",
      role: "text",
      commonName: "text",
      uid: "text",
      certificatePem: "text",
      keySealed: "bytes",
      notBeforeMs: "integer",
      notAfterMs: "integer",
      status: "text",
      reason: "integer",
      statusMs: "integer",
      replacedBy: "text",
    },
  },
  alarms: {
    primaryKey: ["alarmId"],
    columns: {
      alarmId: "text",
      tenantId: "text",
      kind: "text",
      resource: "text",
      severity: "text",
      message: "text",
      raisedMs: "integer",
      clearedMs: "integer",
    },
  },
  accessKeys: {
    primaryKey: ["accessKeyId"],
    columns: { accessKeyId: "text", uid: "text", secretSealed: "bytes", active: "boolean", createdMs: "integer" },
  },
  chains: {
    primaryKey: ["bizChainId"],
    columns: {
      bizChainId: "text",
      service: "text",
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
      memberQuota: "integer",
      phaseGroupQuota: "integer",
      phaseQuota: "integer",
      blockCutting: "json",
      cryptography: "text",
      status: "text",
    },
  },
  memberships: {
    primaryKey: ["bizChainId", "memberId"],
    columns: {
      bizChainId: "text",
      memberId: "text",
      uid: "text",
      role: "text",
      dataTypeCode: "text",
      status: "text",
      formerUid: "text",
      name: "text",
      contact: "text",
      phone: "text",
      remark: "text",
      locked: "boolean",
      createdMs: "integer",
    },
  },
  ...deviceTables,
  settings: { primaryKey: ["name"], columns: { name: "text", value: "text" } },
  ...networkTables,
};

/** Rows are written after those that they refer to, and removed before them. */
export const tableOrder: readonly ControlTableName[] = [
  "settings",
  "organizations",
  "smCheckpointKeys",
  "retiredAuthorities",
  "principals",
  "tenants",
  "projects",
  "enterpriseProjects",
  "accessKeys",
  "passwords",
  "apiKeys",
  "oauthClients",
  "signingKeys",
  "bidKeys",
  "groups",
  "groupMembers",
  "policies",
  "grants",
  "certificates",
  "alarms",
  "chains",
  "memberships",
  "deviceProducts",
  "devices",
  "deviceGroups",
  "unauthorizedDevices",
  "networks",
  "nodes",
  "networkChannels",
  "nodeChannels",
];

/** A row's primary key as one text. */
export function primaryKeyOf(name: ControlTableName, row: object): string {
  const values = row as Readonly<Record<string, unknown>>;
  return JSON.stringify(tables[name].primaryKey.map((property) => values[property]));
}

/** A row in the forms that SQL knows. */
export function toSql(name: ControlTableName, row: object): Record<string, unknown> {
  const values = row as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(tables[name].columns).map(([property, kind]) => {
      const value = values[property] ?? null;
      if (kind === "json") return [property, value === null ? null : JSON.stringify(value)];
      return [property, typeof value === "boolean" ? Number(value) : value];
    }),
  );
}

export function fromSql(name: ControlTableName, row: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(tables[name].columns).map(([property, kind]) => [property, readColumn(kind, row[property])]),
  );
}

function readColumn(kind: ColumnKind, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (kind === "json") return JSON.parse(String(value));
  if (kind === "boolean") return Number(value) === 1;
  if (kind === "integer") return Number(value);
  // Drivers answer their own kinds of byte arrays.
  return kind === "bytes" && value instanceof Uint8Array ? new Uint8Array(value) : value;
}
