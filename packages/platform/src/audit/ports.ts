import type { Receipt } from "@concordat/ledger";
import type { Caller, CredentialKind } from "../ports.ts";

/** Something that was done, refused or failed, and who asked for it. */
export interface AuditEntry {
  /** 32 lower-case hex digits; entries sort by time. */
  readonly entryId: string;
  readonly timeMs: number;
  /** Null for what belongs to no tenant. */
  readonly tenantId: string | null;
  /** Null when nobody was recognised, and for what the installation does by itself. */
  readonly uid: string | null;
  /** How the caller was recognised. The id names the credential and opens nothing. */
  readonly credential: { readonly kind: CredentialKind; readonly id: string } | null;
  readonly sourceAddress: string | null;
  /** That of the call's answer. */
  readonly requestId: string | null;
  readonly action: string;
  readonly resource: { readonly kind: string; readonly id: string };
  readonly outcome: "done" | "refused" | "failed";
  /** Of an aggregate: how many alike. */
  readonly occurrences: number;
  readonly detail: Readonly<Record<string, unknown>>;
  /** The transaction that put it on the audit channel; null while it waits. */
  readonly txId: string | null;
  /** SHA-256, hex, of the text that stands on the ledger: see auditEntryToText of the audit contract. */
  readonly digest: string;
}

export interface AuditFilter {
  /** Left out: every tenant and the installation itself for those who may see them, else the caller's tenant. */
  readonly tenantId?: string;
  /** Both ends included. */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly uid?: string;
  /** The action or what it begins with, for instance `iam:user:`. */
  readonly actionPrefix?: string;
  readonly resourceKind?: string;
  readonly resourceId?: string;
  readonly outcome?: AuditEntry["outcome"];
  /** What one call did. */
  readonly requestId?: string;
  /** `next` of the page before. */
  readonly after?: string;
  readonly limit: number;
}

/** Who did what. Entries are written with the change that they tell of and appended to the ledger's audit channel soon after. */
export interface AuditTrail {
  /**
   * `platform:audit:list`. Newest first, at most 100 at once. Entries that come in meanwhile do not shift the pages.
   * @throws PlatformError ACCESS_DENIED, PAGE_INVALID
   */
  list(
    caller: Caller,
    filter: AuditFilter,
  ): Promise<{ readonly items: readonly AuditEntry[]; readonly next: string | undefined }>;
  /** `platform:audit:get`. An entry that the caller may not see is unknown to it. @throws PlatformError AUDIT_ENTRY_UNKNOWN, ACCESS_DENIED */
  get(caller: Caller, entryId: string): Promise<AuditEntry>;
  /**
   * `platform:audit:get`. The ledger's receipt of the transaction that holds the entry; with its envelope, which has the entry's text and
   * those of other entries of the same tenant.
   * @throws PlatformError AUDIT_ENTRY_UNKNOWN, AUDIT_ENTRY_PENDING, ACCESS_DENIED
   */
  receipt(caller: Caller, entryId: string, options: { readonly withEnvelope: boolean }): Promise<Receipt>;
}
