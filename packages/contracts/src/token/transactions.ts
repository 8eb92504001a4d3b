import { InvariantError } from "@concordat/base";
import type { TransactionJson, TransactionWithSubTransactionsJson } from "./answers.ts";
import { type Call, isAllowed, refuseCaller, tokenAdmin } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import { parseTransactionId, toTransactionId } from "./ids.ts";
import { isOwnerOf } from "./parties.ts";
import { refuse } from "./refusals.ts";
import { readTransaction, type StoredTransaction } from "./rows.ts";

/** For token admins, and for the owners of the accounts on all sides of the transaction. */
export const getTransactionById = tokenFunction(
  "getTransactionById",
  (members) => members.reference("transactionId"),
  async (call, transactionId): Promise<TransactionWithSubTransactionsJson> => {
    const id = parseTransactionId(transactionId);
    const found = id === undefined ? undefined : await readTransaction(call.unit, id);
    if (!(await isAllowed(call, [tokenAdmin])) && !(await isParty(call, found))) refuseCaller(call);
    if (found === undefined) return refuse("TRANSACTION_UNKNOWN");
    return { ...toJson(found), sub_transactions: await readSubTransactions(call, found) };
  },
);

async function isParty(call: Call, found: StoredTransaction | undefined): Promise<boolean> {
  for (const accountId of found?.accountIds ?? []) if (await isOwnerOf(call, accountId)) return true;
  return false;
}

async function readSubTransactions({ unit }: Call, parent: StoredTransaction): Promise<readonly TransactionJson[]> {
  const subTransactions: TransactionJson[] = [];
  for (let position = 1; position <= parent.value.number_of_sub_transactions; position++) {
    const id = parseTransactionId(toTransactionId(parent.trxId, position)) ?? "";
    const found = await readTransaction(unit, id);
    if (found === undefined) throw new InvariantError("A bulk transfer has all of its sub-transactions.");
    subTransactions.push(toJson(found));
  }
  return subTransactions;
}

/** A transaction is written once, so its history is one entry. */
function toJson({ trxId, value }: StoredTransaction): TransactionJson {
  return { transaction_id: value.transaction_id, history: [{ trxId, timeStamp: value.timestamp, value }] };
}
