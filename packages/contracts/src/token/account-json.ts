import { unitsToNumber } from "./amounts.ts";
import type { AccountJson, AccountStatusJson, ListedAccountJson } from "./answers.ts";
import type { Call } from "./callers.ts";
import { accountIdToStatusId } from "./ids.ts";
import { requireToken } from "./parties.ts";
import type { AccountStatus, StoredAccount } from "./rows.ts";

export async function accountToJson(call: Call, account: StoredAccount): Promise<AccountJson> {
  const decimals = await readDecimals(call, account);
  const { maxDailyAmount, maxDailyTransactions } = account;
  return {
    bapAccountVersion: account.version,
    assetType: "oaccount",
    account_id: account.accountId,
    user_id: account.user,
    org_id: account.org,
    token_type: "fungible",
    token_id: account.tokenId,
    token_name: account.tokenName,
    balance: unitsToNumber(account.balance, decimals),
    onhold_balance: unitsToNumber(account.onHold, decimals),
    ...(maxDailyAmount === "0" ? {} : { max_daily_amount: Number(maxDailyAmount) }),
    daily_amount: unitsToNumber(account.dailyAmount, decimals),
    ...(maxDailyTransactions === 0 ? {} : { max_daily_transactions: maxDailyTransactions }),
    daily_transactions: account.dailyTransactions,
    current_date: account.day,
  };
}

export async function accountToListedJson(call: Call, account: StoredAccount): Promise<ListedAccountJson> {
  const decimals = await readDecimals(call, account);
  const json = await accountToJson(call, account);
  return { ...json, onhold_burn_balance: unitsToNumber(account.onHoldBurn, decimals) };
}

/** Without a token all amounts are zero, and the scale does not matter. */
async function readDecimals(call: Call, { tokenId }: StoredAccount): Promise<number> {
  return tokenId === "" ? 0 : (await requireToken(call, tokenId)).decimals;
}

export function statusToJson({ accountId }: StoredAccount, status: AccountStatus): AccountStatusJson {
  return {
    assetType: "oaccountStatus",
    status_id: accountIdToStatusId(accountId),
    account_id: accountId,
    status,
  };
}
