import type { ContractStub } from "@concordat/ledger/contract-api";
import {
  findSequence,
  readHead,
  readRecord,
  type StoredData,
  type StoredHead,
  sequenceOf,
  writeHead,
  writeRecord,
} from "./data.ts";

/** A record of a data key. */
export interface NumberedData {
  readonly number: number;
  readonly record: StoredData;
}

/**
 * One data key of a phase as a transaction sees it that adds to it: with what it adds, which the stub does not show.
 */
class DataKey {
  readonly #stub: ContractStub;
  readonly #phaseId: string;
  readonly #dataKey: string;
  readonly #head: StoredHead | undefined;
  readonly #added: StoredData[] = [];

  constructor(stub: ContractStub, phaseId: string, dataKey: string, head: StoredHead | undefined) {
    this.#stub = stub;
    this.#phaseId = phaseId;
    this.#dataKey = dataKey;
    this.#head = head;
  }

  /** Whether the ledger has the sequence; what this transaction adds does not count. */
  async isOnChain(sequence: string): Promise<boolean> {
    const head = this.#head;
    if (head === undefined) return false;
    return (await findSequence(this.#stub, this.#phaseId, this.#dataKey, head, sequence)) !== undefined;
  }

  /** The record with this sequence, or the newest one. */
  async find(sequence: string | undefined): Promise<NumberedData | undefined> {
    const before = this.#head?.count ?? 0;
    const index = this.#added.findLastIndex((record) => sequence === undefined || sequenceOf(record) === sequence);
    const record = this.#added[index];
    if (record !== undefined) return { number: before + index + 1, record };
    const head = this.#head;
    if (head === undefined) return undefined;
    const number =
      sequence === undefined
        ? head.count
        : await findSequence(this.#stub, this.#phaseId, this.#dataKey, head, sequence);
    return number === undefined ? undefined : { number, record: await this.#read(head, number) };
  }

  add(record: StoredData): void {
    // Only the client's clock of an optimistic transaction can stand behind the record before it.
    this.#added.push({ ...record, time: Math.max(record.time, this.#head?.lastTime ?? 0) });
  }

  async write(): Promise<void> {
    const [earliest] = this.#added;
    const latest = this.#added.at(-1);
    if (earliest === undefined || latest === undefined) return;
    const before = this.#head?.count ?? 0;
    for (const [index, record] of this.#added.entries()) {
      const number = before + index + 1;
      if (number > 1) await writeRecord(this.#stub, this.#phaseId, this.#dataKey, number, record);
    }
    const count = before + this.#added.length;
    const first = this.#head?.first ?? earliest;
    const begun = before === 0 && count > 1 ? ({ begun: true } as const) : {};
    await writeHead(this.#stub, this.#phaseId, this.#dataKey, { count, lastTime: latest.time, first, ...begun });
  }

  async #read(head: StoredHead, number: number): Promise<StoredData> {
    return number === 1 ? head.first : readRecord(this.#stub, this.#phaseId, this.#dataKey, number);
  }
}

/** The data keys that a transaction touches, each read once. */
export class DataKeys {
  readonly #stub: ContractStub;
  readonly #keys = new Map<string, Promise<DataKey>>();

  constructor(stub: ContractStub) {
    this.#stub = stub;
  }

  at(phaseId: string, dataKey: string): Promise<DataKey> {
    const name = `${phaseId}_${dataKey}`;
    const known = this.#keys.get(name) ?? this.#open(phaseId, dataKey);
    this.#keys.set(name, known);
    return known;
  }

  /** Writes what was added, key by key in the order in which they were first touched. */
  async write(): Promise<void> {
    for (const key of this.#keys.values()) await (await key).write();
  }

  async #open(phaseId: string, dataKey: string): Promise<DataKey> {
    return new DataKey(this.#stub, phaseId, dataKey, await readHead(this.#stub, phaseId, dataKey));
  }
}
