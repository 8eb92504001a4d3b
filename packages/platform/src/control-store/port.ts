import type { BusinessChain } from "../ports.ts";

/**
 * The control store: who may call and how things are run. What is chained stands on the ledger, never here.
 *
 * Invariants: a commit is atomic and on disk (synced) before it is answered. Ids, names and codes that must be unique are unique in
 * the store itself. Secrets come in sealed.
 */
export interface OrganizationRow {
  readonly mspId: string;
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

export interface PrincipalRow {
  readonly uid: string;
  readonly accountUid: string;
  readonly kind: "account" | "ram-user";
  readonly name: string;
  readonly mspId: string;
  readonly certificatePem: string;
  readonly privateKeySealed: Uint8Array;
  readonly ledgerServiceOpened: boolean;
  readonly installationAdministrator: boolean;
  readonly createdMs: number;
}

export interface AccessKeyRow {
  readonly accessKeyId: string;
  readonly uid: string;
  readonly secretSealed: Uint8Array;
  readonly active: boolean;
  readonly createdMs: number;
}

export interface ChainRow extends BusinessChain {
  /** `creating` until its channel exists. */
  readonly status: "creating" | "active";
}

export interface MembershipRow {
  readonly bizChainId: string;
  readonly uid: string;
  readonly role: "administrator" | "member";
  readonly dataTypeCode: string;
  /** `joining` until its organization is on the channel. */
  readonly status: "joining" | "active";
  readonly createdMs: number;
}

export interface SettingRow {
  readonly name: string;
  readonly value: string;
}

export interface ControlTables {
  readonly organizations: OrganizationRow;
  readonly smCheckpointKeys: SmCheckpointKeyRow;
  readonly principals: PrincipalRow;
  readonly accessKeys: AccessKeyRow;
  readonly chains: ChainRow;
  readonly memberships: MembershipRow;
  readonly settings: SettingRow;
}

export type ControlTableName = keyof ControlTables;

export type ControlState = { readonly [Name in ControlTableName]: readonly ControlTables[Name][] };

/** Inserts or replaces a row; with `remove`, removes the one with the same primary key. */
export type ControlChange =
  | {
      [Name in ControlTableName]: { readonly table: Name; readonly row: ControlTables[Name]; readonly remove?: never };
    }[ControlTableName]
  | { readonly table: "chains"; readonly row: ChainRow; readonly remove: true }
  | { readonly table: "memberships"; readonly row: MembershipRow; readonly remove: true };

export interface IdempotencyEntry {
  readonly key: string;
  readonly principalUid: string;
  readonly operation: string;
  readonly requestHash: string;
  /** JSON; undefined while the first run has not ended. */
  readonly response: string | undefined;
  readonly createdMs: number;
}

export interface ControlStore {
  /** Every row of every table, ordered by primary key. */
  load(): Promise<ControlState>;
  /** @throws ControlConflictError when a row would repeat what must be unique; nothing is written */
  commit(changes: readonly ControlChange[]): Promise<void>;
  findIdempotency(principalUid: string, key: string): Promise<IdempotencyEntry | undefined>;
  /** Inserts or replaces. */
  putIdempotency(entry: IdempotencyEntry): Promise<void>;
  removeIdempotency(principalUid: string, key: string): Promise<void>;
  /** Removes entries created before a time; answers their number. */
  pruneIdempotency(beforeMs: number): Promise<number>;
  close(): Promise<void>;
}
