/**
 * The schema, one list of statements for each version, applied in order and never changed after a release. Types are those that
 * PostgreSQL reads the same way, except BLOB (there: bytea).
 */
export const migrations: readonly (readonly string[])[] = [
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
];
