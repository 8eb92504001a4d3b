import type { BlockInfo, Receipt } from "@concordat/ledger";
import type { DeviceSignature } from "../devices/ports.ts";
import type { CallNonce, Principal, TimeWindow, WriteOutcome } from "../ports.ts";
import type { Page } from "../tenancy/ports.ts";

export interface PhaseGroup {
  /** 16 decimal digits. */
  readonly phaseGroupId: string;
  readonly name: string;
  readonly remark: string;
}

export interface Phase {
  /** 16 decimal digits. */
  readonly phaseId: string;
  readonly name: string;
  readonly remark: string;
  /** Whether the caller may write to it; everybody on the chain may read. */
  readonly writable: boolean;
}

export interface PhaseAccess {
  readonly authorized: readonly PhaseName[];
  readonly unauthorized: readonly PhaseName[];
}

export interface PhaseName {
  readonly phaseId: string;
  readonly name: string;
}

export interface PhaseQuotas {
  readonly memberQuota: number;
  readonly usedMembers: number;
  readonly phaseGroupQuota: number;
  readonly usedPhaseGroups: number;
  readonly groups: readonly {
    readonly phaseGroupId: string;
    readonly name: string;
    readonly phaseQuota: number;
    readonly usedPhases: number;
  }[];
}

/** What an upload says it depends on. */
export interface RelatedData {
  /** Of the same phase group. */
  readonly phaseId: string;
  /** The key, or the key in full: {@link RelatedRecord.fullKey}. */
  readonly dataKey: string;
  /** The newest record of the key when left out. */
  readonly dataSeq?: string;
  /** Must hash to what is on chain; of a digest record it may be the digest itself. */
  readonly phaseData: string;
}

export interface PhaseDataItem {
  /** 1 to 64 visible ASCII characters, not in the form of a full key of the chain. */
  readonly dataKey: string;
  /** Text of 1 to 4096 bytes, a character beyond ASCII counted as two; or 64 hex digits of SHA-256. */
  readonly phaseData: string;
  /** 1 to 64 visible ASCII characters, unique for the key in its phase; the contract gives one when left out. */
  readonly dataSeq?: string;
  /** At most 50. */
  readonly related?: readonly RelatedData[];
}

export interface PhaseUpload {
  readonly bizChainId: string;
  readonly phaseGroupId: string;
  readonly phaseId: string;
  readonly kind: "text" | "digest";
  /** One for a single upload; 1 to 50 for a batch, which is written whole or not at all. */
  readonly items: readonly PhaseDataItem[];
  readonly isBatch: boolean;
  readonly device?: DeviceSignature;
  /** The texts whose digest the device may have signed; at least one with a device. */
  readonly signedTexts?: readonly string[];
}

/** A record of a phase, as its contract answers it. */
export interface PhaseRecord {
  readonly phaseGroupId: string;
  readonly phaseId: string;
  readonly phaseName: string;
  readonly dataKey: string;
  readonly dataSeq: string;
  readonly kind: "text" | "digest";
  readonly value: string;
  /** SHA-256, lower-case hex: of a text, or a digest record's own. */
  readonly digest: string;
  readonly writerUid: string;
  /** Both "" when no device took part. */
  readonly iotId: string;
  readonly productKey: string;
  readonly txId: string;
  readonly timestampMs: number;
  readonly related: readonly RelatedRecord[];
}

export interface RelatedRecord {
  readonly phaseId: string;
  readonly phaseName: string;
  readonly dataKey: string;
  /** `0002_CHAINCODE_PHASECODE_DATAKEY`: the key in the form of the document's answers. Calls take it in place of a key that is on chain. */
  readonly fullKey: string;
  readonly dataSeq: string;
  readonly digest: string;
}

export interface PlacedPhaseRecord {
  readonly record: PhaseRecord;
  readonly block: BlockInfo;
}

export interface ProvenanceNode {
  readonly record: PhaseRecord;
  readonly block: number;
  readonly receipt?: Receipt;
}

/** A record and everything that it was made of. */
export interface Provenance {
  /** The record that was asked for first, each after one that refers to it; every record once. Edges are the records' `related`. */
  readonly nodes: readonly ProvenanceNode[];
  /** Whether the graph is whole: it ends at `limit` nodes. */
  readonly complete: boolean;
}

interface PhaseDataName {
  readonly bizChainId: string;
  readonly phaseGroupId: string;
  readonly phaseId: string;
  readonly dataKey: string;
}

interface Named {
  readonly name: string;
  readonly remark?: string;
}

/**
 * Multi-party collaboration on business chains of the service "collaboration": the contract of the same name keeps groups, phases, rights and
 * data. Names: 2 to 30 letters, digits or characters of `_-.()`. Lists are ordered by creation.
 * Every call may be refused with SERVICE_NOT_OPENED, CHAIN_UNKNOWN, ACCOUNT_KIND_REFUSED and ACCESS_DENIED; writes with CHAIN_EXPIRED,
 * QUOTA_EXCEEDED, CALL_REPLAYED.
 * @source LTL document, section 4.2.9
 */
export interface Collaboration {
  /** @throws PlatformError NAME_INVALID, REMARK_INVALID, QUOTA_EXCEEDED */
  createGroup(
    caller: Principal,
    input: { readonly bizChainId: string } & Named,
    nonce: CallNonce,
  ): Promise<WriteOutcome & { readonly phaseGroupId: string }>;
  /** A remark that is left out stays. @throws PlatformError PHASE_GROUP_UNKNOWN, NAME_INVALID, REMARK_INVALID */
  modifyGroup(
    caller: Principal,
    input: { readonly bizChainId: string; readonly phaseGroupId: string } & Named,
    nonce: CallNonce,
  ): Promise<WriteOutcome>;
  /** @throws PlatformError PAGE_INVALID */
  listGroups(
    caller: Principal,
    query: { readonly bizChainId: string; readonly name?: string; readonly page: number; readonly pageSize: number },
  ): Promise<Page<PhaseGroup>>;
  /** Names are unique in a group. @throws PlatformError PHASE_GROUP_UNKNOWN, NAME_INVALID, NAME_EXISTS, REMARK_INVALID, QUOTA_EXCEEDED */
  createPhase(
    caller: Principal,
    input: { readonly bizChainId: string; readonly phaseGroupId: string } & Named,
    nonce: CallNonce,
  ): Promise<WriteOutcome & { readonly phaseId: string }>;
  /** @throws PlatformError PHASE_UNKNOWN, NAME_INVALID, NAME_EXISTS, REMARK_INVALID */
  modifyPhase(
    caller: Principal,
    input: { readonly bizChainId: string; readonly phaseId: string } & Named,
    nonce: CallNonce,
  ): Promise<WriteOutcome>;
  /** @throws PlatformError PHASE_GROUP_UNKNOWN, PAGE_INVALID */
  listPhases(
    caller: Principal,
    query: {
      readonly bizChainId: string;
      readonly phaseGroupId: string;
      readonly name?: string;
      readonly page: number;
      readonly pageSize: number;
    },
  ): Promise<Page<Phase>>;
  /** @throws PlatformError MEMBER_UNKNOWN, PHASE_GROUP_UNKNOWN */
  access(
    caller: Principal,
    input: { readonly bizChainId: string; readonly memberId: string; readonly phaseGroupId: string },
  ): Promise<PhaseAccess>;
  /** The member may write to these phases of the group from then on, and to no others. @throws PlatformError MEMBER_UNKNOWN, PHASE_GROUP_UNKNOWN, PHASE_LIST_INVALID */
  updateAccess(
    caller: Principal,
    input: {
      readonly bizChainId: string;
      readonly memberId: string;
      readonly phaseGroupId: string;
      readonly phaseIds: readonly string[];
    },
    nonce: CallNonce,
  ): Promise<WriteOutcome>;
  quotas(caller: Principal, bizChainId: string): Promise<PhaseQuotas>;
  /**
   * @throws PlatformError PHASE_GROUP_UNKNOWN, PHASE_UNKNOWN, PHASE_DATA_KEY_MALFORMED, PHASE_DATA_SEQUENCE_MALFORMED, VALUE_EMPTY,
   * VALUE_MALFORMED, VALUE_TOO_LONG, PHASE_DIGEST_MALFORMED, RELATED_DATA_REFUSED, KEY_EXISTS; of a batch also PHASE_DATA_LIST_INVALID,
   * BATCH_TOO_LARGE, BATCH_VALUE_TOO_LONG (in place of VALUE_TOO_LONG), BATCH_KEY_REPEATED, BATCH_KEY_EXISTS (in place of KEY_EXISTS); with a
   * device those of DeviceSignature: DEVICE_FIELD_EMPTY and what follows it in error-codes.ts, DEVICE_UNAUTHORIZED. Their order: upload-rules.ts
   */
  upload(caller: Principal, input: PhaseUpload, nonce: CallNonce): Promise<WriteOutcome>;
  /**
   * The newest record when no sequence is given.
   * @throws PlatformError PHASE_GROUP_UNKNOWN, PHASE_UNKNOWN, PHASE_DATA_KEY_MALFORMED, PHASE_DATA_SEQUENCE_MALFORMED, PHASE_DATA_UNKNOWN,
   * EVIDENCE_IN_FLIGHT
   */
  describe(caller: Principal, input: PhaseDataName & { readonly dataSeq?: string }): Promise<PlacedPhaseRecord>;
  /**
   * Newest first, both ends of the window included; nothing for a key that is not on chain.
   * @throws PlatformError PHASE_GROUP_UNKNOWN, PHASE_UNKNOWN, PHASE_DATA_KEY_MALFORMED, WINDOW_INVALID, PAGE_INVALID
   */
  history(
    caller: Principal,
    query: PhaseDataName & { readonly window: TimeWindow; readonly page: number; readonly pageSize: number },
  ): Promise<Page<PlacedPhaseRecord>>;
  /**
   * @param options.limit 1 to platformLimits.provenanceNodesMax, which is the default
   * @throws PlatformError as describe does, PAGE_INVALID for a limit out of its bounds
   */
  provenance(
    caller: Principal,
    input: PhaseDataName & { readonly dataSeq?: string },
    options: { readonly withReceipts: boolean; readonly limit?: number },
  ): Promise<Provenance>;
}
