import { unitsToText } from "./amounts.ts";
import type { MessageJson, TransactionType } from "./answers.ts";
import { type Call, isSameUser } from "./callers.ts";
import { writeAccountWithHistory, writeMovement } from "./movements.ts";
import {
  closeOperation,
  holdToInfo,
  type NewOperation,
  readSides,
  requireNewOperation,
  requireNotary,
  requireOperation,
  requireOwnAndNotary,
  requirePending,
  requireUnexpired,
  type Sides,
} from "./operations.ts";
import { requireActive, requireDistinct, requireRole, requireToken, type TokenRole } from "./parties.ts";
import { refuse } from "./refusals.ts";
import type { Info, StoredAccount, StoredHold, StoredToken } from "./rows.ts";
import { isExpired } from "./times.ts";

/** What requests to mint and to burn have in common. */
export interface RequestOf {
  readonly tokenId: string;
  readonly operationId: string;
}

export interface OpenRequest {
  readonly token: StoredToken;
  readonly hold: StoredHold;
  readonly sides: Sides;
}

/** Everything about a new request but its amount: the requester is the caller. */
export async function requireRequestable(
  call: Call,
  given: NewOperation,
  role: TokenRole,
): Promise<{ readonly token: StoredToken; readonly own: StoredAccount; readonly notary: StoredAccount }> {
  const token = await requireToken(call, given.tokenId);
  const { own, notary } = await requireOwnAndNotary(call, given);
  await requireRole(call, own, role);
  requireDistinct(own, notary);
  await requireActive(call, own, notary);
  await requireRole(call, notary, "notary");
  await requireNewOperation(call, given);
  return { token, own, notary };
}

/** A request that the caller may approve now. The requester must be active still; its role counted when it asked. */
export async function openForApproval(call: Call, type: "mint" | "burn", given: RequestOf): Promise<OpenRequest> {
  const request = await openRequest(call, type, given);
  await requireNotary(call, request.sides);
  requirePending(request.hold);
  requireUnexpired(call, request.hold);
  await requireActive(call, request.sides.from, request.sides.notary);
  return request;
}

/** A request that the caller may reject now: its notary at any time, its requester when it has expired. */
export async function openForRejection(call: Call, type: "mint" | "burn", given: RequestOf): Promise<OpenRequest> {
  const request = await openRequest(call, type, given);
  const { hold, sides } = request;
  if (![sides.notary, sides.from].some((account) => isSameUser(account, call.caller))) refuse("NOT_THE_NOTARY");
  requirePending(hold);
  if (!isExpired(hold.expiration, call.timeMs)) await requireNotary(call, sides);
  return request;
}

async function openRequest(
  call: Call,
  type: "mint" | "burn",
  { tokenId, operationId }: RequestOf,
): Promise<OpenRequest> {
  const token = await requireToken(call, tokenId);
  const hold = await requireOperation(call, token, operationId, type);
  return { token, hold, sides: await readSides(call, hold) };
}

export interface Step {
  readonly type: Exclude<TransactionType, "TRANSFER">;
  readonly token: StoredToken;
  readonly units: number;
  readonly info: Info;
  readonly notaryAccountId: string;
}

/** Writes the requester's account as it is after a step of its request, with its records. */
export async function writeStep(call: Call, account: StoredAccount, step: Step): Promise<void> {
  const { type, token, units, info, notaryAccountId } = step;
  const sides = { from: account, to: account, alsoAccountIds: [notaryAccountId] };
  const transactionId = writeMovement(call, { type, token, units, info, ...sides });
  await writeAccountWithHistory(call, account, { type, transactionId, token, units, info, other: account });
}

/** The last step of a request. */
export async function finishRequest(
  call: Call,
  { token, hold, sides }: OpenRequest,
  type: Step["type"],
  account: StoredAccount,
): Promise<void> {
  const notaryAccountId = sides.notary.accountId;
  await writeStep(call, account, { type, token, units: hold.quantity, info: holdToInfo(hold), notaryAccountId });
  await closeOperation(call, hold, type.startsWith("APPROVE") ? "approved" : "rejected");
}

export function printRejection({ token, hold }: OpenRequest): MessageJson {
  const { type, operationId, quantity, tokenId } = hold;
  const tokens = `${unitsToText(quantity, token.decimals)} tokens of token id ${tokenId}`;
  return { msg: `Successfully rejected ${type} request with Operation Id '${operationId}' to ${type} ${tokens}` };
}
