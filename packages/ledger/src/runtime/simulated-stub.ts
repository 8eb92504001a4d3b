import type {
  ContractStub,
  KeyModification,
  KeyValue,
  PagedQueryResult,
  StateIterator,
  Timestamp,
} from "../contract-api/index.ts";
import { compositeKeyRange, createCompositeKey, simpleKeyRange, splitCompositeKey } from "./composite-key.ts";
import { fromArray, SourceIterator } from "./iterators.ts";
import type { Page, SimulatedState } from "./simulated-state.ts";
import type { StubIdentity } from "./stub.ts";

const ABSENT = new Uint8Array(0);

/** The stub of a built-in contract's call within a simulation: its reads and writes are the simulation's, under its own namespace. */
export class SimulatedStub implements ContractStub {
  readonly #identity: StubIdentity;
  readonly #state: SimulatedState;
  event: { name: string; payload: Uint8Array } | undefined;

  constructor(identity: StubIdentity, state: SimulatedState) {
    this.#identity = identity;
    this.#state = state;
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
    return this.#state.get(this.#identity.namespace, key) ?? ABSENT;
  }

  async putState(key: string, value: Uint8Array): Promise<void> {
    if (value.length === 0) throw new TypeError("A state value is not empty; delete the key instead.");
    this.#state.put(this.#identity.namespace, key, value);
  }

  async deleteState(key: string): Promise<void> {
    this.#state.delete(this.#identity.namespace, key);
  }

  async getStateByRange(startKey: string, endKey: string): Promise<StateIterator<KeyValue>> {
    const { start, end } = simpleKeyRange(startKey, endKey);
    return toIterator(this.#state.range(this.#identity.namespace, start, end));
  }

  async getStateByRangeWithPagination(
    startKey: string,
    endKey: string,
    pageSize: number,
    bookmark = "",
  ): Promise<PagedQueryResult> {
    const { start, end } = simpleKeyRange(bookmark === "" ? startKey : bookmark, endKey);
    return toPaged(await this.#state.rangePage(this.#identity.namespace, start, end, { size: pageSize, bookmark: "" }));
  }

  createCompositeKey(objectType: string, attributes: string[]): string {
    return createCompositeKey(objectType, attributes);
  }

  splitCompositeKey(compositeKey: string): { objectType: string; attributes: string[] } {
    return splitCompositeKey(compositeKey);
  }

  async getStateByPartialCompositeKey(objectType: string, attributes: string[]): Promise<StateIterator<KeyValue>> {
    const { start, end } = compositeKeyRange(objectType, attributes);
    return toIterator(this.#state.range(this.#identity.namespace, start, end));
  }

  async getHistoryForKey(key: string): Promise<StateIterator<KeyModification>> {
    return new SourceIterator(this.#state.history(this.#identity.namespace, key), (row) => row);
  }

  async getQueryResult(query: string): Promise<StateIterator<KeyValue>> {
    return toIterator(this.#state.query(this.#identity.namespace, query));
  }

  async getQueryResultWithPagination(query: string, pageSize: number, bookmark = ""): Promise<PagedQueryResult> {
    return toPaged(await this.#state.queryPage(this.#identity.namespace, query, { size: pageSize, bookmark }));
  }

  setEvent(name: string, payload: Uint8Array): void {
    if (name === "" || !name.isWellFormed()) throw new TypeError("An event name is not empty.");
    this.event = { name, payload };
  }
}

function toIterator(rows: AsyncIterable<KeyValue>): StateIterator<KeyValue> {
  return new SourceIterator(rows, ({ namespace, key, value }) => ({
    ...(namespace === undefined ? {} : { namespace }),
    key,
    value,
  }));
}

function toPaged({ rows, bookmark }: Page): PagedQueryResult {
  return { iterator: toIterator(fromArray(rows)), metadata: { fetchedRecordsCount: rows.length, bookmark } };
}
