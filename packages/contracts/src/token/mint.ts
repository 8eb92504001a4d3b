import { addUnits, quantityToUnits, unitsToText } from "./amounts.ts";
import type { MessageJson } from "./answers.ts";
import { tokenFunction } from "./function.ts";
import { openOperation, readNewOperation, readOperationOf } from "./operations.ts";
import { printOwner, printOwnerSpaced } from "./parties.ts";
import {
  finishRequest,
  openForApproval,
  openForRejection,
  printRejection,
  requireRequestable,
  writeStep,
} from "./requests.ts";
import { mintedSupply, writeSupply } from "./supply.ts";

/** Nothing is minted yet; a request that could not be approved by now is refused. */
export const requestMint = tokenFunction("requestMint", readNewOperation, async (call, given): Promise<MessageJson> => {
  const { token, own, notary } = await requireRequestable(call, given, "minter");
  const units = quantityToUnits(given.quantity, token.decimals);
  await mintedSupply(call, token, units);
  await openOperation(call, token, "mint", given, { from: own, to: own, notary }, units);
  const { info } = given;
  await writeStep(call, own, { type: "REQUEST_MINT", token, units, info, notaryAccountId: notary.accountId });
  const request = `request to mint ${unitsToText(units, token.decimals)} tokens`;
  return { msg: `AccountId ${own.accountId} ${printOwnerSpaced(own)} has successfully submitted ${request}` };
});

export const approveMint = tokenFunction("approveMint", readOperationOf, async (call, given): Promise<MessageJson> => {
  const request = await openForApproval(call, "mint", given);
  const { token, hold, sides } = request;
  writeSupply(call, token, await mintedSupply(call, token, hold.quantity));
  const account = { ...sides.from, balance: addUnits(sides.from.balance, hold.quantity) };
  await finishRequest(call, request, "APPROVE_MINT", account);
  const tokens = `${unitsToText(hold.quantity, token.decimals)} tokens`;
  return { msg: `Successfully minted ${tokens} to Account Id: ${account.accountId} ${printOwner(account)}` };
});

export const rejectMint = tokenFunction("rejectMint", readOperationOf, async (call, given): Promise<MessageJson> => {
  const request = await openForRejection(call, "mint", given);
  await finishRequest(call, request, "REJECT_MINT", request.sides.from);
  return printRejection(request);
});
