import { quantityToUnits, unitsToText } from "./amounts.ts";
import type { MessageJson } from "./answers.ts";
import { tokenFunction } from "./function.ts";
import { openOperation, readNewOperation, readOperationOf } from "./operations.ts";
import { printOwner, printOwnerSpaced } from "./parties.ts";
import { refuse } from "./refusals.ts";
import {
  finishRequest,
  openForApproval,
  openForRejection,
  printRejection,
  requireRequestable,
  writeStep,
} from "./requests.ts";
import { readSupply } from "./rows.ts";
import { writeSupply } from "./supply.ts";

/** The tokens leave the balance at once. */
export const requestBurn = tokenFunction("requestBurn", readNewOperation, async (call, given): Promise<MessageJson> => {
  const { token, own, notary } = await requireRequestable(call, given, "burner");
  const units = quantityToUnits(given.quantity, token.decimals);
  if (own.balance < units) refuse("BALANCE_TOO_LOW");
  const account = { ...own, balance: own.balance - units, onHoldBurn: own.onHoldBurn + units };
  await openOperation(call, token, "burn", given, { from: own, to: own, notary }, units);
  const { info } = given;
  await writeStep(call, account, { type: "REQUEST_BURN", token, units, info, notaryAccountId: notary.accountId });
  const request = `request to burn ${unitsToText(units, token.decimals)} tokens`;
  return { msg: `AccountId ${own.accountId} ${printOwnerSpaced(own)} has successfully submitted ${request}` };
});

export const approveBurn = tokenFunction("approveBurn", readOperationOf, async (call, given): Promise<MessageJson> => {
  const request = await openForApproval(call, "burn", given);
  const { token, hold, sides } = request;
  const { minted, burned } = await readSupply(call.unit, token.tokenId);
  writeSupply(call, token, { minted, burned: burned + hold.quantity });
  const account = { ...sides.from, onHoldBurn: sides.from.onHoldBurn - hold.quantity };
  await finishRequest(call, request, "APPROVE_BURN", account);
  const tokens = `${unitsToText(hold.quantity, token.decimals)} tokens`;
  return { msg: `Successfully burned ${tokens} from account id: ${account.accountId} ${printOwner(account)}` };
});

/** The tokens come back, to a suspended account too. */
export const rejectBurn = tokenFunction("rejectBurn", readOperationOf, async (call, given): Promise<MessageJson> => {
  const request = await openForRejection(call, "burn", given);
  const { from } = request.sides;
  const { quantity } = request.hold;
  const account = { ...from, balance: from.balance + quantity, onHoldBurn: from.onHoldBurn - quantity };
  await finishRequest(call, request, "REJECT_BURN", account);
  return printRejection(request);
});
