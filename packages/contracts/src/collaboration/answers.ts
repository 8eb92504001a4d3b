/* What the collaboration contract takes and answers, as JSON. */

export interface PhaseGroupJson {
  /** 16 decimal digits, the first not 0. */
  readonly groupId: string;
  readonly name: string;
  readonly remark: string;
}

export interface PhaseGroupsPageJson {
  readonly total: number;
  /** By creation. */
  readonly groups: readonly PhaseGroupJson[];
}

export interface PhaseNameJson {
  /** 16 decimal digits, the first not 0. */
  readonly phaseId: string;
  readonly name: string;
}

export interface PhaseJson extends PhaseNameJson {
  readonly remark: string;
  /** Whether the caller may upload to it. */
  readonly writable: boolean;
}

export interface PhasesPageJson {
  readonly total: number;
  /** By creation. */
  readonly phases: readonly PhaseJson[];
}

/** The phases of a group, each in one of the two, by creation. */
export interface PhaseGrantsJson {
  readonly authorized: readonly PhaseNameJson[];
  readonly unauthorized: readonly PhaseNameJson[];
}

export interface PhaseResourcesJson {
  /** By creation. */
  readonly groups: readonly { readonly groupId: string; readonly name: string; readonly phases: number }[];
}

/** One record that is uploaded. */
export interface PhaseItemJson {
  /** 1 to 64 visible ASCII characters. */
  readonly dataKey: string;
  /** The text; or its SHA-256 as 64 hex digits, where digests are uploaded. */
  readonly phaseData: string;
  /** 1 to 64 visible ASCII characters; assigned when left out. */
  readonly dataSeq?: string;
  readonly related?: readonly RelatedItemJson[];
}

/** What an uploaded record says it depends on. */
export interface RelatedItemJson {
  /** A phase of the same group. */
  readonly phaseId: string;
  /** Where given, it must be the phase's. */
  readonly phaseCode?: string;
  readonly dataKey: string;
  /** The text that is on chain there; of a digest record the digest itself, or what hashes to it. */
  readonly phaseData: string;
  /** The newest record of the key when left out. */
  readonly dataSeq?: string;
}

/** The answer of an upload, one for each item in their order. */
export interface UploadedItemJson {
  readonly dataKey: string;
  readonly dataSeq: string;
}

export interface CollaborationRecordJson {
  readonly groupId: string;
  readonly phaseId: string;
  /** The phase's present name. */
  readonly phaseName: string;
  /** 4 characters of 0-9A-Z, unique on the channel. */
  readonly phaseCode: string;
  readonly dataKey: string;
  readonly dataSeq: string;
  readonly kind: "text" | "digest";
  /** As uploaded. */
  readonly value: string;
  /** SHA-256 in lower-case hex: of a text, or the digest that was uploaded. */
  readonly digest: string;
  readonly writerUid: string;
  /** Both "" when no device took part. */
  readonly iotId: string;
  readonly productKey: string;
  readonly txId: string;
  readonly timestampMs: number;
  readonly related: readonly RelatedRecordJson[];
}

export interface RelatedRecordJson {
  readonly phaseId: string;
  readonly phaseName: string;
  readonly phaseCode: string;
  readonly dataKey: string;
  /** Also where the upload named none: the newest one then. */
  readonly dataSeq: string;
  /** SHA-256 in lower-case hex. */
  readonly digest: string;
}

export interface CollaborationHistoryJson {
  readonly total: number;
  /** Newest first. */
  readonly records: readonly CollaborationRecordJson[];
}

export interface ProvenanceJson {
  /** Whether every record that the first one depends on is there. */
  readonly complete: boolean;
  /** Breadth first, each record once; the edges are their `related`. */
  readonly records: readonly CollaborationRecordJson[];
}
