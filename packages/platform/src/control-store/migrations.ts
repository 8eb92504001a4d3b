import { ltlMigration } from "./ltl-migration.ts";
import { networksMigration } from "./networks-migration.ts";

/** A statement for all databases, or for one of them. */
export type MigrationStatement = string | { readonly only: "sqlite" | "postgres"; readonly statement: string };

/**
 * The schema, one list of statements for each version, applied in order and never changed after a release. Types are those that
 * PostgreSQL reads the same way, except BLOB (there: bytea).
 */
export const migrations: readonly (readonly MigrationStatement[])[] = [
  [
    `CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
    `CREATE TABLE organizations (
      msp_id TEXT PRIMARY KEY,
      account_uid TEXT NOT NULL UNIQUE,
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
    )`,
    `CREATE TABLE principals (
      uid TEXT PRIMARY KEY,
      account_uid TEXT NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('account', 'ram-user')),
      name TEXT NOT NULL,
      msp_id TEXT NOT NULL REFERENCES organizations (msp_id),
      certificate_pem TEXT NOT NULL,
      private_key_sealed BLOB NOT NULL,
      ledger_service_opened SMALLINT NOT NULL,
      installation_administrator SMALLINT NOT NULL,
      created_ms BIGINT NOT NULL
    )`,
    `CREATE UNIQUE INDEX principals_account_name ON principals (name) WHERE kind = 'account'`,
    `CREATE UNIQUE INDEX principals_ram_user_name ON principals (account_uid, name) WHERE kind = 'ram-user'`,
    `CREATE TABLE access_keys (
      access_key_id TEXT PRIMARY KEY,
      uid TEXT NOT NULL REFERENCES principals (uid),
      secret_sealed BLOB NOT NULL,
      active SMALLINT NOT NULL,
      created_ms BIGINT NOT NULL
    )`,
    `CREATE TABLE chains (
      biz_chain_id TEXT PRIMARY KEY,
      biz_chain_code TEXT NOT NULL UNIQUE,
      channel_id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      remark TEXT NOT NULL,
      edition TEXT NOT NULL CHECK (edition IN ('standard', 'enterprise')),
      administrator_uid TEXT NOT NULL REFERENCES principals (uid),
      effective_ms BIGINT NOT NULL,
      expires_ms BIGINT NOT NULL,
      count_quota BIGINT NOT NULL,
      capacity_quota_bytes BIGINT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('creating', 'active'))
    )`,
    `CREATE TABLE memberships (
      biz_chain_id TEXT NOT NULL REFERENCES chains (biz_chain_id),
      uid TEXT NOT NULL REFERENCES principals (uid),
      role TEXT NOT NULL CHECK (role IN ('administrator', 'member')),
      data_type_code TEXT NOT NULL UNIQUE,
      status TEXT NOT NULL CHECK (status IN ('joining', 'active')),
      created_ms BIGINT NOT NULL,
      PRIMARY KEY (biz_chain_id, uid)
    )`,
    `CREATE TABLE idempotency (
      principal_uid TEXT NOT NULL,
      key TEXT NOT NULL,
      operation TEXT NOT NULL,
      request_hash TEXT NOT NULL,
      response TEXT,
      created_ms BIGINT NOT NULL,
      PRIMARY KEY (principal_uid, key)
    )`,
    `CREATE INDEX idempotency_created ON idempotency (created_ms)`,
  ],
  [
    // Chains of before were all made with this one.
    `ALTER TABLE chains ADD COLUMN block_cutting TEXT NOT NULL
      DEFAULT '{"messageCountMax":500,"bytesMax":2097152,"timeoutMs":2000,"cutWhenIdle":true}'`,
  ],
  [
    `ALTER TABLE chains ADD COLUMN cryptography TEXT NOT NULL
      DEFAULT 'international' CHECK (cryptography IN ('international', 'sm'))`,
    `CREATE TABLE sm_checkpoint_keys (
      msp_id TEXT PRIMARY KEY REFERENCES organizations (msp_id),
      public_key BLOB NOT NULL,
      certificate BLOB NOT NULL,
      key_sealed BLOB NOT NULL,
      created_ms BIGINT NOT NULL
    )`,
  ],
  [
    `CREATE TABLE control_version (one SMALLINT PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL)`,
    `INSERT INTO control_version (one, version) VALUES (1, 0)`,
    // What changed with which version: other servers on the same store read it.
    `CREATE TABLE control_changes (
      version BIGINT NOT NULL,
      table_name TEXT NOT NULL,
      primary_key TEXT NOT NULL,
      removed SMALLINT NOT NULL,
      PRIMARY KEY (table_name, primary_key)
    )`,
    `CREATE INDEX control_changes_version ON control_changes (version)`,
    `ALTER TABLE principals ADD COLUMN user_id TEXT NOT NULL DEFAULT ''`,
    // Principals of before get a number as good as any; later ones draw theirs.
    `UPDATE principals SET user_id = '0000000000000000' || uid`,
    `CREATE UNIQUE INDEX principals_user_id ON principals (user_id)`,
    `ALTER TABLE principals ADD COLUMN enabled SMALLINT NOT NULL DEFAULT 1`,
    `ALTER TABLE principals ADD COLUMN deleted_ms BIGINT`,
    `DROP INDEX principals_ram_user_name`,
    `CREATE UNIQUE INDEX principals_ram_user_name ON principals (account_uid, name)
      WHERE kind = 'ram-user' AND deleted_ms IS NULL`,
    `CREATE TABLE retired_authorities (
      fingerprint TEXT PRIMARY KEY,
      msp_id TEXT NOT NULL REFERENCES organizations (msp_id),
      purpose TEXT NOT NULL CHECK (purpose IN ('identity', 'tls')),
      certificate_pem TEXT NOT NULL,
      key_sealed BLOB NOT NULL,
      retired_ms BIGINT NOT NULL
    )`,
    `CREATE TABLE tenants (
      tenant_id TEXT PRIMARY KEY,
      account_uid TEXT NOT NULL UNIQUE REFERENCES principals (uid),
      name TEXT NOT NULL UNIQUE,
      enabled SMALLINT NOT NULL,
      created_ms BIGINT NOT NULL
    )`,
    `INSERT INTO tenants (tenant_id, account_uid, name, enabled, created_ms)
      SELECT '0000000000000000' || uid, uid, name, 1, created_ms FROM principals WHERE kind = 'account'`,
    `CREATE TABLE projects (
      project_id TEXT PRIMARY KEY,
      tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
      name TEXT NOT NULL,
      description TEXT NOT NULL,
      enabled SMALLINT NOT NULL,
      created_ms BIGINT NOT NULL,
      UNIQUE (tenant_id, name)
    )`,
    `CREATE TABLE enterprise_projects (
      tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
      enterprise_project_id TEXT NOT NULL,
      name TEXT NOT NULL,
      description TEXT NOT NULL,
      enabled SMALLINT NOT NULL,
      created_ms BIGINT NOT NULL,
      PRIMARY KEY (tenant_id, enterprise_project_id),
      UNIQUE (tenant_id, name)
    )`,
    `INSERT INTO enterprise_projects (tenant_id, enterprise_project_id, name, description, enabled, created_ms)
      SELECT tenant_id, '0', 'default', '', 1, created_ms FROM tenants`,
    `CREATE TABLE passwords (
      uid TEXT PRIMARY KEY REFERENCES principals (uid),
      hash TEXT NOT NULL,
      changed_ms BIGINT NOT NULL
    )`,
    `CREATE TABLE api_keys (
      api_key TEXT PRIMARY KEY,
      uid TEXT NOT NULL REFERENCES principals (uid),
      secret_hash TEXT NOT NULL,
      active SMALLINT NOT NULL,
      created_ms BIGINT NOT NULL
    )`,
    `CREATE TABLE oauth_clients (
      client_id TEXT PRIMARY KEY,
      uid TEXT NOT NULL REFERENCES principals (uid),
      name TEXT NOT NULL,
      secret_hash TEXT NOT NULL,
      grant_types TEXT NOT NULL,
      scopes TEXT NOT NULL,
      active SMALLINT NOT NULL,
      created_ms BIGINT NOT NULL
    )`,
    `CREATE TABLE signing_keys (
      key_id TEXT PRIMARY KEY,
      purpose TEXT NOT NULL CHECK (purpose IN ('oauth', 'bif')),
      public_jwk TEXT,
      key_sealed BLOB NOT NULL,
      created_ms BIGINT NOT NULL,
      retired_ms BIGINT
    )`,
    `CREATE TABLE bid_keys (
      uid TEXT PRIMARY KEY REFERENCES principals (uid),
      bid TEXT NOT NULL UNIQUE,
      key_sealed BLOB NOT NULL,
      created_ms BIGINT NOT NULL
    )`,
    `CREATE TABLE groups (
      group_id TEXT PRIMARY KEY,
      tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
      name TEXT NOT NULL,
      description TEXT NOT NULL,
      created_ms BIGINT NOT NULL,
      UNIQUE (tenant_id, name)
    )`,
    `CREATE TABLE group_members (
      group_id TEXT NOT NULL REFERENCES groups (group_id),
      uid TEXT NOT NULL REFERENCES principals (uid),
      created_ms BIGINT NOT NULL,
      PRIMARY KEY (group_id, uid)
    )`,
    `CREATE TABLE policies (
      policy_id TEXT PRIMARY KEY,
      tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
      name TEXT NOT NULL,
      description TEXT NOT NULL,
      document TEXT NOT NULL,
      created_ms BIGINT NOT NULL,
      UNIQUE (tenant_id, name)
    )`,
    `CREATE TABLE grants (
      grant_id TEXT PRIMARY KEY,
      tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
      policy_id TEXT NOT NULL,
      grantee_kind TEXT NOT NULL CHECK (grantee_kind IN ('group', 'user')),
      grantee_id TEXT NOT NULL,
      scope_kind TEXT NOT NULL CHECK (scope_kind IN ('tenant', 'project', 'enterprise-project')),
      scope_id TEXT NOT NULL,
      created_ms BIGINT NOT NULL,
      UNIQUE (tenant_id, policy_id, grantee_kind, grantee_id, scope_kind, scope_id)
    )`,
    `CREATE TABLE certificates (
      msp_id TEXT NOT NULL REFERENCES organizations (msp_id),
      purpose TEXT NOT NULL CHECK (purpose IN ('identity', 'tls')),
      serial_number TEXT NOT NULL,
      role TEXT NOT NULL,
      common_name TEXT NOT NULL,
      uid TEXT REFERENCES principals (uid),
      certificate_pem TEXT NOT NULL,
      key_sealed BLOB,
      not_before_ms BIGINT NOT NULL,
      not_after_ms BIGINT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('good', 'frozen', 'revoked')),
      reason SMALLINT,
      status_ms BIGINT NOT NULL,
      replaced_by TEXT,
      PRIMARY KEY (msp_id, purpose, serial_number)
    )`,
    `CREATE TABLE alarms (
      alarm_id TEXT PRIMARY KEY,
      tenant_id TEXT,
      kind TEXT NOT NULL,
      resource TEXT NOT NULL,
      severity TEXT NOT NULL CHECK (severity IN ('warning', 'major', 'critical')),
      message TEXT NOT NULL,
      raised_ms BIGINT NOT NULL,
      cleared_ms BIGINT
    )`,
    `CREATE TABLE device_products (
      product_key TEXT PRIMARY KEY,
      tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
      biz_chain_id TEXT NOT NULL REFERENCES chains (biz_chain_id),
      name TEXT NOT NULL,
      description TEXT NOT NULL,
      created_ms BIGINT NOT NULL,
      UNIQUE (tenant_id, name)
    )`,
    `CREATE TABLE tokens (
      token_hash TEXT PRIMARY KEY,
      kind TEXT NOT NULL,
      uid TEXT NOT NULL,
      scope TEXT NOT NULL,
      binding TEXT,
      detail TEXT NOT NULL,
      issued_ms BIGINT NOT NULL,
      expires_ms BIGINT NOT NULL
    )`,
    `CREATE INDEX tokens_expiry ON tokens (expires_ms)`,
    `CREATE INDEX tokens_principal ON tokens (uid)`,
    `CREATE TABLE call_nonces (nonce_hash TEXT PRIMARY KEY, expires_ms BIGINT NOT NULL)`,
    `CREATE INDEX call_nonces_expiry ON call_nonces (expires_ms)`,
    `CREATE TABLE jobs (
      job_id TEXT PRIMARY KEY,
      tenant_id TEXT NOT NULL,
      project_id TEXT,
      uid TEXT NOT NULL,
      kind TEXT NOT NULL,
      resource_kind TEXT NOT NULL,
      resource_id TEXT NOT NULL,
      resource_name TEXT NOT NULL,
      input TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('pending', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled')),
      steps TEXT NOT NULL,
      output TEXT NOT NULL,
      progress SMALLINT NOT NULL,
      error TEXT,
      created_ms BIGINT NOT NULL,
      updated_ms BIGINT NOT NULL,
      started_ms BIGINT,
      ended_ms BIGINT,
      runner TEXT,
      runner_until_ms BIGINT,
      fencing BIGINT NOT NULL
    )`,
    `CREATE INDEX jobs_tenant ON jobs (tenant_id, created_ms)`,
    `CREATE INDEX jobs_open ON jobs (created_ms) WHERE ended_ms IS NULL`,
    `CREATE TABLE audit_entries (
      entry_id TEXT PRIMARY KEY,
      time_ms BIGINT NOT NULL,
      tenant_id TEXT,
      uid TEXT,
      credential_kind TEXT,
      credential_id TEXT,
      source_address TEXT,
      request_id TEXT,
      action TEXT NOT NULL,
      resource_kind TEXT NOT NULL,
      resource_id TEXT NOT NULL,
      outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
      occurrences BIGINT NOT NULL,
      detail TEXT NOT NULL,
      tx_id TEXT
    )`,
    `CREATE INDEX audit_entries_tenant ON audit_entries (tenant_id, entry_id)`,
    `CREATE INDEX audit_entries_outbox ON audit_entries (entry_id) WHERE tx_id IS NULL`,
    `CREATE INDEX audit_entries_request ON audit_entries (request_id)`,
    `CREATE TABLE leases (
      name TEXT PRIMARY KEY,
      holder TEXT NOT NULL,
      url TEXT NOT NULL,
      fencing_token BIGINT NOT NULL,
      expires_ms BIGINT NOT NULL
    )`,
  ],
  networksMigration,
  ltlMigration,
];
