import { isOf } from "./checks.fixture.ts";
import { Divergence, requireEqual } from "./compared.fixture.ts";
import type { Operation } from "./generator.fixture.ts";
import { AMOUNT_MAX, toUnits } from "./money.fixture.ts";
import type { ObservedRows, Row } from "./observed.fixture.ts";
import type { ModelState } from "./state.fixture.ts";

/** A row's amount. @throws Divergence unless it is a whole number of units that may be */
function unitsOf(row: Row, name: string): bigint {
  const value = row[name];
  const isUnits = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= Number(AMOUNT_MAX);
  if (!isUnits) throw new Divergence(`A row has ${name} ${JSON.stringify(value)}.`);
  return BigInt(value);
}

/** Per token: what was minted less what was burned is what the accounts have, on hold or not. No balance is negative. */
export function requireMoneyAddsUp(rows: ObservedRows, state: ModelState): void {
  const sums = new Map<unknown, bigint>();
  for (const row of rows.all("account")) {
    const all = unitsOf(row, "balance") + unitsOf(row, "onHold") + unitsOf(row, "onHoldBurn");
    sums.set(row["tokenId"], (sums.get(row["tokenId"]) ?? 0n) + all);
  }
  for (const id of state.tokens.keys()) {
    const supply = rows.one("supply", id) ?? { minted: 0, burned: 0 };
    requireEqual(
      `Balances of ${id}`,
      String(sums.get(id) ?? 0n),
      String(unitsOf(supply, "minted") - unitsOf(supply, "burned")),
    );
  }
}

/** After a transfer or hold the payer's sums of the day are within its limits, and belong to the day of the call. */
export function requireWithinDay(rows: ObservedRows, state: ModelState, { fn, args, caller, timeMs }: Operation): void {
  if (!/^(transfer|bulkTransfer|hold)Tokens$/.test(fn)) return;
  const payer = state.accounts.find(({ owner, token }) => isOf({ owner }, caller) && token?.id === args["tokenId"]);
  const row = rows.one("account", payer?.id ?? "");
  if (payer?.token === undefined || row === undefined) throw new Divergence(`No row of the payer of ${fn}.`);
  requireEqual("Day of the sums", row["day"], `${new Date(timeMs).toISOString().slice(0, 10)}T00:00:00.000Z`);
  const amountMax = toUnits(String(row["maxDailyAmount"]), payer.token.decimals);
  const countMax = unitsOf(row, "maxDailyTransactions");
  const isWithin = amountMax === 0n || unitsOf(row, "dailyAmount") <= amountMax;
  if (!isWithin || (countMax > 0n && unitsOf(row, "dailyTransactions") > countMax)) {
    throw new Divergence(`${fn} went beyond a daily limit of ${payer.id}.`);
  }
}
