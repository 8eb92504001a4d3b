import type { KeyModification } from "../contract-api/index.ts";
import { assertKey } from "../encoding/names.ts";
import type { NamespaceResults } from "../endorsement/ports.ts";
import { ledgerErrors } from "../errors.ts";
import type { PageRequest } from "../ports.ts";
import { decodeMetadataRow, metadataNamespace } from "../state/metadata-rows.ts";
import type { QueryRow, StateRow } from "../state/ports.ts";
import { parseBookmark, parseSelectorQuery } from "../state/query/parse-query.ts";
import { checkedPageSize } from "./page-size.ts";
import { ReadWriteRecorder } from "./read-write-recorder.ts";
import type { StateView } from "./view.ts";

export interface Page {
  readonly rows: readonly StateRow[];
  /** Where the next one starts; "" after the last. */
  readonly bookmark: string;
}

/**
 * The world state as one simulated transaction sees it, all namespaces: answers from a picture and records what Fabric's simulator records. It never
 * shows the transaction's own writes.
 * @source fabric core/ledger/kvledger/txmgmt/txmgr/{tx_simulator,query_executor}.go
 */
export class SimulatedState {
  readonly #view: StateView;
  readonly #recorder = new ReadWriteRecorder();
  #hasWritten = false;
  #hasPaged = false;

  constructor(view: StateView) {
    this.#view = view;
  }

  get(namespace: string, key: string): Uint8Array | undefined {
    // No key is empty, so there is nothing to record.
    if (key === "") return undefined;
    assertKey(key);
    const found = this.#view.get(namespace, key);
    this.#recorder.read(namespace, key, found?.version);
    return found?.value;
  }

  /** As on Fabric, an empty value is a deletion: contracts cannot tell it from an absent key. */
  put(namespace: string, key: string, value: Uint8Array): void {
    this.#write(namespace, key, value.length === 0 ? undefined : value);
  }

  delete(namespace: string, key: string): void {
    this.#write(namespace, key, undefined);
  }

  /** The key counts as read: its version changes with its metadata. */
  metadata(namespace: string, key: string): Readonly<Record<string, Uint8Array>> {
    this.get(namespace, key);
    const row = this.#view.get(metadataNamespace(namespace), key);
    const entries = row === undefined ? [] : decodeMetadataRow(row.value).entries;
    return Object.fromEntries(entries.map(({ name, value }) => [name, value]));
  }

  /** As on Fabric, the entry takes the place of all that the key has; an empty value leaves it none. */
  putMetadata(namespace: string, key: string, name: string, value: Uint8Array): void {
    assertKey(key);
    if (name === "" || !name.isWellFormed()) throw ledgerErrors.argumentInvalid("A metadata entry has a name.");
    this.#requireWritable();
    this.#recorder.writeMetadata(namespace, key, value.length === 0 ? [] : [{ name, value }]);
  }

  /** Rows count as read when they are given. */
  async *range(namespace: string, start: string, end: string): AsyncGenerator<StateRow> {
    checkBounds(start, end);
    const recorded = this.#recorder.range(namespace, start, end);
    for await (const row of this.#view.range(namespace, start, end)) {
      recorded.read(row.key, row.version);
      yield row;
    }
    recorded.exhausted();
  }

  async rangePage(namespace: string, start: string, end: string, page: PageRequest): Promise<Page> {
    this.#beginPaged();
    const size = checkedPageSize(page.size);
    const from = page.bookmark === "" ? start : page.bookmark;
    checkBounds(from, end);
    const recorded = this.#recorder.range(namespace, from, end);
    const rows: StateRow[] = [];
    for await (const row of this.#view.range(namespace, from, end)) {
      if (rows.length === size) return { rows, bookmark: row.key };
      recorded.read(row.key, row.version);
      rows.push(row);
    }
    recorded.exhausted();
    return { rows, bookmark: "" };
  }

  /** Rows count as read, one by one; that no others match later is not checked, as on Fabric. */
  async *query(namespace: string, query: string): AsyncGenerator<QueryRow> {
    for await (const row of await this.#view.query(namespace, parseSelectorQuery(query))) {
      this.#recorder.read(namespace, row.key, row.version);
      yield row;
    }
  }

  async queryPage(namespace: string, query: string, page: PageRequest): Promise<Page> {
    this.#beginPaged();
    const size = checkedPageSize(page.size);
    const parsed = { ...parseSelectorQuery(query), limit: size + 1, bookmark: parseBookmark(page.bookmark) };
    const rows: QueryRow[] = [];
    for await (const row of await this.#view.query(namespace, parsed)) {
      if (rows.length === size) return { rows, bookmark: rows.at(-1)?.bookmark ?? "" };
      this.#recorder.read(namespace, row.key, row.version);
      rows.push(row);
    }
    return { rows, bookmark: "" };
  }

  /** Newest first; no part of what is read. */
  async *history(namespace: string, key: string): AsyncGenerator<KeyModification> {
    yield* await this.#view.history(namespace, key);
  }

  /** What was read and written. To be asked for once, at the end. */
  results(): readonly NamespaceResults[] {
    for (const { namespace, key } of [...this.#recorder.metadataKeys()]) this.#completeMetadata(namespace, key);
    for (const { namespace, key, value } of [...this.#recorder.writes()]) {
      if (value === undefined) this.#deleteMetadata(namespace, key);
    }
    return this.#recorder.results();
  }

  #write(namespace: string, key: string, value: Uint8Array | undefined): void {
    assertKey(key);
    this.#requireWritable();
    this.#recorder.write(namespace, key, value);
  }

  /** Metadata never changes without a write of its key: the value that the transaction sees is written again. An absent key has none. */
  #completeMetadata(namespace: string, key: string): void {
    if (this.#recorder.hasWrite(namespace, key)) return;
    const value = this.get(namespace, key);
    if (value === undefined) this.#recorder.dropMetadata(namespace, key);
    else this.#recorder.write(namespace, key, value);
  }

  #deleteMetadata(namespace: string, key: string): void {
    this.#recorder.dropMetadata(namespace, key);
    const hasMetadata = this.#view.get(metadataNamespace(namespace), key) !== undefined;
    if (hasMetadata) this.#recorder.writeMetadata(namespace, key, []);
  }

  #requireWritable(): void {
    if (this.#hasPaged) throw ledgerErrors.simulationRefused("A transaction that made a paged query does not write.");
    this.#hasWritten = true;
  }

  #beginPaged(): void {
    if (this.#hasWritten) throw ledgerErrors.simulationRefused("A transaction that wrote makes no paged query.");
    this.#hasPaged = true;
  }
}

function checkBounds(start: string, end: string): void {
  if (!start.isWellFormed() || !end.isWellFormed()) {
    throw ledgerErrors.argumentInvalid("A range bound is not well-formed Unicode.");
  }
}
