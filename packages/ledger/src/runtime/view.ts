import type { KeyModification } from "../contract-api/index.ts";
import type { QueryRow, StateRow, Version } from "../state/ports.ts";
import type { SelectorQuery } from "../state/query/selector-query.ts";

/** What a transaction or query reads: one consistent picture of the world state. */
export interface StateView {
  /** Synchronous: the executing transaction must not yield to later commits between its reads. */
  get(namespace: string, key: string): { readonly value: Uint8Array; readonly version: Version } | undefined;
  /** Ascending by UTF-8 bytes, end exclusive; the picture is taken at the call. */
  range(namespace: string, start: string, end: string): AsyncIterable<StateRow>;
  query(namespace: string, query: SelectorQuery): Promise<AsyncIterable<QueryRow>>;
  history(namespace: string, key: string): Promise<AsyncIterable<KeyModification>>;
}
