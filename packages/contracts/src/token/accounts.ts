import { accountToJson } from "./account-json.ts";
import { amountToUnits, limitToText } from "./amounts.ts";
import type { AccountJson } from "./answers.ts";
import type { Arguments } from "./arguments.ts";
import { adminsOf, anyOrgAdmin, authorize, tokenAdmin } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import { newAccountId } from "./ids.ts";
import { tokenLimits } from "./limits.ts";
import { requireToken } from "./parties.ts";
import { refuse } from "./refusals.ts";
import {
  hasRowAt,
  present,
  readAccount,
  rowKeys,
  type StoredAccount,
  type StoredStatus,
  writeAccount,
} from "./rows.ts";
import { timeToDay } from "./times.ts";

/** An account without token. A user may have several. */
export const createAccount = tokenFunction("createAccount", readNew, async (call, given): Promise<AccountJson> => {
  const { user, maxDailyAmount, maxDailyTransactions } = given;
  await authorize(call, ...adminsOf(user.org));
  const { unit, stub, timeMs } = call;
  const account: StoredAccount = {
    accountId: newAccountId(user, stub.getTxID()),
    ...user,
    tokenId: "",
    tokenName: "",
    balance: 0,
    onHold: 0,
    onHoldBurn: 0,
    maxDailyAmount: limitToText(maxDailyAmount),
    maxDailyTransactions,
    dailyAmount: 0,
    dailyTransactions: 0,
    day: timeToDay(timeMs),
    historyRecords: 0,
    version: 0,
  };
  unit.write(rowKeys.user(unit, user, account.accountId), present);
  return accountToJson(call, await writeAccount(unit, account));
});

/** Gives the account its one token, and its status. */
export const associateTokenToAccount = tokenFunction(
  "associateTokenToAccount",
  (members) => ({ accountId: members.reference("accountId"), tokenId: members.tokenId() }),
  async (call, { accountId, tokenId }): Promise<AccountJson> => {
    const { unit } = call;
    const account = await readAccount(unit, accountId);
    await authorize(call, ...(account === undefined ? [tokenAdmin, anyOrgAdmin] : adminsOf(account.org)));
    if (account === undefined) return refuse("ACCOUNT_UNKNOWN");
    const token = await requireToken(call, tokenId);
    if (account.tokenId !== "") refuse("ACCOUNT_ASSOCIATED");
    const ownerKey = rowKeys.owner(unit, account, tokenId);
    if (await hasRowAt(unit, ownerKey)) refuse("ACCOUNT_EXISTS");
    amountToUnits(account.maxDailyAmount, token.decimals);
    const status: StoredStatus = { status: "active" };
    unit.write(ownerKey, { accountId });
    unit.write(rowKeys.status(unit, accountId), status);
    return accountToJson(call, await writeAccount(unit, { ...account, tokenId, tokenName: token.name }));
  },
);

function readNew(members: Arguments) {
  const user = members.user();
  members.oneOf("tokenType", ["fungible"]);
  const limits = members.has("dailyLimits") ? members.object("dailyLimits") : undefined;
  return {
    user,
    maxDailyAmount: limits?.has("max_daily_amount") ? limits.limit("max_daily_amount") : "0",
    maxDailyTransactions: limits?.has("max_daily_transactions")
      ? limits.whole("max_daily_transactions", 0, tokenLimits.maxDailyTransactionsMax)
      : 0,
  };
}
