import { quantityToUnits, unitsToText } from "./amounts.ts";
import type { MessageJson } from "./answers.ts";
import { findApprovalPolicy } from "./bands.ts";
import { isSameUser } from "./callers.ts";
import { requireCompliance, requireUnrestricted } from "./compliance.ts";
import { useDay } from "./daily-use.ts";
import { tokenFunction } from "./function.ts";
import { writeAccountWithHistory, writeMovement } from "./movements.ts";
import {
  closeOperation,
  holdToHoldingId,
  holdToInfo,
  openOperation,
  readNewOperation,
  readOperationOf,
  readSides,
  requireNewOperation,
  requireNotary,
  requireOperation,
  requireOwnAndNotary,
  requirePending,
  requireUnexpired,
} from "./operations.ts";
import {
  printOwner,
  printOwnerSpaced,
  requireAccount,
  requireActive,
  requireDistinct,
  requireRole,
  requireToken,
} from "./parties.ts";
import { refuse } from "./refusals.ts";
import { isExpired } from "./times.ts";

/** Of the caller's balance. The approvers are those whom the approval policies name now; they stay for this hold. */
export const holdTokens = tokenFunction(
  "holdTokens",
  (members) => ({ ...readNewOperation(members), payee: members.user("toOrgId", "toUserId") }),
  async (call, given): Promise<MessageJson> => {
    const token = await requireToken(call, given.tokenId);
    const { own: payer, notary } = await requireOwnAndNotary(call, given);
    const to = await requireAccount(call, given.payee, token.tokenId);
    requireDistinct(payer, to, notary);
    await requireActive(call, payer, to, notary);
    await requireRole(call, notary, "notary");
    await requireNewOperation(call, given);
    await requireCompliance(call, payer, to);
    const units = quantityToUnits(given.quantity, token.decimals);
    await requireUnrestricted(call, units, token, payer, to);
    if (payer.balance < units) refuse("BALANCE_TOO_LOW");
    const approvers = (await findApprovalPolicy(call, units, token))?.approvers;
    const from = {
      ...useDay(call, payer, token, units),
      balance: payer.balance - units,
      onHold: payer.onHold + units,
    };
    const hold = await openOperation(call, token, "transfer", given, { from, to, notary }, units, approvers);
    const what = { type: "ONHOLD", token, units, info: given.info, holdingId: holdToHoldingId(hold) } as const;
    const transactionId = writeMovement(call, { ...what, from, to, alsoAccountIds: [notary.accountId] });
    await writeAccountWithHistory(call, from, { ...what, transactionId, other: to });
    const quantity = unitsToText(units, token.decimals);
    return { msg: `AccountId ${from.accountId} ${printOwnerSpaced(from)} is successfully holding ${quantity} tokens` };
  },
);

/** The quantity goes to the payee, and what is left of the hold back to the payer: the hold is over. */
export const executeHoldTokens = tokenFunction(
  "executeHoldTokens",
  (members) => ({ ...readOperationOf(members), quantity: members.quantity() }),
  async (call, given): Promise<MessageJson> => {
    const token = await requireToken(call, given.tokenId);
    const hold = await requireOperation(call, token, given.operationId, "transfer");
    const sides = await readSides(call, hold);
    await requireNotary(call, sides);
    requirePending(hold);
    requireUnexpired(call, hold);
    if (hold.approvals < hold.approvers.length) refuse("APPROVAL_MISSING");
    await requireActive(call, sides.from, sides.to, sides.notary);
    await requireCompliance(call, sides.from, sides.to);
    const units = quantityToUnits(given.quantity, token.decimals);
    if (units > hold.quantity) refuse("HOLD_EXCEEDED");
    await requireUnrestricted(call, units, token, sides.from, sides.to);
    const { balance, onHold } = sides.from;
    const from = { ...sides.from, onHold: onHold - hold.quantity, balance: balance + (hold.quantity - units) };
    const to = { ...sides.to, balance: sides.to.balance + units };
    const holdingId = holdToHoldingId(hold);
    const what = { token, units, info: holdToInfo(hold), holdingId };
    const alsoAccountIds = [sides.notary.accountId];
    const transactionId = writeMovement(call, { ...what, type: "EXECUTEHOLD", from, to, alsoAccountIds });
    await writeAccountWithHistory(call, from, { ...what, type: "EXECUTEHOLD", transactionId, other: to });
    await writeAccountWithHistory(call, to, { ...what, type: "CREDIT", transactionId, other: from });
    await closeOperation(call, hold, "completed");
    const tokens = `'${unitsToText(units, token.decimals)}' tokens from Operation Id '${hold.operationId}'`;
    return { msg: `Account Id: ${from.accountId} ${printOwner(from)} is successfully executed ${tokens}.` };
  },
);

/** All of the hold goes back to the payer, suspended or not. By the notary, and after expiry by the payer and the payee too. */
export const releaseHoldTokens = tokenFunction(
  "releaseHoldTokens",
  readOperationOf,
  async (call, given): Promise<MessageJson> => {
    const token = await requireToken(call, given.tokenId);
    const hold = await requireOperation(call, token, given.operationId, "transfer");
    const sides = await readSides(call, hold);
    if (!Object.values(sides).some((account) => isSameUser(account, call.caller))) refuse("NOT_A_PARTY");
    requirePending(hold);
    if (!isExpired(hold.expiration, call.timeMs)) await requireNotary(call, sides);
    const { balance, onHold } = sides.from;
    const units = hold.quantity;
    const from = { ...sides.from, balance: balance + units, onHold: onHold - units };
    const holdingId = holdToHoldingId(hold);
    const what = { type: "RELEASEHOLD", token, units, info: holdToInfo(hold), holdingId } as const;
    const alsoAccountIds = [sides.to.accountId, sides.notary.accountId];
    const transactionId = writeMovement(call, { ...what, from, to: from, alsoAccountIds });
    await writeAccountWithHistory(call, from, { ...what, transactionId, other: from });
    await closeOperation(call, hold, "released");
    const tokens = `'${unitsToText(units, token.decimals)}' tokens from Operation Id '${hold.operationId}'`;
    return { msg: `Successfully released ${tokens} to Account Id: ${from.accountId} ${printOwner(from)}.` };
  },
);
