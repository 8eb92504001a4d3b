import type { EvidenceRecordJson } from "@concordat/contracts";
import type {
  BlockCutting,
  BlockInfo,
  ChannelStatus,
  ConsistencyProof,
  Receipt,
  TrustBundleChannel,
} from "@concordat/ledger";
import type { AuditTrail } from "./audit/ports.ts";
import type { Authentication, Tokens } from "./authentication/ports.ts";
import type { Bids } from "./bids/bids-service.ts";
import type { AlarmsService } from "./certificates/alarms-service.ts";
import type { CertificatesService } from "./certificates/certificates-service.ts";
import type { OrganizationsService } from "./certificates/organizations-service.ts";
import type { Collaboration } from "./collaboration/ports.ts";
import type { Credentials } from "./credentials/ports.ts";
import type { DeviceProducts } from "./device-products/ports.ts";
import type { DeviceIdentities, DeviceSignature, Devices } from "./devices/ports.ts";
import type { Jobs } from "./jobs/ports.ts";
import type { MasterKeyService } from "./master-key/master-key-service.ts";
import type { Members } from "./members/ports.ts";
import type { Networks } from "./networks/ports.ts";
import type { ServerCertificateService } from "./server-certificate/server-certificate-service.ts";
import type { Tenancy } from "./tenancy/ports.ts";
import type { TokenIssuer } from "./token-issuer/ports.ts";

export type * from "./error-codes.ts";

/** Who is calling, whatever the dialect and the kind of credential. */
export interface Principal {
  /** 16 decimal digits. */
  readonly uid: string;
  /** 32 lower-case hex digits: the Huawei documents' user id. */
  readonly userId: string;
  /** The account that owns this principal; its own uid for an account. */
  readonly accountUid: string;
  readonly kind: "account" | "ram-user";
  readonly name: string;
  /** The organization whose certificate this principal's transactions carry. */
  readonly mspId: string;
  /** Whether the account has opened the trusted ledger service. */
  readonly ledgerServiceOpened: boolean;
  /** May use the administrative calls of the native API. */
  readonly installationAdministrator: boolean;
  /** A principal that is not enabled is refused whatever it shows. */
  readonly enabled: boolean;
}

/** What a credential was given for; a call reaches no further than its credential, whatever its principal may do. */
export type Scope =
  | { readonly kind: "unscoped" }
  | { readonly kind: "tenant"; readonly tenantId: string }
  | { readonly kind: "project"; readonly tenantId: string; readonly projectId: string };

export type CredentialKind =
  | "password"
  | "access-key"
  | "iam-token"
  | "bif-token"
  | "oauth-token"
  | "iserver-token"
  | "console-session"
  | "api-key"
  | "oauth-client"
  | "installation";

/** One call's caller: the principal, how it was recognised, and from where it came. All dialects make one of the same kind. */
export interface Caller {
  readonly principal: Principal;
  readonly tenantId: string;
  readonly scope: Scope;
  readonly credential: { readonly kind: CredentialKind; readonly id: string };
  readonly sourceAddress: string | undefined;
  readonly requestId: string;
}

export interface AccessKey {
  readonly accessKeyId: string;
  /** In memory only; sealed at rest. */
  readonly secret: string;
  readonly active: boolean;
  readonly principal: Principal;
}

/** What a chain is for: evidence under keys of its members, or data of the phases of a collaboration. */
export type ChainService = "proof" | "collaboration";

export interface BusinessChain {
  /** 16 decimal digits. */
  readonly bizChainId: string;
  readonly service: ChainService;
  /** 16 letters and digits: the documents' ProductKey. */
  readonly bizChainCode: string;
  readonly channelId: string;
  readonly name: string;
  readonly remark: string;
  readonly edition: "standard" | "enterprise";
  readonly administratorUid: string;
  readonly effectiveMs: number;
  readonly expiresMs: number;
  readonly countQuota: number;
  readonly capacityQuotaBytes: number;
  /** Members, the administrator not counted. */
  readonly memberQuota: number;
  /** Phase groups of a collaboration chain. */
  readonly phaseGroupQuota: number;
  /** Phases of each group. */
  readonly phaseQuota: number;
  /** That of the channel when it was made. */
  readonly blockCutting: BlockCutting;
  /** That of the channel, for its life. */
  readonly cryptography: Cryptography;
}

/** "sm": the channel's checkpoints carry an SM3 root and SM2 signatures besides SHA-256 and Ed25519. */
export type Cryptography = "international" | "sm";

export interface ChainMembership {
  readonly chain: BusinessChain;
  readonly memberId: string;
  readonly role: "administrator" | "member";
  /** A locked member may do nothing on the chain. */
  readonly locked: boolean;
  /** 4 characters of 0-9A-Z, unique in the installation. */
  readonly dataTypeCode: string;
}

/** What a write answers beside its result: the transactions it made. */
export interface WriteOutcome {
  readonly txIds: readonly string[];
}

/** As the evidence contract answers it. */
export type EvidenceRecord = EvidenceRecordJson;

export interface EvidenceBlockData {
  readonly record: EvidenceRecord;
  readonly chainName: string;
  /** The organizations that signed the record's block, as they were on the channel then. */
  readonly organizationNames: readonly string[];
  readonly block: BlockInfo;
}

export interface EvidenceHistoryPage {
  readonly chainName: string;
  readonly total: number;
  /** Newest first. */
  readonly records: readonly (EvidenceRecord & { readonly block: number; readonly rank: number })[];
}

export interface TimeWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** The call's replay guard: makes the transaction id depend on it, so that a replay is refused even after a restart. */
export interface CallNonce {
  readonly accessKeyId: string;
  readonly nonce: string;
}

export interface Evidence {
  set(
    caller: Principal,
    input: { chainCode: string; key: string; value: string; device?: DeviceSignature },
    nonce: CallNonce,
  ): Promise<WriteOutcome>;
  attach(
    caller: Principal,
    input: { chainCode: string; key: string; value: string; businessId?: string; device?: DeviceSignature },
    nonce: CallNonce,
  ): Promise<WriteOutcome>;
  get(caller: Principal, input: { chainCode: string; key: string; businessId?: string }): Promise<EvidenceRecord>;
  blockData(
    caller: Principal,
    input: { chainCode: string; key: string; businessId?: string },
  ): Promise<EvidenceBlockData>;
  historyCount(caller: Principal, input: { chainCode: string; key: string; window?: TimeWindow }): Promise<number>;
  history(
    caller: Principal,
    input: { chainCode: string; key: string; window?: TimeWindow; page: number; pageSize: number },
  ): Promise<EvidenceHistoryPage>;
  /** Records whose value has this SHA-256 (hex, any case), on one chain: at most 100, by ascending key and sequence. */
  findByDigest(caller: Principal, input: { chainCode: string; digest: string }): Promise<readonly EvidenceRecord[]>;
}

export interface ChainUsage {
  readonly usedCount: number;
  readonly usedCapacityBytes: number;
  readonly memberUsedCount: number;
  readonly memberUsedCapacityBytes: number;
}

/** What is left out comes from the installation's options; the administrator is then the caller's account. */
export interface NewChain {
  readonly name: string;
  /** "proof" when left out. */
  readonly service?: ChainService;
  readonly remark?: string;
  readonly edition?: "standard" | "enterprise";
  readonly administratorUid?: string;
  readonly validDays?: number;
  readonly quotas?: Partial<ChainQuotas>;
  /** Within platformLimits.blockCutting. */
  readonly blockCutting?: Partial<BlockCutting>;
  /** "international" when left out. */
  readonly cryptography?: Cryptography;
}

/** Each a whole number from 0 to its bound in platformLimits.chainQuotas. */
export type ChainQuotas = Pick<
  BusinessChain,
  "countQuota" | "capacityQuotaBytes" | "memberQuota" | "phaseGroupQuota" | "phaseQuota"
>;

/** What is left out stays. */
export interface ChainUpdate {
  readonly name?: string;
  readonly remark?: string;
  /** When it expires; a moment in the past makes it expire at once. */
  readonly expiresMs?: number;
  readonly quotas?: Partial<ChainQuotas>;
}

export interface Chains {
  /**
   * Chains on which the caller is administrator or member, by ascending bizChainId; those that a lock keeps it from are not among them.
   * `name` filters by exact name.
   */
  list(
    caller: Principal,
    input: { service?: ChainService; name?: string; page: number; pageSize: number },
  ): Promise<{ readonly total: number; readonly items: readonly ChainMembership[] }>;
  get(caller: Principal, bizChainId: string): Promise<ChainMembership & { readonly status: "normal" | "expired" }>;
  usage(caller: Principal, bizChainId: string): Promise<ChainUsage>;
  /** Installation administrators only. The channel's organizations are those of the administrator and each member. */
  create(caller: Caller, input: NewChain): Promise<ChainMembership>;
  /**
   * Installation administrators only, be they on the chain or not: they set the terms of service.
   * @throws PlatformError ACCESS_DENIED, CHAIN_UNKNOWN, CHAIN_NAME_INVALID, REMARK_INVALID, VALIDITY_INVALID, QUOTA_INVALID
   */
  update(caller: Caller, bizChainId: string, changes: ChainUpdate): Promise<BusinessChain>;
}

export interface Accounts {
  /** Installation administrators only. A new account is a new organization with its own CA; its first access key is answered once. */
  createAccount(
    caller: Caller,
    input: { name: string; ledgerService?: boolean },
  ): Promise<{ principal: Principal; accessKey: AccessKey }>;
  /** A RAM user is a user of the account's tenant, with an access key at once. */
  createRamUser(
    caller: Caller,
    input: { accountUid: string; name: string },
  ): Promise<{ principal: Principal; accessKey: AccessKey }>;
}

export interface Receipts {
  /** Same permission as reading the record: the caller must be on the chain whose channel holds the transaction. */
  byTransaction(caller: Principal, txId: string, options: { withEnvelope: boolean }): Promise<Receipt>;
  byKey(
    caller: Principal,
    input: { chainCode: string; key: string; businessId?: string },
    options: { withEnvelope: boolean },
  ): Promise<Receipt>;
  byDigest(
    caller: Principal,
    input: { chainCode: string; digest: string },
    options: { withEnvelope: boolean },
  ): Promise<readonly Receipt[]>;
  trustBundle(
    caller: Principal,
  ): Promise<{ readonly format: "concordat-trust/1"; readonly channels: readonly TrustBundleChannel[] }>;
  channelStatus(caller: Principal, channelId: string): Promise<ChannelStatus>;
  /** Installation administrators only: it reads the channel's whole state. */
  stateHash(caller: Principal, channelId: string): Promise<string>;
  checkpoint(caller: Principal, channelId: string, block?: number): Promise<string>;
  consistency(caller: Principal, channelId: string, fromBlock: number, toBlock: number): Promise<ConsistencyProof>;
}

export interface CallNonces {
  /**
   * Takes the nonce of a signed call: false when this key used it inside the window. Nonces of reads live in memory. Those of mutating
   * calls are on disk before the call is let through, for all servers of an installation, except where the call's effect is a
   * transaction made with its nonce (`ledgerBound`, see CallNonce): there the ledger itself refuses the second.
   */
  take(
    call: CallNonce & { readonly mutating: boolean; readonly ledgerBound?: boolean; readonly principal: Principal },
  ): Promise<boolean>;
}

/** Makes the retry of a mutating native call answer as the first one did. */
export interface Idempotency {
  /**
   * Runs `work` once for each key of a principal and stores its answer, which must be plain JSON, for 24 hours. Calls with the same key at
   * the same time share one run. A run that failed is forgotten, so that a retry runs again; one that a crash cut off too, which is why
   * `work` itself must take a second run.
   * @throws PlatformError IDEMPOTENCY_CONFLICT when the key was used for another operation or request
   */
  run<Response>(request: IdempotentRequest, work: () => Promise<Response>): Promise<Response>;
}

export interface IdempotentRequest {
  /** As the caller gave it: 1 to 255 visible ASCII characters. */
  readonly key: string;
  readonly principalUid: string;
  readonly operation: string;
  /** SHA-256 of the canonical request, hex. */
  readonly requestHash: string;
}

/** What the vendors' data calls use. */
export interface DataPlatform {
  readonly evidence: Evidence;
  readonly collaboration: Collaboration;
  readonly chains: Chains;
  readonly members: Members;
  readonly devices: Devices;
  readonly accounts: Accounts;
  readonly receipts: Receipts;
  readonly nonces: CallNonces;
  readonly idempotency: Idempotency;
  /** 16 characters of 0-9a-f, chosen at the first start; part of every origin. */
  readonly installationId: string;
  /** From memory: called for each request. */
  findAccessKey(accessKeyId: string): AccessKey | undefined;
}

/** Everything: the data services and those that administer the installation. */
export interface Platform extends DataPlatform {
  readonly tenancy: Tenancy;
  readonly deviceProducts: DeviceProducts;
  readonly deviceIdentities: DeviceIdentities;
  readonly authentication: Authentication;
  readonly tokens: Tokens;
  readonly credentials: Credentials;
  readonly jobs: Jobs;
  readonly audit: AuditTrail;
  readonly certificates: CertificatesService;
  readonly organizations: OrganizationsService;
  readonly alarms: AlarmsService;
  readonly masterKey: MasterKeyService;
  readonly serverCertificate: ServerCertificateService;
  readonly tokenIssuer: TokenIssuer;
  readonly bids: Bids;
  readonly networks: Networks;
}
