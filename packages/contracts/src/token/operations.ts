import { unitsToNumber } from "./amounts.ts";
import type { HoldJson } from "./answers.ts";
import type { Arguments } from "./arguments.ts";
import { type Call, isSameUser } from "./callers.ts";
import { toHoldingId } from "./ids.ts";
import { requireAccount, requireAccountById, requireRole } from "./parties.ts";
import { refuse } from "./refusals.ts";
import {
  type Info,
  type OperationStatus,
  type OperationType,
  readHold,
  rowKeys,
  type StoredAccount,
  type StoredHold,
  type StoredToken,
  type User,
  writeHold,
} from "./rows.ts";
import { isExpired } from "./times.ts";

/** The members of a hold, and of a request to mint or burn. */
export interface NewOperation {
  readonly tokenId: string;
  readonly operationId: string;
  readonly notary: User;
  readonly quantity: string;
  readonly expiration: string;
  readonly info: Info;
}

export function readNewOperation(members: Arguments): NewOperation {
  return {
    tokenId: members.tokenId(),
    operationId: members.operationId(),
    notary: members.user("notaryOrgId", "notaryUserId"),
    quantity: members.quantity(),
    expiration: members.expiration(),
    info: members.info(),
  };
}

/** The members that name an operation. */
export function readOperationOf(members: Arguments) {
  return { tokenId: members.tokenId(), operationId: members.operationId() };
}

/** @throws ContractRefusal OPERATION_EXISTS, EXPIRATION_IN_PAST */
export async function requireNewOperation(
  call: Call,
  { tokenId, operationId, expiration }: NewOperation,
): Promise<void> {
  if ((await readHold(call.unit, operationId, tokenId)) !== undefined) refuse("OPERATION_EXISTS");
  if (isExpired(expiration, call.timeMs)) refuse("EXPIRATION_IN_PAST");
}

export interface Sides {
  readonly from: StoredAccount;
  readonly to: StoredAccount;
  readonly notary: StoredAccount;
}

/** Writes a new operation, pending. */
export async function openOperation(
  { unit }: Call,
  token: StoredToken,
  type: OperationType,
  given: NewOperation,
  sides: Sides,
  quantity: number,
  approvers: readonly User[] = [],
): Promise<StoredHold> {
  const hold: StoredHold = {
    operationId: given.operationId,
    type,
    tokenId: token.tokenId,
    tokenName: token.name,
    fromAccountId: sides.from.accountId,
    toAccountId: sides.to.accountId,
    notaryAccountId: sides.notary.accountId,
    quantity,
    expiration: given.expiration,
    status: "pending",
    ...given.info,
    approvers,
    approvals: 0,
    version: 0,
  };
  await writeHold(unit, hold);
  unit.write(rowKeys.pending(unit, hold.fromAccountId, hold.operationId), { type });
  return hold;
}

export async function closeOperation({ unit }: Call, hold: StoredHold, status: OperationStatus): Promise<void> {
  await writeHold(unit, { ...hold, status });
  unit.remove(rowKeys.pending(unit, hold.fromAccountId, hold.operationId));
}

/** An operation of one of these types. @throws ContractRefusal OPERATION_UNKNOWN */
export async function requireOperation(
  { unit }: Call,
  { tokenId }: StoredToken,
  operationId: string,
  ...types: readonly OperationType[]
): Promise<StoredHold> {
  const hold = await readHold(unit, operationId, tokenId);
  return hold !== undefined && types.includes(hold.type) ? hold : refuse("OPERATION_UNKNOWN");
}

/** @throws ContractRefusal OPERATION_NOT_PENDING */
export function requirePending({ status }: StoredHold): void {
  if (status !== "pending") refuse("OPERATION_NOT_PENDING", `The operation is ${status}.`);
}

/** @throws ContractRefusal OPERATION_EXPIRED */
export function requireUnexpired({ timeMs }: Call, { expiration }: StoredHold): void {
  if (isExpired(expiration, timeMs)) refuse("OPERATION_EXPIRED");
}

export async function readSides(call: Call, hold: StoredHold): Promise<Sides> {
  return {
    from: await requireAccountById(call, hold.fromAccountId),
    to: await requireAccountById(call, hold.toAccountId),
    notary: await requireAccountById(call, hold.notaryAccountId),
  };
}

/** That the caller is the operation's notary, and a notary still. @throws ContractRefusal NOT_THE_NOTARY, ROLE_MISSING */
export async function requireNotary(call: Call, { notary }: Sides): Promise<void> {
  if (!isSameUser(call.caller, notary)) refuse("NOT_THE_NOTARY");
  await requireRole(call, notary, "notary");
}

/** The caller's account and the notary's, both of the token. @throws ContractRefusal ACCOUNT_UNKNOWN, ACCOUNT_NOT_ASSOCIATED */
export async function requireOwnAndNotary(call: Call, { tokenId, notary }: NewOperation) {
  const own = await requireAccount(call, call.caller, tokenId);
  return { own, notary: await requireAccount(call, notary, tokenId) };
}

export function holdToHoldingId({ tokenName, tokenId, operationId }: StoredHold): string {
  return toHoldingId(tokenName, tokenId, operationId);
}

export function holdToInfo({ category, description }: StoredHold): Info {
  return { ...(category === undefined ? {} : { category }), ...(description === undefined ? {} : { description }) };
}

export function holdToJson(hold: StoredHold, { decimals }: StoredToken): HoldJson {
  return {
    bapHoldVersion: hold.version,
    assetType: "ohold",
    holding_id: holdToHoldingId(hold),
    operation_id: hold.operationId,
    token_id: hold.tokenId,
    token_name: hold.tokenName,
    operation_type: hold.type,
    status: hold.status,
    from_account_id: hold.fromAccountId,
    to_account_id: hold.toAccountId,
    notary_account_id: hold.notaryAccountId,
    quantity: unitsToNumber(hold.quantity, decimals),
    time_to_expiration: hold.expiration,
    ...holdToInfo(hold),
  };
}
