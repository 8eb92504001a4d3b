import type { ApprovalJson } from "./answers.ts";
import type { Arguments } from "./arguments.ts";
import { authorize, type Call, type Ground, isSameUser, orgAdmin, tokenAdmin } from "./callers.ts";
import { requireCompliance, requireUnrestricted } from "./compliance.ts";
import { tokenFunction } from "./function.ts";
import { parseApprovalTransactionId, toApprovalTransactionId } from "./ids.ts";
import { readSides, requireOperation, requirePending, requireUnexpired } from "./operations.ts";
import { requireAccount, requireToken } from "./parties.ts";
import { refuse, refuseMember } from "./refusals.ts";
import { readAccount, readApproval, rowKeys, type StoredApproval, type StoredHold, writeHold } from "./rows.ts";

/** The next approval of a hold, by the approver whose turn it is. */
export const approveTransaction = tokenFunction(
  "approveTransaction",
  readOperation,
  async (call, { tokenId: givenTokenId, operationId }): Promise<ApprovalJson> => {
    const tokenId = givenTokenId ?? (await findToken(call, operationId));
    const token = await requireToken(call, tokenId);
    const hold = await requireOperation(call, token, operationId, "transfer");
    const place = requirePlace(call, hold);
    const approver = await requireAccount(call, call.caller, tokenId);
    requirePending(hold);
    requireUnexpired(call, hold);
    if (place < hold.approvals) refuse("APPROVAL_REPEATED");
    if (place > hold.approvals) refuse("APPROVAL_OUT_OF_TURN");
    const { from, to } = await readSides(call, hold);
    await requireCompliance(call, from, to);
    await requireUnrestricted(call, hold.quantity, token, from, to);
    const approval: StoredApproval = {
      fromAccountId: from.accountId,
      toAccountId: to.accountId,
      totalApprovals: hold.approvals + 1,
      timestamp: new Date(call.timeMs).toISOString(),
    };
    call.unit.write(rowKeys.approval(call.unit, operationId, approver.accountId), approval);
    await writeHold(call.unit, { ...hold, approvals: hold.approvals + 1 });
    return toJson(operationId, approver.accountId, approval);
  },
);

/** For token admins, and for org admins of the payer, the payee or the approver. */
export const getApprovalTransactionsById = tokenFunction(
  "getApprovalTransactionsById",
  (members) => members.reference("id"),
  async (call, id): Promise<ApprovalJson> => {
    const [operationId, accountId] = parseApprovalTransactionId(id) ?? ["", ""];
    const approval = operationId === "" ? undefined : await readApproval(call.unit, operationId, accountId);
    await authorize(call, tokenAdmin, ...(await groundsOf(call, accountId, approval)));
    return approval === undefined ? refuse("APPROVAL_UNKNOWN") : toJson(operationId, accountId, approval);
  },
);

/** An operation is named by its id alone when only one token has it; who approves is the caller, whatever is said beside. */
function readOperation(members: Arguments) {
  const tokenId = members.has("tokenId") ? members.tokenId() : undefined;
  for (const name of ["orgId", "userId"]) if (members.has(name)) members.text(name);
  return { tokenId, operationId: members.operationId() };
}

async function findToken({ unit }: Call, operationId: string): Promise<string> {
  const [first, second] = await unit.scan("hold", operationId);
  if (second !== undefined) refuseMember("tokenId", "is missing, and several tokens have this operation");
  return first?.attributes[1] ?? refuse("OPERATION_UNKNOWN");
}

/** The caller's place in the order. @throws ContractRefusal NOT_AN_APPROVER */
function requirePlace({ caller }: Call, { approvers }: StoredHold): number {
  const place = approvers.findIndex((approver) => isSameUser(approver, caller));
  return place === -1 ? refuse("NOT_AN_APPROVER") : place;
}

async function groundsOf(
  { unit }: Call,
  accountId: string,
  approval: StoredApproval | undefined,
): Promise<readonly Ground[]> {
  if (approval === undefined) return [];
  const accounts = [approval.fromAccountId, approval.toAccountId, accountId].map((each) => readAccount(unit, each));
  return (await Promise.all(accounts)).map((account) => orgAdmin(account?.org ?? ""));
}

function toJson(operationId: string, approverAccountId: string, approval: StoredApproval): ApprovalJson {
  return {
    assetType: "ApprovalTransactions",
    approvalTransactionId: toApprovalTransactionId(operationId, approverAccountId),
    approvalOperationId: operationId,
    fromAccountId: approval.fromAccountId,
    toAccountId: approval.toAccountId,
    approverAccountId,
    totalApprovals: approval.totalApprovals,
    timestamp: approval.timestamp,
  };
}
