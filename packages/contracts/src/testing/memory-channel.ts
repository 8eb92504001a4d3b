import type {
  ClientIdentity,
  Contract,
  ContractContext,
  ContractStub,
  KeyModification,
  KeyValue,
  StateIterator,
} from "@concordat/ledger/contract-api";
import { SortedKeys } from "./sorted-keys.ts";

export interface MemoryCall {
  readonly txId: string;
  readonly timeMs: number;
  /** The certificate attributes of the caller. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly mspId?: string;
}

/**
 * World state and history of one contract in memory, for tests: no blocks, no proofs, no durability. As on Fabric a
 * transaction sees the state before it, never its own writes, and one that throws leaves no trace.
 */
export class MemoryChannel {
  readonly #contract: Contract;
  readonly #channelId: string;
  readonly #state = new Map<string, Uint8Array>();
  readonly #keys = new SortedKeys();
  readonly #history = new Map<string, KeyModification[]>();
  readonly #meters = new Map<string, number>();

  constructor(contract: Contract, channelId = "channel") {
    this.#contract = contract;
    this.#channelId = channelId;
  }

  /** Runs a function and applies its writes. */
  async submit(fn: string, args: readonly string[], call: MemoryCall): Promise<string> {
    const writes = new Map<string, Uint8Array | undefined>();
    const result = await this.#run(fn, args, call, writes);
    for (const [key, value] of writes) this.#apply(key, value, call);
    return result;
  }

  /** Runs a function and drops its writes. */
  evaluate(fn: string, args: readonly string[], call: MemoryCall): Promise<string> {
    return this.#run(fn, args, call, new Map());
  }

  /** Keys and values, sorted by UTF-8 bytes of the key. */
  dump(): readonly (readonly [string, string])[] {
    return this.#keys.all().map((key) => [key, Buffer.from(this.#state.get(key) ?? []).toString("hex")] as const);
  }

  meters(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#meters);
  }

  async #run(
    fn: string,
    args: readonly string[],
    call: MemoryCall,
    writes: Map<string, Uint8Array | undefined>,
  ): Promise<string> {
    const run = this.#contract.functions[fn];
    if (run === undefined) throw new Error(`No function ${fn}.`);
    const result = await run(this.#context(call, writes), ...args);
    return typeof result === "string" ? result : Buffer.from(result ?? []).toString();
  }

  #apply(key: string, value: Uint8Array | undefined, call: MemoryCall): void {
    if (value === undefined) {
      this.#state.delete(key);
      this.#keys.delete(key);
    } else {
      if (!this.#state.has(key)) this.#keys.add(key);
      this.#state.set(key, value);
    }
    const modification = { txId: call.txId, timestamp: timestampOf(call), isDelete: value === undefined };
    const entries = this.#history.get(key) ?? [];
    entries.unshift({ ...modification, value: value ?? new Uint8Array() });
    this.#history.set(key, entries);
    for (const { meter, amount } of this.#contract.meter?.(key, value) ?? []) {
      this.#meters.set(meter, (this.#meters.get(meter) ?? 0) + amount);
    }
  }

  #context(call: MemoryCall, writes: Map<string, Uint8Array | undefined>): ContractContext {
    const clientIdentity: ClientIdentity = {
      getMSPID: () => call.mspId ?? "TestMSP",
      getID: () => `x509::CN=${call.attributes["principal"] ?? ""}::CN=test`,
      getAttributeValue: (name) => call.attributes[name] ?? null,
    };
    return { clientIdentity, stub: this.#stub(call, writes) };
  }

  #stub(call: MemoryCall, writes: Map<string, Uint8Array | undefined>): ContractStub {
    const write = async (key: string, value: Uint8Array | undefined) => {
      writes.set(key, value);
    };
    const unsupported = () => Promise.reject(new Error("Selector queries are not part of this stub."));
    const range = (from: string, to: string) =>
      this.#keys.all().filter((key) => !key.startsWith("\u0000") && key >= from && (to === "" || key < to));
    return {
      getTxID: () => call.txId,
      getChannelID: () => this.#channelId,
      getTxTimestamp: () => timestampOf(call),
      getState: async (key) => this.#state.get(key) ?? new Uint8Array(),
      putState: (key, value) => write(key, value),
      deleteState: (key) => write(key, undefined),
      getStateByRange: async (from, to) => this.#iterate(range(from, to)),
      getStateByRangeWithPagination: async (from, to, pageSize, bookmark) => {
        const keys = range(bookmark === undefined || bookmark === "" ? from : bookmark, to);
        const metadata = { fetchedRecordsCount: Math.min(pageSize, keys.length), bookmark: keys[pageSize] ?? "" };
        return { iterator: this.#iterate(keys.slice(0, pageSize)), metadata };
      },
      createCompositeKey: (objectType, attributes) => compositeKey(objectType, attributes),
      splitCompositeKey: (key) => {
        const [, objectType = "", ...attributes] = key.split("\u0000");
        return { objectType, attributes: attributes.slice(0, -1) };
      },
      getStateByPartialCompositeKey: async (objectType, attributes) => {
        const prefix = compositeKey(objectType, attributes);
        return this.#iterate(this.#keys.withPrefix(prefix));
      },
      getHistoryForKey: async (key) => iterate(this.#history.get(key) ?? []),
      getQueryResult: unsupported,
      getQueryResultWithPagination: unsupported,
      setEvent: () => {},
    };
  }

  #iterate(keys: readonly string[]): StateIterator<KeyValue> {
    return iterate(keys.map((key) => ({ key, value: this.#state.get(key) ?? new Uint8Array() })));
  }
}

function timestampOf(call: MemoryCall) {
  return { seconds: Math.floor(call.timeMs / 1000), nanos: (call.timeMs % 1000) * 1_000_000 };
}

function compositeKey(objectType: string, attributes: readonly string[]): string {
  // As the engine and fabric-shim refuse it.
  if ([objectType, ...attributes].includes("")) throw new TypeError("A part of a composite key is empty.");
  return `\u0000${objectType}\u0000${attributes.map((attribute) => `${attribute}\u0000`).join("")}`;
}

/** As Fabric's iterators: `done` comes after the last item, with no item of its own. */
function iterate<Item>(items: readonly Item[]): StateIterator<Item> {
  let position = 0;
  return {
    async next() {
      const value = items[position++];
      return value === undefined ? { value: undefined as Item, done: true } : { value, done: false };
    },
    async close() {},
  };
}
