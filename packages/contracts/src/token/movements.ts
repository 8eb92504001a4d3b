import { unitsToNumber } from "./amounts.ts";
import type { HistoryType, SubTransactionJson, TransactionType } from "./answers.ts";
import type { Call } from "./callers.ts";
import { toTransactionId } from "./ids.ts";
import {
  type Info,
  rowKeys,
  type StoredAccount,
  type StoredToken,
  type StoredTransaction,
  writeAccount,
} from "./rows.ts";

/** What a transaction moves, or asks to move. */
export interface Movement {
  readonly type: TransactionType;
  readonly token: StoredToken;
  /** Both sides as they are afterwards; undefined for the receivers of a bulk transfer. */
  readonly from: StoredAccount;
  readonly to: StoredAccount | undefined;
  readonly units: number;
  readonly info: Info;
  readonly holdingId?: string;
  /** The accounts that may see the record beside the two sides. */
  readonly alsoAccountIds?: readonly string[];
  /** Of a sub-transaction, from 1. */
  readonly position?: number;
  readonly subTransactions?: number;
}

/** Records the movement. @returns its transaction id */
export function writeMovement({ unit, stub, timeMs }: Call, movement: Movement): string {
  const { type, token, from, to, units, info, holdingId, position } = movement;
  const trxId = stub.getTxID();
  const id = toTransactionId(trxId, position);
  const row: StoredTransaction = {
    trxId,
    value: {
      assetType: "otransaction",
      transaction_id: id,
      token_id: token.tokenId,
      from_account_id: from.accountId,
      from_account_onhold_burn_balance: unitsToNumber(from.onHoldBurn, token.decimals),
      to_account_id: to?.accountId ?? "",
      to_account_onhold_burn_balance: unitsToNumber(to?.onHoldBurn ?? 0, token.decimals),
      transaction_type: type,
      amount: unitsToNumber(units, token.decimals),
      timestamp: new Date(timeMs).toISOString(),
      number_of_sub_transactions: movement.subTransactions ?? 0,
      ...(holdingId === undefined ? {} : { holding_id: holdingId }),
      sub_transaction: position === undefined ? "false" : "true",
      ...info,
    },
    accountIds: [from.accountId, ...(to === undefined ? [] : [to.accountId]), ...(movement.alsoAccountIds ?? [])],
  };
  unit.write(rowKeys.transaction(unit, id.slice(id.indexOf("~") + 1)), row);
  return id;
}

/** How a movement stands in one account's history. */
export interface HistoryEntry {
  readonly type: HistoryType;
  readonly transactionId: string;
  readonly token: StoredToken;
  readonly units: number;
  readonly info: Info;
  /** The other side, or the account itself; undefined for the receivers of a bulk transfer. */
  readonly other: StoredAccount | undefined;
  readonly holdingId?: string;
  readonly subTransactions?: readonly SubTransactionJson[];
}

/** Writes the account as it is after a movement, with the record of its history. */
export function writeAccountWithHistory(
  { unit, timeMs }: Call,
  account: StoredAccount,
  entry: HistoryEntry,
): Promise<StoredAccount> {
  const { token, other, holdingId, subTransactions } = entry;
  unit.write(rowKeys.history(unit, account.accountId, account.historyRecords), {
    transaction_id: entry.transactionId,
    transacted_amount: unitsToNumber(entry.units, token.decimals),
    timestamp: new Date(timeMs).toISOString(),
    balance: unitsToNumber(account.balance, token.decimals),
    onhold_balance: unitsToNumber(account.onHold, token.decimals),
    token_id: token.tokenId,
    ...entry.info,
    ...(other === undefined ? {} : { transacted_account: other.accountId }),
    transaction_type: entry.type,
    ...(other === undefined ? {} : { transacted_org_id: other.org, transacted_user_id: other.user }),
    ...(holdingId === undefined ? {} : { holding_id: holdingId }),
    ...(subTransactions === undefined ? {} : { sub_transactions: subTransactions }),
  });
  return writeAccount(unit, { ...account, historyRecords: account.historyRecords + 1 });
}
