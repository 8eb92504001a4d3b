import type {
  ContractStub,
  KeyModification,
  KeyValue,
  PagedQueryResult,
  StateIterator,
  Timestamp,
} from "../contract-api/index.ts";
import type { KeyRead, KeyWrite } from "../encoding/envelope.ts";
import { assertKey } from "../encoding/names.ts";
import { LedgerError } from "../errors.ts";
import type { StateRow, Version } from "../state/ports.ts";
import { parseSelectorQuery } from "../state/query/parse-query.ts";
import { compositeKeyRange, createCompositeKey, simpleKeyRange, splitCompositeKey } from "./composite-key.ts";
import { fromArray, SourceIterator, takePage } from "./iterators.ts";
import { checkedPageSize } from "./page-size.ts";
import type { StateView } from "./view.ts";

export interface StubIdentity {
  readonly txId: string;
  readonly channelId: string;
  readonly namespace: string;
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
}

const ABSENT = new Uint8Array(0);

/** The stub of one call: answers from a view and records what the call read and wrote. It never sees its own writes. */
export class TransactionStub implements ContractStub {
  readonly #identity: StubIdentity;
  readonly #view: StateView;
  readonly #reads = new Map<string, KeyRead>();
  readonly #writes = new Map<string, KeyWrite>();
  event: { name: string; payload: Uint8Array } | undefined;

  constructor(identity: StubIdentity, view: StateView) {
    this.#identity = identity;
    this.#view = view;
  }

  /** What was read; of a key read twice what the last read found. */
  get reads(): readonly KeyRead[] {
    return [...this.#reads.values()];
  }

  /** The last write of each key. */
  get writes(): readonly KeyWrite[] {
    return [...this.#writes.values()];
  }

  getTxID(): string {
    return this.#identity.txId;
  }

  getChannelID(): string {
    return this.#identity.channelId;
  }

  getTxTimestamp(): Timestamp {
    return this.#identity.timestamp;
  }

  async getState(key: string): Promise<Uint8Array> {
    const found = this.#view.get(this.#identity.namespace, key);
    this.#read(key, found?.version);
    return found?.value ?? ABSENT;
  }

  async putState(key: string, value: Uint8Array): Promise<void> {
    assertKey(key);
    if (value.length === 0) throw new TypeError("A state value is not empty; delete the key instead.");
    this.#writes.set(key, { key, value });
  }

  async deleteState(key: string): Promise<void> {
    assertKey(key);
    this.#writes.set(key, { key, value: undefined });
  }

  async getStateByRange(startKey: string, endKey: string): Promise<StateIterator<KeyValue>> {
    const { start, end } = simpleKeyRange(startKey, endKey);
    return this.#iterate(this.#view.range(this.#identity.namespace, start, end));
  }

  async getStateByRangeWithPagination(
    startKey: string,
    endKey: string,
    pageSize: number,
    bookmark = "",
  ): Promise<PagedQueryResult> {
    const { start, end } = simpleKeyRange(bookmark === "" ? startKey : bookmark, endKey);
    const page = await takePage(this.#view.range(this.#identity.namespace, start, end), checkedPageSize(pageSize));
    return this.#paged(page.rows, page.next?.key ?? "");
  }

  createCompositeKey(objectType: string, attributes: string[]): string {
    return createCompositeKey(objectType, attributes);
  }

  splitCompositeKey(compositeKey: string): { objectType: string; attributes: string[] } {
    return splitCompositeKey(compositeKey);
  }

  async getStateByPartialCompositeKey(objectType: string, attributes: string[]): Promise<StateIterator<KeyValue>> {
    const { start, end } = compositeKeyRange(objectType, attributes);
    return this.#iterate(this.#view.range(this.#identity.namespace, start, end));
  }

  async getHistoryForKey(key: string): Promise<StateIterator<KeyModification>> {
    return new SourceIterator(await this.#view.history(this.#identity.namespace, key), (row) => row);
  }

  async getQueryResult(query: string): Promise<StateIterator<KeyValue>> {
    return this.#iterate(await this.#view.query(this.#identity.namespace, parseSelectorQuery(query)));
  }

  async getQueryResultWithPagination(query: string, pageSize: number, bookmark = ""): Promise<PagedQueryResult> {
    const size = checkedPageSize(pageSize);
    const skip = bookmark === "" ? 0 : checkedBookmark(bookmark);
    const parsed = parseSelectorQuery(query);
    const rows = await this.#view.query(this.#identity.namespace, {
      ...parsed,
      skip: (parsed.skip ?? 0) + skip,
      limit: size + 1,
    });
    const page = await takePage(rows, size);
    return this.#paged(page.rows, page.next === undefined ? "" : String(skip + size));
  }

  setEvent(name: string, payload: Uint8Array): void {
    if (name === "" || !name.isWellFormed()) throw new TypeError("An event name is not empty.");
    this.event = { name, payload };
  }

  #iterate(rows: AsyncIterable<StateRow>): StateIterator<KeyValue> {
    return new SourceIterator(rows, (row) => this.#record(row));
  }

  #paged(rows: readonly StateRow[], bookmark: string): PagedQueryResult {
    return {
      iterator: this.#iterate(fromArray(rows)),
      metadata: { fetchedRecordsCount: rows.length, bookmark },
    };
  }

  /** Rows that a range or query returned count as reads, so that the serial rule covers them. */
  #record(row: StateRow): KeyValue {
    this.#read(row.key, row.version);
    return { namespace: row.namespace, key: row.key, value: row.value };
  }

  #read(key: string, version: Version | undefined): void {
    this.#reads.set(key, version === undefined ? { key } : { key, version });
  }
}

function checkedBookmark(bookmark: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(bookmark)) return Number(bookmark);
  throw new LedgerError("QUERY_INVALID", "The bookmark is not one that a query gave.");
}
