import type { BusinessChain } from "../ports.ts";
import type { NetworkChannelRow, NetworkRow, NodeChannelRow, NodeRow } from "./network-rows.ts";

export type * from "./network-rows.ts";

/**
 * The rows that the directory keeps in memory: few, read by every request, changed by administrators. Times are milliseconds since the
 * epoch. Secrets are sealed, or only their hashes are kept.
 */
export interface OrganizationRow {
  readonly mspId: string;
  /** Its owner, who may have several. */
  readonly accountUid: string;
  readonly name: string;
  readonly caCertificatePem: string;
  readonly caKeySealed: Uint8Array;
  readonly tlsCaCertificatePem: string;
  readonly tlsCaKeySealed: Uint8Array;
  readonly adminCertificatePem: string;
  readonly adminKeySealed: Uint8Array;
  /** 32 raw bytes. */
  readonly checkpointPublicKey: Uint8Array;
  /** DER. */
  readonly checkpointCertificate: Uint8Array;
  readonly checkpointKeySealed: Uint8Array;
  readonly createdMs: number;
}

/** An organization's checkpoint key for SM channels: made when the organization first takes part in one. */
export interface SmCheckpointKeyRow {
  readonly mspId: string;
  /** 65 bytes, uncompressed. */
  readonly publicKey: Uint8Array;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly keySealed: Uint8Array;
  readonly createdMs: number;
}

/**
 * A CA that an organization had before its present one: what it issued is trusted until it expires or is revoked. While a rotation goes
 * on, the next one is among them too, named by a setting.
 */
export interface RetiredAuthorityRow {
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint: string;
  readonly mspId: string;
  readonly purpose: "identity" | "tls";
  readonly certificatePem: string;
  /** Kept to sign its last CRLs. */
  readonly keySealed: Uint8Array;
  readonly retiredMs: number;
}

export interface TenantRow {
  /** 32 lower-case hex digits: the documents' domain id. */
  readonly tenantId: string;
  /** The principal that owns the tenant; its organization is the tenant's. */
  readonly accountUid: string;
  /** The documents' domain name; unique in the installation. */
  readonly name: string;
  readonly enabled: boolean;
  readonly createdMs: number;
}

export interface ProjectRow {
  /** 32 lower-case hex digits. */
  readonly projectId: string;
  readonly tenantId: string;
  /** Unique in the tenant. */
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly createdMs: number;
}

export interface EnterpriseProjectRow {
  readonly tenantId: string;
  /** "0" for the tenant's default one, else a UUID. */
  readonly enterpriseProjectId: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly createdMs: number;
}

export interface PrincipalRow {
  /** 16 decimal digits. */
  readonly uid: string;
  /** 32 lower-case hex digits: the documents' IAM user id. */
  readonly userId: string;
  readonly accountUid: string;
  readonly kind: "account" | "ram-user";
  readonly name: string;
  readonly mspId: string;
  readonly certificatePem: string;
  readonly privateKeySealed: Uint8Array;
  readonly ledgerServiceOpened: boolean;
  readonly installationAdministrator: boolean;
  readonly enabled: boolean;
  readonly createdMs: number;
  /** Since then the row only keeps what the ledger's records name; see Users.delete. */
  readonly deletedMs: number | null;
}

export interface AccessKeyRow {
  readonly accessKeyId: string;
  readonly uid: string;
  readonly secretSealed: Uint8Array;
  readonly active: boolean;
  readonly createdMs: number;
}

export interface PasswordRow {
  readonly uid: string;
  /** PHC string form of argon2id. */
  readonly hash: string;
  readonly changedMs: number;
}

/** A credential of an id and a generated secret of at least 160 bits, of which only the hash is kept. */
export interface ApiKeyRow {
  readonly apiKey: string;
  readonly uid: string;
  /** SHA-256, hex. */
  readonly secretHash: string;
  readonly active: boolean;
  readonly createdMs: number;
}

export interface OAuthClientRow {
  readonly clientId: string;
  /** Whom the client acts as with its own credentials. */
  readonly uid: string;
  readonly name: string;
  /** SHA-256, hex. */
  readonly secretHash: string;
  readonly grantTypes: readonly ("client_credentials" | "password")[];
  readonly scopes: readonly string[];
  readonly active: boolean;
  readonly createdMs: number;
}

/** A key that signs tokens of the installation's own. */
export interface SigningKeyRow {
  readonly keyId: string;
  readonly purpose: "oauth" | "bif";
  /** JWK of the public half; null for a key that has none. */
  readonly publicJwk: Readonly<Record<string, unknown>> | null;
  readonly keySealed: Uint8Array;
  readonly createdMs: number;
  /** Since then it only verifies. */
  readonly retiredMs: number | null;
}

/** A principal's key on the BIF main chain, where its address is how it is known. */
export interface BidKeyRow {
  readonly uid: string;
  /** `did:bid:` and what follows. */
  readonly bid: string;
  /** Ed25519, PKCS#8, sealed. */
  readonly keySealed: Uint8Array;
  readonly createdMs: number;
}

export interface GroupRow {
  /** 32 lower-case hex digits. */
  readonly groupId: string;
  readonly tenantId: string;
  readonly name: string;
  readonly description: string;
  readonly createdMs: number;
}

export interface GroupMemberRow {
  readonly groupId: string;
  readonly uid: string;
  readonly createdMs: number;
}

/** A custom policy; system policies are part of the program. */
export interface PolicyRow {
  /** 32 lower-case hex digits. */
  readonly policyId: string;
  readonly tenantId: string;
  readonly name: string;
  readonly description: string;
  /** The documents' JSON form. */
  readonly document: object;
  readonly createdMs: number;
}

/** Gives the policy to a group or a user, within a scope. */
export interface GrantRow {
  /** 32 lower-case hex digits. */
  readonly grantId: string;
  readonly tenantId: string;
  /** A custom policy's id or a system policy's name. */
  readonly policyId: string;
  readonly granteeKind: "group" | "user";
  /** Group id or uid. */
  readonly granteeId: string;
  readonly scopeKind: "tenant" | "project" | "enterprise-project";
  /** Project id or enterprise project id; the tenant id for a tenant. */
  readonly scopeId: string;
  readonly createdMs: number;
}

export interface ChainRow extends BusinessChain {
  /** `creating` until its channel exists. */
  readonly status: "creating" | "active";
}

export interface MembershipRow {
  readonly bizChainId: string;
  /** 16 decimal digits, unique on the chain; stays when the member gets another RAM user. */
  readonly memberId: string;
  readonly uid: string;
  readonly role: "administrator" | "member";
  readonly dataTypeCode: string;
  /** `joining` until its organization is on the channel, and its rights there are those of its present RAM user. */
  readonly status: "joining" | "active";
  /** The RAM user that it had before; null once its rights have gone to the present one. */
  readonly formerUid: string | null;
  readonly name: string;
  readonly contact: string;
  readonly phone: string;
  readonly remark: string;
  readonly locked: boolean;
  readonly createdMs: number;
}

/** A kind of device. */
export interface DeviceProductRow {
  /** 11 letters and digits. */
  readonly productKey: string;
  readonly tenantId: string;
  /** The only business chain that its data may go to; null: any. */
  readonly bizChainId: string | null;
  /** Unique in the tenant. */
  readonly name: string;
  readonly description: string;
  readonly createdMs: number;
}

/** A device's identity, with the key that its signatures are checked by. */
export interface DeviceRow {
  /** 24 upper-case hex digits: the documents' ID2. */
  readonly iotId: string;
  readonly productKey: string;
  readonly algorithm: "aes-128" | "aes-192" | "aes-256" | "rsa-1024";
  /** The symmetric key's bytes, or PKCS#8 until it was handed out; sealed. */
  readonly keySealed: Uint8Array | null;
  /** SPKI, for RSA. */
  readonly publicKey: Uint8Array | null;
  readonly enabled: boolean;
  /** When its key was handed out for the device. */
  readonly exportedMs: number | null;
  readonly createdMs: number;
}

/** A product's devices on one business chain. */
export interface DeviceGroupRow {
  /** 16 decimal digits. */
  readonly deviceGroupId: string;
  readonly bizChainId: string;
  readonly productKey: string;
  readonly name: string;
  readonly remark: string;
  /** Of the member that registered it, or the administrator. */
  readonly memberId: string;
  readonly authorized: boolean;
  readonly createdMs: number;
}

/** A device that may not upload though its group may. */
export interface UnauthorizedDeviceRow {
  readonly deviceGroupId: string;
  readonly iotId: string;
  /** As the chain's contract numbers it. */
  readonly deviceId: string;
  readonly sinceMs: number;
}

/** A certificate that an organization's CA issued, and whether it still counts. Never removed. */
export interface CertificateRow {
  readonly mspId: string;
  readonly purpose: "identity" | "tls";
  /** Lower-case hex, without leading zeros. */
  readonly serialNumber: string;
  readonly role: "admin" | "client" | "peer" | "orderer" | "checkpoint" | "server";
  readonly commonName: string;
  /** The principal that it speaks for; null for nodes. */
  readonly uid: string | null;
  readonly certificatePem: string;
  /** PKCS#8, sealed; null when the key was made elsewhere, or destroyed because nothing signs with it any more. */
  readonly keySealed: Uint8Array | null;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly status: "good" | "frozen" | "revoked";
  /** RFC 5280's reason code, once it is frozen or revoked. */
  readonly reason: number | null;
  readonly statusMs: number;
  /** Serial number of the newer certificate that took its place; null while it is the one in use. */
  readonly replacedBy: string | null;
}

/** A condition that somebody has to look at. */
export interface AlarmRow {
  readonly alarmId: string;
  readonly tenantId: string | null;
  /** For instance `certificate-expiry`. */
  readonly kind: string;
  readonly resource: string;
  readonly severity: "warning" | "major" | "critical";
  readonly message: string;
  readonly raisedMs: number;
  readonly clearedMs: number | null;
}

export interface SettingRow {
  readonly name: string;
  readonly value: string;
}

export interface ControlTables {
  readonly settings: SettingRow;
  readonly organizations: OrganizationRow;
  readonly smCheckpointKeys: SmCheckpointKeyRow;
  readonly retiredAuthorities: RetiredAuthorityRow;
  readonly principals: PrincipalRow;
  readonly tenants: TenantRow;
  readonly projects: ProjectRow;
  readonly enterpriseProjects: EnterpriseProjectRow;
  readonly accessKeys: AccessKeyRow;
  readonly passwords: PasswordRow;
  readonly apiKeys: ApiKeyRow;
  readonly oauthClients: OAuthClientRow;
  readonly signingKeys: SigningKeyRow;
  readonly bidKeys: BidKeyRow;
  readonly groups: GroupRow;
  readonly groupMembers: GroupMemberRow;
  readonly policies: PolicyRow;
  readonly grants: GrantRow;
  readonly certificates: CertificateRow;
  readonly alarms: AlarmRow;
  readonly chains: ChainRow;
  readonly memberships: MembershipRow;
  readonly deviceProducts: DeviceProductRow;
  readonly devices: DeviceRow;
  readonly deviceGroups: DeviceGroupRow;
  readonly unauthorizedDevices: UnauthorizedDeviceRow;
  readonly networks: NetworkRow;
  readonly nodes: NodeRow;
  readonly networkChannels: NetworkChannelRow;
  readonly nodeChannels: NodeChannelRow;
}

export type ControlTableName = keyof ControlTables;

export type ControlState = { readonly [Name in ControlTableName]: readonly ControlTables[Name][] };

/** Inserts or replaces a row; with `remove`, removes the one with the same primary key. */
export type ControlChange = {
  [Name in ControlTableName]: {
    readonly table: Name;
    readonly row: ControlTables[Name];
    readonly remove?: true;
  };
}[ControlTableName];
