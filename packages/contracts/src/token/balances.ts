import type { ContractFunction } from "@concordat/ledger/contract-api";
import { openToRead, readAccountOf } from "./account-lists.ts";
import { unitsToNumber, unitsToText } from "./amounts.ts";
import { tokenFunction } from "./function.ts";
import type { StoredAccount } from "./rows.ts";

type Amount = "balance" | "onHold" | "onHoldBurn";

export const getAccountBalance = reader("getAccountBalance", "balance", "Current Balance is", "user_balance");
export const getAccountOnHoldBalance = reader(
  "getAccountOnHoldBalance",
  "onHold",
  "Total Holding Balance is",
  "holding_balance",
);
export const getAccountOnHoldBurnBalance = reader(
  "getAccountOnHoldBurnBalance",
  "onHoldBurn",
  "Total On Hold Burning Balance is",
  "onhold_burn_balance",
);

function reader(name: string, amount: Amount & keyof StoredAccount, words: string, member: string): ContractFunction {
  return tokenFunction(name, readAccountOf, async (call, given) => {
    const { token, account } = await openToRead(call, given);
    const units = account[amount];
    return {
      msg: `${words}: ${unitsToText(units, token.decimals)}`,
      [member]: unitsToNumber(units, token.decimals),
    };
  });
}
