import type { LedgerIndex, TransactionPosition } from "../history/ports.ts";
import type { CommittedBlock } from "../ports.ts";
import type { PlacedTransaction } from "./block-builder.ts";
import { type BlockEffects, VALID } from "./effects.ts";

/** Last blocks whose verdicts are kept in memory, for those who follow the channel. */
const VERDICT_BLOCKS_KEPT = 64;

/** Transactions by id and by block, those included that the index does not have yet. */
export class RecentTransactions {
  readonly #index: Pick<LedgerIndex, "transaction">;
  /** Ordered transactions that the index does not have yet. */
  readonly #recent = new Map<string, PlacedTransaction>();
  /** By block number. */
  readonly #verdicts = new Map<number, BlockEffects["transactions"]>();

  constructor(dependencies: { readonly index: Pick<LedgerIndex, "transaction"> }) {
    this.#index = dependencies.index;
  }

  /** As the index does it: a refused transaction does not take the place of an earlier one of its id. */
  ordered(transaction: PlacedTransaction): void {
    const { txId, validationCode } = transaction;
    if (validationCode === VALID || !this.isKnown(txId)) this.#recent.set(txId, transaction);
  }

  durable({ number, transactions }: BlockEffects): void {
    this.#verdicts.set(number, transactions);
    this.#verdicts.delete(number - VERDICT_BLOCKS_KEPT);
  }

  indexed({ transactions }: BlockEffects): void {
    for (const transaction of transactions) {
      if (this.#recent.get(transaction.txId) === transaction) this.#recent.delete(transaction.txId);
    }
  }

  /** Whether any ordered transaction has the id, valid or not. */
  isKnown(txId: string): boolean {
    return this.#recent.has(txId) || this.#index.transaction(txId) !== undefined;
  }

  /** Whether a valid transaction of the channel has the id, or one that is not in the index yet. */
  isOrdered(txId: string): boolean {
    return this.#recent.has(txId) || this.#index.transaction(txId)?.validationCode === VALID;
  }

  /** Where a durable transaction stands. */
  locate(txId: string): TransactionPosition | undefined {
    const recent = this.#recent.get(txId);
    return recent?.isDurable === true ? recent : this.#index.transaction(txId);
  }

  /** The verdicts of a durable block, when it is one of the last. */
  verdicts(number: number): CommittedBlock | undefined {
    const transactions = this.#verdicts.get(number);
    if (transactions === undefined) return undefined;
    return { number, transactions: transactions.map(({ txId, validationCode }) => ({ txId, validationCode })) };
  }
}
