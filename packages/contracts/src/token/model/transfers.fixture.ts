import {
  type Arguments,
  list,
  type ModelCall,
  person,
  requireAccount,
  requireActive,
  requireToken,
  tokenIdOf,
} from "./checks.fixture.ts";
import { requireAmountForm, toPositiveUnits } from "./money.fixture.ts";
import { countDaily, note, requireBalance, requireDailyRoom, requireSumFits } from "./movements.fixture.ts";
import { no } from "./no.fixture.ts";
import { requireCompliance, requireUnrestricted } from "./policies.fixture.ts";
import type { ModelState } from "./state.fixture.ts";

type Run = (state: ModelState, call: ModelCall, args: Arguments) => void;

const transferTokens: Run = (state, call, args) => {
  const tokenId = tokenIdOf(args);
  const to = person(args, "toOrgId", "toUserId");
  const quantity = requireAmountForm(args["quantity"]);
  const token = requireToken(state, tokenId);
  const payer = requireAccount(state, token, call.caller);
  const payee = requireAccount(state, token, to);
  if (payer === payee) no("SAME_ACCOUNT");
  requireActive(payer, payee);
  requireCompliance(state, payer, payee);
  const amount = toPositiveUnits(quantity, token.decimals);
  requireUnrestricted(state, amount, payer, payee);
  requireBalance(payer, amount);
  requireDailyRoom(payer, amount, 1, call.timeMs);
  payer.balance -= amount;
  payee.balance += amount;
  countDaily(payer, amount, 1, call.timeMs);
  note(payer, "DEBIT", amount, call.timeMs, payee);
  note(payee, "CREDIT", amount, call.timeMs, payer);
};

/** One after the other, all or none: each part counts as a transfer of its own. */
const bulkTransferTokens: Run = (state, call, args) => {
  const tokenId = tokenIdOf(args);
  const parts = list(args, "flow").map((each) => {
    return { to: person(each, "to_org_id", "to_user_id"), quantity: requireAmountForm(each["quantity"]) };
  });
  if (parts.length === 0) no("ARGUMENT_INVALID");
  const token = requireToken(state, tokenId);
  const payer = requireAccount(state, token, call.caller);
  const payees = parts.map(({ to }) => requireAccount(state, token, to));
  if (payees.includes(payer)) no("SAME_ACCOUNT");
  requireActive(payer, ...payees);
  requireCompliance(state, payer, ...payees);
  const amounts = parts.map(({ quantity }) => toPositiveUnits(quantity, token.decimals));
  const sum = amounts.reduce((total, amount) => total + amount, 0n);
  requireSumFits(sum);
  for (const [index, payee] of payees.entries()) requireUnrestricted(state, amounts[index] ?? 0n, payer, payee);
  requireBalance(payer, sum);
  requireDailyRoom(payer, sum, parts.length, call.timeMs);
  payer.balance -= sum;
  for (const [index, payee] of payees.entries()) {
    const amount = amounts[index] ?? 0n;
    payee.balance += amount;
    note(payee, "CREDIT", amount, call.timeMs, payer);
  }
  countDaily(payer, sum, parts.length, call.timeMs);
  note(payer, "BULKTRANSFER", sum, call.timeMs, undefined);
};

export const transfers: Readonly<Record<string, Run>> = { transferTokens, bulkTransferTokens };
