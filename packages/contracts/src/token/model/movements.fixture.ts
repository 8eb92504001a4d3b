import { AMOUNT_MAX, toUnits } from "./money.fixture.ts";
import { no } from "./no.fixture.ts";
import type { ModelAccount } from "./state.fixture.ts";

export const DAY_MS = 86_400_000;

export function dayOf(timeMs: number): number {
  return timeMs - (timeMs % DAY_MS);
}

export function amountMaxOf({ amountMaxText, token }: ModelAccount): bigint {
  return token === undefined ? 0n : toUnits(amountMaxText, token.decimals);
}

/** What has been moved on the day of `timeMs`, or on a later one that has begun. */
export function usedOn(account: ModelAccount, timeMs: number): { readonly amount: bigint; readonly count: number } {
  if (account.dayMs < dayOf(timeMs)) return { amount: 0n, count: 0 };
  return { amount: account.dailyAmount, count: account.dailyCount };
}

export function requireDailyRoom(account: ModelAccount, amount: bigint, count: number, timeMs: number): void {
  const used = usedOn(account, timeMs);
  const amountMax = amountMaxOf(account);
  if (account.countMax > 0 && used.count + count > account.countMax) no("DAILY_COUNT_EXCEEDED");
  requireSumFits(used.amount, amount);
  if (amountMax > 0n && used.amount + amount > amountMax) no("DAILY_AMOUNT_EXCEEDED");
}

export function countDaily(account: ModelAccount, amount: bigint, count: number, timeMs: number): void {
  const used = usedOn(account, timeMs);
  account.dayMs = Math.max(account.dayMs, dayOf(timeMs));
  account.dailyAmount = used.amount + amount;
  account.dailyCount = used.count + count;
}

export function requireBalance({ balance }: ModelAccount, amount: bigint): void {
  if (balance < amount) no("BALANCE_TOO_LOW");
}

export function requireSumFits(...amounts: readonly bigint[]): void {
  if (amounts.reduce((sum, each) => sum + each, 0n) > AMOUNT_MAX) no("AMOUNT_TOO_LARGE");
}

/** Adds a line to the account's history, with the balances as they are now. @param other none of a bulk transfer */
export function note(
  account: ModelAccount,
  type: string,
  amount: bigint,
  timeMs: number,
  other: ModelAccount | undefined,
): void {
  const { balance, onHold } = account;
  account.history.push({ type, amount, timeMs, balance, onHold, other });
}
