import { addUnits, quantityToUnits, unitsToNumber, unitsToText } from "./amounts.ts";
import type { BulkTransferJson, SubTransactionJson } from "./answers.ts";
import type { Arguments } from "./arguments.ts";
import type { Call } from "./callers.ts";
import { requireCompliance, requireUnrestricted } from "./compliance.ts";
import { useDay } from "./daily-use.ts";
import { tokenFunction } from "./function.ts";
import { tokenLimits } from "./limits.ts";
import { writeAccountWithHistory, writeMovement } from "./movements.ts";
import {
  printOwner,
  requireAccount,
  requireAccountById,
  requireActive,
  requireDistinct,
  requireToken,
} from "./parties.ts";
import { refuse } from "./refusals.ts";
import type { StoredAccount, StoredToken } from "./rows.ts";

interface Part {
  readonly payee: StoredAccount;
  readonly units: number;
}

/** From the caller's account to each of the flow, or to none. One receiver may stand there several times. */
export const bulkTransferTokens = tokenFunction(
  "bulkTransferTokens",
  readBulk,
  async (call, given): Promise<BulkTransferJson> => {
    const token = await requireToken(call, given.tokenId);
    const payer = await requireAccount(call, call.caller, token.tokenId);
    const payees: StoredAccount[] = [];
    for (const { to } of given.flow) payees.push(await requireAccount(call, to, token.tokenId));
    for (const payee of payees) requireDistinct(payer, payee);
    await requireActive(call, payer, ...payees);
    await requireCompliance(call, payer, ...payees);
    const amounts = given.flow.map(({ quantity }) => quantityToUnits(quantity, token.decimals));
    const total = amounts.reduce(addUnits, 0);
    const parts = payees.map((payee, index): Part => ({ payee, units: amounts[index] ?? 0 }));
    for (const { payee, units } of parts) await requireUnrestricted(call, units, token, payer, payee);
    if (payer.balance < total) refuse("BALANCE_TOO_LOW");
    const from = { ...useDay(call, payer, token, total, parts.length), balance: payer.balance - total };
    await writeBulk(call, token, from, parts, total);
    const quantity = unitsToText(total, token.decimals);
    return {
      msg: `Successfully transferred ${quantity} tokens from Account Id '${from.accountId}' ${printOwner(from)}.`,
      from_account_id: from.accountId,
      sub_transactions: parts.map(({ payee, units }) => ({
        to_account_id: payee.accountId,
        amount: unitsToNumber(units, token.decimals),
      })),
    };
  },
);

async function writeBulk(
  call: Call,
  token: StoredToken,
  from: StoredAccount,
  parts: readonly Part[],
  total: number,
): Promise<void> {
  const subTransactions: SubTransactionJson[] = [];
  for (const [index, part] of parts.entries()) {
    subTransactions.push(await writePart(call, token, from, part, index + 1));
  }
  const transactionId = writeMovement(call, {
    type: "BULKTRANSFER",
    token,
    from,
    to: undefined,
    units: total,
    info: {},
    alsoAccountIds: [...new Set(parts.map(({ payee }) => payee.accountId))],
    subTransactions: parts.length,
  });
  const entry = { transactionId, token, units: total, info: {}, other: undefined, subTransactions };
  await writeAccountWithHistory(call, from, { type: "BULKTRANSFER", ...entry });
}

/** The receiver may have got an earlier part of the same transfer, so its account is read again. */
async function writePart(
  call: Call,
  token: StoredToken,
  from: StoredAccount,
  { payee: { accountId }, units }: Part,
  position: number,
): Promise<SubTransactionJson> {
  const payee = await requireAccountById(call, accountId);
  const to = { ...payee, balance: payee.balance + units };
  const transactionId = writeMovement(call, { type: "TRANSFER", token, from, to, units, info: {}, position });
  await writeAccountWithHistory(call, to, { type: "CREDIT", transactionId, token, units, info: {}, other: from });
  return {
    transacted_account: accountId,
    transaction_type: "DEBIT",
    transaction_id: transactionId,
    transacted_amount: unitsToNumber(units, token.decimals),
  };
}

function readBulk(members: Arguments) {
  return {
    tokenId: members.tokenId(),
    flow: members.objects("flow", 1, tokenLimits.flowMax).map((part) => ({
      to: part.user("to_org_id", "to_user_id"),
      quantity: part.quantity(),
    })),
  };
}
