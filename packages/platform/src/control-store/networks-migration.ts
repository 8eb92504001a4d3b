import type { MigrationStatement } from "./migrations.ts";

const organizationColumns = `
  msp_id TEXT PRIMARY KEY,
  account_uid TEXT NOT NULL,
  name TEXT NOT NULL,
  ca_certificate_pem TEXT NOT NULL,
  ca_key_sealed BLOB NOT NULL,
  tls_ca_certificate_pem TEXT NOT NULL,
  tls_ca_key_sealed BLOB NOT NULL,
  admin_certificate_pem TEXT NOT NULL,
  admin_key_sealed BLOB NOT NULL,
  checkpoint_public_key BLOB NOT NULL,
  checkpoint_certificate BLOB NOT NULL,
  checkpoint_key_sealed BLOB NOT NULL,
  created_ms BIGINT NOT NULL
`;

/** An account may own several organizations from then on; SQLite takes a constraint away only with its table. */
const severalOrganizations: readonly MigrationStatement[] = [
  { only: "postgres", statement: `ALTER TABLE organizations DROP CONSTRAINT organizations_account_uid_key` },
  // Other tables refer to it: they find it again before the transaction ends.
  { only: "sqlite", statement: `PRAGMA defer_foreign_keys = ON` },
  { only: "sqlite", statement: `CREATE TABLE organizations_kept AS SELECT * FROM organizations` },
  { only: "sqlite", statement: `DROP TABLE organizations` },
  { only: "sqlite", statement: `CREATE TABLE organizations (${organizationColumns})` },
  { only: "sqlite", statement: `INSERT INTO organizations SELECT * FROM organizations_kept` },
  { only: "sqlite", statement: `DROP TABLE organizations_kept` },
];

/** Embedded Fabric networks. */
export const networksMigration: readonly MigrationStatement[] = [
  ...severalOrganizations,
  `CREATE TABLE networks (
    network_id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
    project_id TEXT NOT NULL REFERENCES projects (project_id),
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('creating', 'active', 'failed')),
    organizations TEXT NOT NULL,
    account_uid TEXT NOT NULL REFERENCES principals (uid),
    created_ms BIGINT NOT NULL,
    UNIQUE (project_id, name)
  )`,
  `CREATE TABLE nodes (
    node_id TEXT PRIMARY KEY,
    network_id TEXT NOT NULL REFERENCES networks (network_id),
    msp_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('peer', 'orderer')),
    name TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    port BIGINT NOT NULL,
    mutual_tls SMALLINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('started', 'stopped')),
    created_ms BIGINT NOT NULL
  )`,
  `CREATE TABLE network_channels (
    channel_id TEXT PRIMARY KEY,
    network_id TEXT NOT NULL REFERENCES networks (network_id),
    organizations TEXT NOT NULL,
    block_cutting TEXT NOT NULL,
    state_database TEXT NOT NULL CHECK (state_database IN ('goleveldb', 'couchdb')),
    status TEXT NOT NULL CHECK (status IN ('creating', 'active')),
    created_ms BIGINT NOT NULL
  )`,
  `CREATE TABLE node_channels (
    node_id TEXT NOT NULL REFERENCES nodes (node_id),
    channel_id TEXT NOT NULL REFERENCES network_channels (channel_id),
    joined_height BIGINT NOT NULL,
    height BIGINT NOT NULL,
    PRIMARY KEY (node_id, channel_id)
  )`,
];
