import type { Creator } from "./ports.ts";

/** A transaction from outside: endorsed, and signed by its creator. */
export interface OrderRequest {
  readonly channelId: string;
  /** A serialized `common.Envelope`, at most 10 MiB; ordered as these very bytes. */
  readonly envelope: Uint8Array;
  /**
   * Of requests with the same number none is ordered behind one that was refused before it got a place: it is refused as ENVELOPE_REFUSED. So a
   * client's stream can have many under way at once. The last 10,000 streams with a refusal are remembered.
   */
  readonly stream?: number;
}

export interface OrderResult {
  readonly txId: string;
  readonly block: number;
  readonly index: number;
  /** Fabric's TxValidationCode; 0 is valid. */
  readonly validationCode: number;
}

/** `common.Status`, as an orderer answers it: the reason why {@link Ledger.order} took an envelope for no transaction at all. */
export type BroadcastStatus = "BAD_REQUEST" | "FORBIDDEN" | "REQUEST_ENTITY_TOO_LARGE" | "NOT_IMPLEMENTED";

/** What a proposal is simulated for. */
export interface SimulationRequest {
  readonly channelId: string;
  /** Hex, as the proposal's channel header states it. */
  readonly txId: string;
  /** The proposal's. */
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  /** An open simulation of the same channel: the new one sees the state that it sees. */
  readonly sameStateAs?: number;
  /** What it reads first, as steps "get" would, at most 100 keys: saves the caller a message for each. */
  readonly reads?: readonly StateKey[];
}

/** The raw name of a value of the world state. */
export interface StateKey {
  readonly namespace: string;
  readonly key: string;
}

export interface Simulation {
  readonly simulationId: number;
  /** Number of blocks whose effects it sees, from its start to its end. */
  readonly height: number;
  /** A durable transaction has the request's id, valid or not. */
  readonly isTransactionKnown: boolean;
  /** What `reads` found, in their order. */
  readonly values: readonly (Uint8Array | undefined)[];
}

export interface StateItem {
  readonly namespace: string;
  readonly key: string;
  readonly value: Uint8Array;
}

export interface HistoryItem {
  readonly txId: string;
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  readonly isDelete: boolean;
  readonly value: Uint8Array;
}

export interface PageRequest {
  /** 1 to 10,000. */
  readonly size: number;
  /** "" for the first page. */
  readonly bookmark: string;
}

/** What a contract does while it is simulated. Keys are raw: composite ones too. A simulation never sees its own writes. */
export type SimulationStep =
  | { readonly kind: "get"; readonly namespace: string; readonly key: string }
  | { readonly kind: "put"; readonly namespace: string; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: "delete"; readonly namespace: string; readonly key: string }
  | { readonly kind: "get-metadata"; readonly namespace: string; readonly key: string }
  | {
      readonly kind: "put-metadata";
      readonly namespace: string;
      readonly key: string;
      readonly name: string;
      readonly value: Uint8Array;
    }
  /** Start inclusive, end exclusive, "" = unbounded. Answers the first rows and a cursor, or one page. */
  | {
      readonly kind: "range";
      readonly namespace: string;
      readonly start: string;
      readonly end: string;
      readonly page?: PageRequest;
    }
  | { readonly kind: "query"; readonly namespace: string; readonly query: string; readonly page?: PageRequest }
  | { readonly kind: "history"; readonly namespace: string; readonly key: string }
  | { readonly kind: "next"; readonly cursor: number }
  | { readonly kind: "close"; readonly cursor: number }
  /** Runs a built-in contract of the channel in this simulation, under its own namespace. */
  | {
      readonly kind: "run";
      readonly contract: string;
      readonly fn: string;
      readonly args: readonly string[];
      readonly creator: Creator;
    };

/** The answer to a step: "get" and "get-metadata" to "value" and "metadata", "put", "put-metadata", "delete" and "close" to "done". */
export type SimulationAnswer =
  | { readonly kind: "done" }
  | { readonly kind: "value"; readonly value: Uint8Array | undefined }
  | { readonly kind: "metadata"; readonly entries: Readonly<Record<string, Uint8Array>> }
  | {
      readonly kind: "rows";
      readonly rows: readonly StateItem[];
      /** Where "next" goes on; undefined at the end. */
      readonly cursor: number | undefined;
      /** Of paged queries only: where the next page starts, "" after the last. */
      readonly bookmark?: string;
    }
  | { readonly kind: "history"; readonly rows: readonly HistoryItem[]; readonly cursor: number | undefined }
  | {
      readonly kind: "ran";
      readonly contractVersion: string;
      readonly result: Uint8Array;
      readonly event: { readonly name: string; readonly payload: Uint8Array } | undefined;
    };

export interface SimulationResults {
  /** A serialized `ledger.rwset.TxReadWriteSet`. The same reads and writes give the same bytes. */
  readonly results: Uint8Array;
  /** Namespaces that it writes to. */
  readonly writtenNamespaces: readonly string[];
}

/** The transactions of one durable block, in their order. */
export interface CommittedBlock {
  readonly number: number;
  readonly transactions: readonly { readonly txId: string; readonly validationCode: number }[];
}
