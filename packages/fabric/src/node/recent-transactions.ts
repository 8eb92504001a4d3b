/** Where a transaction was committed, and its verdict. */
export interface TransactionPlace {
  readonly block: number;
  /** Fabric's TxValidationCode. */
  readonly validationCode: number;
}

const GENERATION_SIZE = 8_192;

/** The last 8,192 to 16,384 transactions of a channel: most questions are about them, and need not go to the ledger. */
export class RecentTransactions {
  #young = new Map<string, TransactionPlace>();
  #old: ReadonlyMap<string, TransactionPlace> = new Map();

  /** The first place of an id stays: a second transaction of the same id is a refused duplicate. */
  note(txId: string, place: TransactionPlace): void {
    if (this.get(txId) !== undefined) return;
    if (this.#young.size >= GENERATION_SIZE) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(txId, place);
  }

  get(txId: string): TransactionPlace | undefined {
    return this.#young.get(txId) ?? this.#old.get(txId);
  }
}
