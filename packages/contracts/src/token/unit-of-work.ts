import type { ContractStub } from "@concordat/ledger/contract-api";
import { readJsonRow, scanRows, toText } from "../stub-rows.ts";

export interface ScannedRow {
  readonly attributes: readonly string[];
  readonly value: unknown;
}

/**
 * The rows of one call. On Fabric a transaction does not see its own writes; here what was written is what is read next, each row is
 * read from the state once, and written once, at the end.
 */
export class UnitOfWork {
  readonly #stub: ContractStub;
  readonly #committed = new Map<string, Promise<unknown>>();
  readonly #scanned = new Map<string, Promise<readonly ScannedRow[]>>();
  readonly #staged = new Map<string, object | undefined>();

  constructor(stub: ContractStub) {
    this.#stub = stub;
  }

  key(objectType: string, ...attributes: readonly string[]): string {
    return this.#stub.createCompositeKey(objectType, [...attributes]);
  }

  /** The row as the call has left it so far; its reader says what it is. */
  read(key: string): Promise<unknown> {
    return this.#staged.has(key) ? Promise.resolve(this.#staged.get(key)) : this.committed(key);
  }

  /** The row as it was before the call. */
  committed(key: string): Promise<unknown> {
    const known = this.#committed.get(key) ?? readJsonRow(this.#stub, key);
    this.#committed.set(key, known);
    return known;
  }

  /** The rows of a type that begin with these attributes, ascending by key, as they were before the call. */
  scan(objectType: string, ...attributes: readonly string[]): Promise<readonly ScannedRow[]> {
    const key = this.key(objectType, ...attributes);
    const known = this.#scanned.get(key) ?? this.#scan(objectType, attributes);
    this.#scanned.set(key, known);
    return known;
  }

  write(key: string, value: object): void {
    this.#staged.set(key, value);
  }

  remove(key: string): void {
    this.#staged.set(key, undefined);
  }

  /** Hands what was written to the ledger, in the order of first writing. */
  async commit(): Promise<void> {
    for (const [key, value] of this.#staged) {
      if (value === undefined) await this.#stub.deleteState(key);
      else await this.#stub.putState(key, Buffer.from(JSON.stringify(value), "utf8"));
    }
  }

  async #scan(objectType: string, attributes: readonly string[]): Promise<readonly ScannedRow[]> {
    const rows = await scanRows(this.#stub, objectType, attributes);
    return rows.map(({ key, value }) => ({
      attributes: this.#stub.splitCompositeKey(key).attributes,
      value: JSON.parse(toText(value)),
    }));
  }
}
