import { quantityToUnits, unitsToText } from "./amounts.ts";
import type { MessageJson } from "./answers.ts";
import type { Arguments } from "./arguments.ts";
import { requireCompliance, requireUnrestricted } from "./compliance.ts";
import { printDayLeft, useDay } from "./daily-use.ts";
import { tokenFunction } from "./function.ts";
import { writeAccountWithHistory, writeMovement } from "./movements.ts";
import { printOwner, requireAccount, requireActive, requireDistinct, requireToken } from "./parties.ts";
import { refuse } from "./refusals.ts";

/** From the caller's account. */
export const transferTokens = tokenFunction(
  "transferTokens",
  readTransfer,
  async (call, given): Promise<MessageJson> => {
    const token = await requireToken(call, given.tokenId);
    const payer = await requireAccount(call, call.caller, token.tokenId);
    const payee = await requireAccount(call, given.to, token.tokenId);
    requireDistinct(payer, payee);
    await requireActive(call, payer, payee);
    await requireCompliance(call, payer, payee);
    const units = quantityToUnits(given.quantity, token.decimals);
    await requireUnrestricted(call, units, token, payer, payee);
    if (payer.balance < units) refuse("BALANCE_TOO_LOW");
    const from = { ...useDay(call, payer, token, units), balance: payer.balance - units };
    const to = { ...payee, balance: payee.balance + units };
    const { info } = given;
    const transactionId = writeMovement(call, { type: "TRANSFER", token, from, to, units, info });
    await writeAccountWithHistory(call, from, { type: "DEBIT", transactionId, token, units, info, other: to });
    await writeAccountWithHistory(call, to, { type: "CREDIT", transactionId, token, units, info, other: from });
    const sides = `from account id: ${from.accountId} ${printOwner(from)} to account id: ${to.accountId} ${printOwner(to)}`;
    const quantity = unitsToText(units, token.decimals);
    return { msg: `Successfully transferred ${quantity} tokens ${sides}.${printDayLeft(from, token)}` };
  },
);

function readTransfer(members: Arguments) {
  return {
    tokenId: members.tokenId(),
    to: members.user("toOrgId", "toUserId"),
    quantity: members.quantity(),
    info: members.info(),
  };
}
