import type { Plan } from "./drafts.fixture.ts";
import { administrator } from "./founding.fixture.ts";
import { approvalIds } from "./reads.fixture.ts";

const getApprovalTransactionsById: Plan = ({ chance, state }) => {
  const known = chance.is(0.5) ? chance.oneOf(approvalIds(state)) : undefined;
  return { caller: administrator, args: { id: known ?? "op1~oaccount~none" } };
};

const getTransactionById: Plan = ({ chance, state }) => {
  const known = chance.is(0.5) ? chance.oneOf(state.transactionIds) : undefined;
  return { caller: administrator, args: { transactionId: known ?? `otransaction~${"0".repeat(64)}` } };
};

const getNetTokens: Plan = ({ chance, state }) => {
  const tokenId = chance.is(0.7) ? chance.oneOf([...state.tokens.keys()]) : undefined;
  return { caller: administrator, args: { tokenId: tokenId ?? "NONE" } };
};

/** By a token admin, who may read everything. */
export const readPlans: Readonly<Record<string, Plan>> = {
  getApprovalTransactionsById,
  getTransactionById,
  getNetTokens,
};
