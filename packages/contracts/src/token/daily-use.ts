import { addUnits, amountToUnits, unitsToText } from "./amounts.ts";
import type { Call } from "./callers.ts";
import { refuse } from "./refusals.ts";
import type { StoredAccount, StoredToken } from "./rows.ts";
import { timeToDay, timeToPrintedDay } from "./times.ts";

/**
 * The account after it has moved this much in this many transactions today. With the UTC day the sums start again. A clock that goes
 * back over midnight, as clients' may, stays on the day that has begun: else a limit could be had anew by going to and fro.
 * @throws ContractRefusal DAILY_COUNT_EXCEEDED, DAILY_AMOUNT_EXCEEDED, AMOUNT_TOO_LARGE
 */
export function useDay(
  { timeMs }: Call,
  account: StoredAccount,
  token: StoredToken,
  units: number,
  transactions = 1,
): StoredAccount {
  const today = timeToDay(timeMs);
  // Days of one form compare as texts.
  const isToday = account.day >= today;
  const day = isToday ? account.day : today;
  const dailyTransactions = (isToday ? account.dailyTransactions : 0) + transactions;
  const { maxDailyTransactions } = account;
  if (maxDailyTransactions !== 0 && dailyTransactions > maxDailyTransactions) refuse("DAILY_COUNT_EXCEEDED");
  const dailyAmount = addUnits(isToday ? account.dailyAmount : 0, units);
  const maxDailyUnits = amountToUnits(account.maxDailyAmount, token.decimals);
  if (maxDailyUnits !== 0 && dailyAmount > maxDailyUnits) refuse("DAILY_AMOUNT_EXCEEDED");
  return { ...account, day, dailyTransactions, dailyAmount };
}

/** The sentence on what an account has left for today; empty when it has no limits. */
export function printDayLeft(account: StoredAccount, { decimals }: StoredToken): string {
  const { maxDailyAmount, maxDailyTransactions, dailyAmount, dailyTransactions } = account;
  const amountLeft = () => unitsToText(amountToUnits(maxDailyAmount, decimals) - dailyAmount, decimals);
  const left = [
    ...(maxDailyTransactions === 0 ? [] : [`${maxDailyTransactions - dailyTransactions} number of transactions`]),
    ...(maxDailyAmount === "0" ? [] : [`${amountLeft()} amount transfer`]),
  ];
  return left.length === 0
    ? ""
    : ` Only ${left.join(" and ")} left for today: ${timeToPrintedDay(Date.parse(account.day))}`;
}
