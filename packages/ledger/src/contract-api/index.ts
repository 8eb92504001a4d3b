/**
 * What a contract may touch. Names and shapes are those of Fabric's Node chaincode stub, reduced to what the
 * engine offers, so that one class runs in the embedded engine and, unchanged, under official fabric-shim.
 * A contract is deterministic: no clock, no randomness, no I/O but through the stub.
 * @source https://hyperledger.github.io/fabric-chaincode-node (ChaincodeStub, ClientIdentity)
 */
export interface KeyValue {
  readonly namespace?: string;
  readonly key: string;
  readonly value: Uint8Array;
}

export interface KeyModification {
  readonly txId: string;
  readonly timestamp: Timestamp;
  readonly isDelete: boolean;
  readonly value: Uint8Array;
}

/** Seconds may be a `Long` object under fabric-shim: read it with `Number(String(seconds))`. */
export interface Timestamp {
  readonly seconds: unknown;
  readonly nanos: number;
}

export interface StateIterator<Item> {
  next(): Promise<{ readonly value: Item; readonly done: boolean }>;
  close(): Promise<void>;
}

export interface PagedQueryResult {
  readonly iterator: StateIterator<KeyValue>;
  readonly metadata: { readonly fetchedRecordsCount: number; readonly bookmark: string };
}

export interface ContractStub {
  getTxID(): string;
  getChannelID(): string;
  /** The sequencer's time for serial transactions; never decreases within a channel. */
  getTxTimestamp(): Timestamp;
  /** An empty array when the key is absent. Never sees this transaction's own writes. */
  getState(key: string): Promise<Uint8Array>;
  putState(key: string, value: Uint8Array): Promise<void>;
  deleteState(key: string): Promise<void>;
  /** Simple keys from `startKey` (inclusive) to `endKey` (exclusive), by unsigned UTF-8 order; "" means unbounded. Composite keys are not seen. */
  getStateByRange(startKey: string, endKey: string): Promise<StateIterator<KeyValue>>;
  getStateByRangeWithPagination(
    startKey: string,
    endKey: string,
    pageSize: number,
    bookmark?: string,
  ): Promise<PagedQueryResult>;
  /** U+0000, object type, U+0000, then each attribute followed by U+0000: Fabric's form. No part is empty. */
  createCompositeKey(objectType: string, attributes: string[]): string;
  splitCompositeKey(compositeKey: string): { objectType: string; attributes: string[] };
  getStateByPartialCompositeKey(objectType: string, attributes: string[]): Promise<StateIterator<KeyValue>>;
  /** Newest first, as on Fabric 2. Refused inside a transaction that also writes is not required; history is not part of the read set. */
  getHistoryForKey(key: string): Promise<StateIterator<KeyModification>>;
  /** CouchDB-style selector as JSON text. Only on channels whose state database is `couchdb`. */
  getQueryResult(query: string): Promise<StateIterator<KeyValue>>;
  getQueryResultWithPagination(query: string, pageSize: number, bookmark?: string): Promise<PagedQueryResult>;
  /** At most one event for each transaction: a later call replaces the earlier one. */
  setEvent(name: string, payload: Uint8Array): void;
}

export interface ClientIdentity {
  getMSPID(): string;
  getID(): string;
  /** An attribute of the creator's certificate (Fabric's attribute extension), or null. */
  getAttributeValue(name: string): string | null;
}

export interface ContractContext {
  readonly stub: ContractStub;
  readonly clientIdentity: ClientIdentity;
}

/** A transaction function: text arguments in, text or bytes out. It refuses by throwing a {@link ContractRefusal}. */
export type ContractFunction = (
  context: ContractContext,
  ...args: string[]
) => Promise<string | Uint8Array | undefined>;

export interface Contract {
  /** Fabric's chaincode name; also the namespace of its keys. */
  readonly name: string;
  readonly version: string;
  readonly functions: Readonly<Record<string, ContractFunction>>;
  /**
   * Derived counters. A pure function of one committed write (value undefined: deleted); the ledger adds the amounts up per meter and
   * keeps the sums with the other derived data. It is no part of the state: counters on chain would make every write conflict.
   */
  readonly meter?: (key: string, value: Uint8Array | undefined) => readonly MeterReading[];
}

export interface MeterReading {
  readonly meter: string;
  readonly amount: number;
}

/**
 * The contract says no: the transaction has no effect. `code` is the contract's own stable name for the reason. Under
 * fabric-shim the message carries it: `<code>: <message>`.
 */
export class ContractRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "ContractRefusal";
    this.code = code;
  }
}
