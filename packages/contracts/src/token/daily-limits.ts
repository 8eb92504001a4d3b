import type { ContractFunction } from "@concordat/ledger/contract-api";
import { accountToJson } from "./account-json.ts";
import { type AccountOf, readAccountOf } from "./account-lists.ts";
import { amountToUnits, trimDecimals } from "./amounts.ts";
import type { AccountJson } from "./answers.ts";
import type { Arguments } from "./arguments.ts";
import { adminsOf, authorize, type Call, officersOf } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import { tokenLimits } from "./limits.ts";
import { requireAccount, requireNotDeleted, requireToken } from "./parties.ts";
import { type StoredAccount, type StoredToken, writeAccount } from "./rows.ts";

/** Zero takes the limit away. */
export const setMaxDailyAmount = setter(
  "setMaxDailyAmount",
  (members) => members.limit("maxDailyAmount"),
  (maxDailyAmount, { decimals }) => {
    amountToUnits(maxDailyAmount, decimals);
    return { maxDailyAmount: trimDecimals(maxDailyAmount) };
  },
);

/** Likewise. */
export const setMaxDailyTransactionCount = setter(
  "setMaxDailyTransactionCount",
  (members) => members.whole("maxDailyTransactions", 0, tokenLimits.maxDailyTransactionsMax),
  (maxDailyTransactions) => ({ maxDailyTransactions }),
);

/** 0 when there is no limit. */
export const getMaxDailyAmount = getter("getMaxDailyAmount", ({ maxDailyAmount }) => ({
  max_daily_amount: Number(maxDailyAmount),
}));

/** Likewise. */
export const getMaxDailyTransactionCount = getter("getMaxDailyTransactionCount", ({ maxDailyTransactions }) => ({
  max_daily_transactions: maxDailyTransactions,
}));

type Limits = Partial<Pick<StoredAccount, "maxDailyAmount" | "maxDailyTransactions">>;

function setter<Limit>(
  name: string,
  read: (members: Arguments) => Limit,
  toChange: (limit: Limit, token: StoredToken) => Limits,
): ContractFunction {
  const readAll = (members: Arguments) => ({ ...readAccountOf(members), limit: read(members) });
  return tokenFunction(name, readAll, async (call, given): Promise<AccountJson> => {
    await authorize(call, ...adminsOf(given.user.org));
    const { token, account } = await open(call, given);
    await requireNotDeleted(call, account);
    const changed = { ...account, ...toChange(given.limit, token) };
    return accountToJson(call, await writeAccount(call.unit, changed));
  });
}

function getter(name: string, toAnswer: (account: StoredAccount) => object): ContractFunction {
  return tokenFunction(name, readAccountOf, async (call, given) => {
    await authorize(call, ...officersOf(given.user.org));
    return toAnswer((await open(call, given)).account);
  });
}

async function open(call: Call, { tokenId, user }: AccountOf) {
  const token = await requireToken(call, tokenId);
  return { token, account: await requireAccount(call, user, tokenId) };
}
