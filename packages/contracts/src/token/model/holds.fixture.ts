import {
  type Arguments,
  expiryOf,
  isOf,
  type ModelCall,
  person,
  requireAccount,
  requireActive,
  requireNotary,
  requireRole,
  requireToken,
  text,
  tokenIdOf,
} from "./checks.fixture.ts";
import { requireAmountForm, toPositiveUnits } from "./money.fixture.ts";
import { countDaily, note, requireBalance, requireDailyRoom } from "./movements.fixture.ts";
import { no } from "./no.fixture.ts";
import { isExpired, isOfCaller, requireHold } from "./operations-found.fixture.ts";
import { approversOf, requireCompliance, requireUnrestricted } from "./policies.fixture.ts";
import { holdKey, isPending, type ModelHold, type ModelState } from "./state.fixture.ts";

type Run = (state: ModelState, call: ModelCall, args: Arguments) => void;

const holdTokens: Run = (state, call, args) => {
  const tokenId = tokenIdOf(args);
  const operationId = text(args, "operationId");
  const [to, notaryPerson] = [person(args, "toOrgId", "toUserId"), person(args, "notaryOrgId", "notaryUserId")];
  const quantity = requireAmountForm(args["quantity"]);
  const expiresMs = expiryOf(args);
  const token = requireToken(state, tokenId);
  const payer = requireAccount(state, token, call.caller);
  const payee = requireAccount(state, token, to);
  const notary = requireAccount(state, token, notaryPerson);
  if (new Set([payer, payee, notary]).size < 3) no("SAME_ACCOUNT");
  requireActive(payer, payee, notary);
  requireRole(notary, "notary");
  if (state.holds.has(holdKey(tokenId, operationId))) no("OPERATION_EXISTS");
  if (expiresMs !== undefined && expiresMs <= call.timeMs) no("EXPIRATION_IN_PAST");
  requireCompliance(state, payer, payee);
  const amount = toPositiveUnits(quantity, token.decimals);
  requireUnrestricted(state, amount, payer, payee);
  requireBalance(payer, amount);
  requireDailyRoom(payer, amount, 1, call.timeMs);
  payer.balance -= amount;
  payer.onHold += amount;
  countDaily(payer, amount, 1, call.timeMs);
  const approvers = approversOf(state, payer, amount);
  const hold = { kind: "transfer", operationId, token, payer, payee, notary, amount, expiresMs } as const;
  state.holds.set(holdKey(tokenId, operationId), { ...hold, approvers, approved: [], status: "pending" });
  note(payer, "ONHOLD", amount, call.timeMs, payee);
};

/** The token may be left out when only one has an operation of this id, whatever its kind. */
function findHold(state: ModelState, args: Arguments): ModelHold {
  if (args["tokenId"] !== undefined) return requireHold(state, args, "transfer");
  const operationId = text(args, "operationId");
  const [only, ...others] = [...state.holds.values()].filter((hold) => hold.operationId === operationId);
  if (others.length > 0) no("ARGUMENT_INVALID");
  return only?.kind === "transfer" ? only : no("OPERATION_UNKNOWN");
}

const approveTransaction: Run = (state, call, args) => {
  const hold = findHold(state, args);
  const { payer, payee, token, approvers, approved, amount } = hold;
  if (!approvers.some((each) => isSame(each, call.caller))) no("NOT_AN_APPROVER");
  const approver = requireAccount(state, token, call.caller);
  if (!isPending(hold)) no("OPERATION_NOT_PENDING");
  if (isExpired(hold, call.timeMs)) no("OPERATION_EXPIRED");
  if (approved.some((each) => isOf(each, call.caller))) no("APPROVAL_REPEATED");
  const next = approvers[approved.length];
  if (next === undefined || !isSame(next, call.caller)) no("APPROVAL_OUT_OF_TURN");
  requireCompliance(state, payer, payee);
  requireUnrestricted(state, amount, payer, payee);
  approved.push(approver);
};

const isSame = (one: { org: string; user: string }, other: { org: string; user: string }) => {
  return one.org === other.org && one.user === other.user;
};

const executeHoldTokens: Run = (state, call, args) => {
  const quantity = requireAmountForm(args["quantity"]);
  const hold = requireHold(state, args, "transfer");
  const { payer, payee, notary, token } = hold;
  requireNotary(notary, call);
  if (!isPending(hold)) no("OPERATION_NOT_PENDING");
  if (isExpired(hold, call.timeMs)) no("OPERATION_EXPIRED");
  if (hold.approved.length < hold.approvers.length) no("APPROVAL_MISSING");
  requireActive(payer, payee, notary);
  requireCompliance(state, payer, payee);
  const amount = toPositiveUnits(quantity, token.decimals);
  if (amount > hold.amount) no("HOLD_EXCEEDED");
  requireUnrestricted(state, amount, payer, payee);
  payer.onHold -= hold.amount;
  payer.balance += hold.amount - amount;
  payee.balance += amount;
  hold.status = "completed";
  note(payer, "EXECUTEHOLD", amount, call.timeMs, payee);
  note(payee, "CREDIT", amount, call.timeMs, payer);
};

const releaseHoldTokens: Run = (state, call, args) => {
  const hold = requireHold(state, args, "transfer");
  const { payer, payee, notary } = hold;
  if (![payer, payee, notary].some((account) => isOfCaller(account, call))) no("NOT_A_PARTY");
  if (!isPending(hold)) no("OPERATION_NOT_PENDING");
  if (!isExpired(hold, call.timeMs)) requireNotary(notary, call);
  payer.onHold -= hold.amount;
  payer.balance += hold.amount;
  hold.status = "released";
  note(payer, "RELEASEHOLD", hold.amount, call.timeMs, payer);
};

export const holds: Readonly<Record<string, Run>> = {
  holdTokens,
  approveTransaction,
  executeHoldTokens,
  releaseHoldTokens,
};
