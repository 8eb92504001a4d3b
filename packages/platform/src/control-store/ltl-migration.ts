import type { MigrationStatement } from "./migrations.ts";

const membershipColumns = `
  biz_chain_id TEXT NOT NULL REFERENCES chains (biz_chain_id),
  member_id TEXT NOT NULL,
  uid TEXT NOT NULL REFERENCES principals (uid),
  role TEXT NOT NULL CHECK (role IN ('administrator', 'member')),
  data_type_code TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL CHECK (status IN ('joining', 'active')),
  former_uid TEXT,
  name TEXT NOT NULL,
  contact TEXT NOT NULL,
  phone TEXT NOT NULL,
  remark TEXT NOT NULL,
  locked SMALLINT NOT NULL,
  created_ms BIGINT NOT NULL,
  PRIMARY KEY (biz_chain_id, member_id),
  UNIQUE (biz_chain_id, uid)
`;

/** Members get an id of their own, so that one can get another RAM user. Those of before take their uid as it, and their user's name. */
const memberIds: readonly MigrationStatement[] = [
  `ALTER TABLE memberships RENAME TO memberships_kept`,
  `CREATE TABLE memberships (${membershipColumns})`,
  `INSERT INTO memberships
    SELECT kept.biz_chain_id, kept.uid, kept.uid, kept.role, kept.data_type_code, kept.status, NULL, principals.name, '', '', '', 0, kept.created_ms
    FROM memberships_kept kept JOIN principals ON principals.uid = kept.uid`,
  `DROP TABLE memberships_kept`,
];

const productColumns = `
  product_key TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
  biz_chain_id TEXT REFERENCES chains (biz_chain_id),
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (tenant_id, name)
`;

/** A product may do without a chain from then on. */
const productsOfAnyChain: readonly MigrationStatement[] = [
  `ALTER TABLE device_products RENAME TO device_products_kept`,
  `CREATE TABLE device_products (${productColumns})`,
  `INSERT INTO device_products
    SELECT product_key, tenant_id, biz_chain_id, name, description, created_ms FROM device_products_kept`,
  `DROP TABLE device_products_kept`,
];

/** Chains for collaborations beside those for evidence, members with an id, devices. */
export const ltlMigration: readonly MigrationStatement[] = [
  `ALTER TABLE chains ADD COLUMN service TEXT NOT NULL
    DEFAULT 'proof' CHECK (service IN ('proof', 'collaboration'))`,
  // The documents' example quotas, which new chains have too.
  `ALTER TABLE chains ADD COLUMN member_quota BIGINT NOT NULL DEFAULT 100`,
  `ALTER TABLE chains ADD COLUMN phase_group_quota BIGINT NOT NULL DEFAULT 200`,
  `ALTER TABLE chains ADD COLUMN phase_quota BIGINT NOT NULL DEFAULT 5`,
  ...memberIds,
  ...productsOfAnyChain,
  `CREATE TABLE devices (
    iot_id TEXT PRIMARY KEY,
    product_key TEXT NOT NULL REFERENCES device_products (product_key),
    algorithm TEXT NOT NULL CHECK (algorithm IN ('aes-128', 'aes-192', 'aes-256', 'rsa-1024')),
    key_sealed BLOB,
    public_key BLOB,
    enabled SMALLINT NOT NULL,
    exported_ms BIGINT,
    created_ms BIGINT NOT NULL
  )`,
  `CREATE TABLE device_groups (
    device_group_id TEXT PRIMARY KEY,
    biz_chain_id TEXT NOT NULL REFERENCES chains (biz_chain_id),
    product_key TEXT NOT NULL REFERENCES device_products (product_key),
    name TEXT NOT NULL,
    remark TEXT NOT NULL,
    member_id TEXT NOT NULL,
    authorized SMALLINT NOT NULL,
    created_ms BIGINT NOT NULL,
    UNIQUE (biz_chain_id, product_key)
  )`,
  `CREATE TABLE unauthorized_devices (
    device_group_id TEXT NOT NULL REFERENCES device_groups (device_group_id),
    iot_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    PRIMARY KEY (device_group_id, iot_id)
  )`,
];
