import { openToRead, readAccountOf } from "./account-lists.ts";
import { unitsToNumber, unitsToText } from "./amounts.ts";
import type { HoldJson } from "./answers.ts";
import { type Call, isAllowed, refuseCaller, tokenOfficers } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import { holdToHoldingId, holdToJson, readOperationOf } from "./operations.ts";
import { isOwnerOf, requireToken } from "./parties.ts";
import { refuse } from "./refusals.ts";
import { readHold, readToken, type StoredHold, type StoredToken } from "./rows.ts";

/** Of the operations for which tokens of the account are on hold now, to be paid or to be burned; ascending. */
export const getOnHoldIds = tokenFunction("getOnHoldIds", readAccountOf, async (call, given) => {
  const { account } = await openToRead(call, given);
  const pending = await call.unit.scan("pending", account.accountId);
  const holds = await Promise.all(
    pending.map(({ attributes: [, operationId = ""] }) => readHold(call.unit, operationId, given.tokenId)),
  );
  const ids = holds.filter((hold) => hold !== undefined && hold.type !== "mint").map(holdToId);
  return { msg: `Holding Ids are: ${ids.join(",")}`, holding_ids: ids };
});

/** Nothing is on hold for an operation that is finished, or that asks to mint. */
export const getOnHoldBalanceWithOperationId = tokenFunction(
  "getOnHoldBalanceWithOperationId",
  readOperationOf,
  async (call, given) => {
    const { token, hold } = await openToParties(call, given);
    const units = hold.status === "pending" && hold.type !== "mint" ? hold.quantity : 0;
    const what = `Operation '${hold.operationId}' for token '${hold.tokenId}'`;
    return {
      msg: `Current Holding Balance of ${what} is: ${unitsToText(units, token.decimals)}`,
      holding_balance: unitsToNumber(units, token.decimals),
    };
  },
);

export const getOnHoldDetailsWithOperationId = tokenFunction(
  "getOnHoldDetailsWithOperationId",
  readOperationOf,
  async (call, given): Promise<HoldJson> => {
    const { token, hold } = await openToParties(call, given);
    return holdToJson(hold, token);
  },
);

/** Nobody but officers learns whether there is an operation of others. */
async function openToParties(
  call: Call,
  { tokenId, operationId }: { readonly tokenId: string; readonly operationId: string },
): Promise<{ readonly token: StoredToken; readonly hold: StoredHold }> {
  const token = await readToken(call.unit, tokenId);
  const hold = await readHold(call.unit, operationId, tokenId);
  if (!(await isAllowed(call, tokenOfficers)) && !(await isParty(call, hold))) refuseCaller(call);
  await requireToken(call, tokenId);
  return token === undefined || hold === undefined ? refuse("OPERATION_UNKNOWN") : { token, hold };
}

async function isParty(call: Call, hold: StoredHold | undefined): Promise<boolean> {
  if (hold === undefined) return false;
  for (const accountId of [hold.fromAccountId, hold.toAccountId, hold.notaryAccountId]) {
    if (await isOwnerOf(call, accountId)) return true;
  }
  return false;
}

function holdToId(hold: StoredHold | undefined): string {
  return hold === undefined ? "" : holdToHoldingId(hold);
}
