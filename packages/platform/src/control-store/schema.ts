import type { Kysely } from "kysely";

/**
 * The tables that are asked, not kept in memory: they grow with use. Each is read and written by the folder that owns its noun; column
 * names are the properties in snake case. Truth values are 0 and 1, JSON is text, times are milliseconds since the epoch.
 */
export interface ControlSchema {
  tokens: TokenTable;
  callNonces: CallNonceTable;
  idempotency: IdempotencyTable;
  jobs: JobTable;
  auditEntries: AuditEntryTable;
  leases: LeaseTable;
}

export type ControlDatabase = Kysely<ControlSchema>;

/** A session or token of any dialect. The text itself is never kept. */
export interface TokenTable {
  /** SHA-256 of the token, hex. */
  tokenHash: string;
  kind: "iam" | "bif" | "oauth" | "iserver-session" | "iserver-token" | "console";
  uid: string;
  /** JSON of a Scope. */
  scope: string;
  /** JSON: what the caller must also show, for instance an address; null for nothing. */
  binding: string | null;
  /** JSON: what the dialect remembers, for instance the methods of an IAM token; no secret. */
  detail: string;
  issuedMs: number;
  expiresMs: number;
}

/** Nonces of mutating calls whose effect is not a transaction of its own. */
export interface CallNonceTable {
  /** SHA-256 of access key id and nonce, hex. */
  nonceHash: string;
  expiresMs: number;
}

export interface IdempotencyTable {
  principalUid: string;
  key: string;
  operation: string;
  requestHash: string;
  response: string | null;
  createdMs: number;
}

export interface JobTable {
  /** UUID. */
  jobId: string;
  tenantId: string;
  projectId: string | null;
  /** Who asked for it. */
  uid: string;
  kind: string;
  resourceKind: string;
  resourceId: string;
  resourceName: string;
  /** JSON; no secret. */
  input: string;
  status: "pending" | "running" | "cancelling" | "succeeded" | "failed" | "cancelled";
  /** JSON: the state of each step. */
  steps: string;
  /** JSON: what finished steps hand to later ones and to the reader; no secret. */
  output: string;
  /** 0 to 100. */
  progress: number;
  /** JSON of the refusal; null unless the job failed, or is being undone because of it. */
  error: string | null;
  createdMs: number;
  /** Of the last change that a reader can see. */
  updatedMs: number;
  startedMs: number | null;
  endedMs: number | null;
  /** The server that runs it, and until when it may. */
  runner: string | null;
  runnerUntilMs: number | null;
  /** Grows with each claim: a runner that lost its claim cannot write any more. */
  fencing: number;
}

export interface AuditEntryTable {
  /** 32 hex digits: time, place within the millisecond, chance, so that entries sort by time. */
  entryId: string;
  timeMs: number;
  tenantId: string | null;
  /** Null when nobody was recognised. */
  uid: string | null;
  credentialKind: string | null;
  credentialId: string | null;
  sourceAddress: string | null;
  requestId: string | null;
  action: string;
  resourceKind: string;
  resourceId: string;
  outcome: "done" | "refused" | "failed";
  /** Of an aggregate: how many alike. */
  occurrences: number;
  /** JSON; no secret. */
  detail: string;
  /** The transaction on the audit channel; null while it waits in the outbox. */
  txId: string | null;
}

/** Who may do what only one server may do. */
export interface LeaseTable {
  name: string;
  holder: string;
  /** Where the holder answers. */
  url: string;
  /** Grows with each change of holder. */
  fencingToken: number;
  expiresMs: number;
}
