import { type Arguments, type ModelCall, requireToken, requireTokenAdmin, text, tokenIdOf } from "./checks.fixture.ts";
import { no } from "./no.fixture.ts";
import type { ModelState } from "./state.fixture.ts";

type Run = (state: ModelState, call: ModelCall, args: Arguments) => void;

/** The approvals' ids that the contract must know. */
export function approvalIds(state: ModelState): readonly string[] {
  return [...state.holds.values()].flatMap(({ operationId, approved }) => {
    return approved.map(({ id }) => `${operationId}~${id}`);
  });
}

const getApprovalTransactionsById: Run = (state, _call, args) => {
  if (!approvalIds(state).includes(text(args, "id"))) no("APPROVAL_UNKNOWN");
};

const getTransactionById: Run = (state, _call, args) => {
  if (!state.transactionIds.includes(text(args, "transactionId"))) no("TRANSACTION_UNKNOWN");
};

const getNetTokens: Run = (state, call, args) => {
  const tokenId = tokenIdOf(args);
  requireTokenAdmin(state, call);
  requireToken(state, tokenId);
};

/** Some reads among the changes, by a token admin: what they answer is compared elsewhere. */
export const reads: Readonly<Record<string, Run>> = { getApprovalTransactionsById, getTransactionById, getNetTokens };
