/**
 * The rows of the token contract. All keys are composite and all values JSON; amounts are whole numbers of the token's smallest unit.
 *
 * - `initialized()`: there when the contract has its first token admins.
 * - `officer(kind, organization, user)`: there when the user is an admin or auditor of this kind; an org admin or auditor is one of its own organization.
 * - `token(token id)`: a token.
 * - `supply(token id)`: what was minted and burned of it, ever. Minted less burned is the sum of all balances of its accounts, on hold or not.
 * - `account(account id)`: an account, with the number of its history records.
 * - `user(organization, user, account id)`: there for each account of a user.
 * - `owner(organization, user, token id)`: the id of the user's account for the token.
 * - `status(account id)`: the status of an account that has a token.
 * - `role(token id, role, account id)`: there when the account has the role.
 * - `hold(operation id, token id)`: a hold, or a request to mint or burn, pending or finished.
 * - `pending(account id, operation id)`: there while an operation of which this account pays, mints or burns is pending: its type.
 * - `approval(operation id, approver's account id)`: an approval of a hold.
 * - `accountpolicy(organization, user)` and `approvalpolicy(lower limit, upper limit)`: policies.
 * - `transaction(transaction id without its prefix)`: a movement, with those who may see it.
 * - `history(account id, number)`: a record of an account's history as it is answered, numbered from 0 in 12 digits, by time.
 */
import type { HistoryRecordJson, TransactionValueJson } from "./answers.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

export type OfficerKind = "tokenAdmin" | "tokenAuditor" | "orgAdmin" | "orgAuditor";
export type AccountStatus = "active" | "suspended" | "deleted";
export type OperationType = "transfer" | "mint" | "burn";
export type OperationStatus = "pending" | "completed" | "released" | "approved" | "rejected";

export interface User {
  readonly org: string;
  readonly user: string;
}

export interface StoredToken {
  readonly tokenId: string;
  readonly name: string;
  readonly description: string;
  readonly currency: string;
  /** A decimal number: currency units for one token. */
  readonly rate: string;
  readonly decimals: number;
  /** 0: no limit. */
  readonly maxMint: number;
}

export interface StoredSupply {
  readonly minted: number;
  readonly burned: number;
}

export interface StoredAccount extends User {
  readonly accountId: string;
  /** "" until the account is associated with a token. */
  readonly tokenId: string;
  readonly tokenName: string;
  readonly balance: number;
  readonly onHold: number;
  readonly onHoldBurn: number;
  /** In token units, since it is set before the token is known; "0": no limit. */
  readonly maxDailyAmount: string;
  /** 0: no limit. */
  readonly maxDailyTransactions: number;
  readonly dailyAmount: number;
  readonly dailyTransactions: number;
  /** Midnight UTC, in RFC 3339, of the day that the daily sums are of. */
  readonly day: string;
  readonly historyRecords: number;
  /** Transactions that changed the row since it was made. */
  readonly version: number;
}

export interface StoredStatus {
  readonly status: AccountStatus;
}

export interface Info {
  readonly category?: string;
  readonly description?: string;
}

export interface StoredHold extends Info {
  readonly operationId: string;
  readonly type: OperationType;
  readonly tokenId: string;
  readonly tokenName: string;
  readonly fromAccountId: string;
  /** Of requests to mint and burn: the same as from. */
  readonly toAccountId: string;
  readonly notaryAccountId: string;
  readonly quantity: number;
  /** As the caller gave it: "0", or an RFC 3339 time. */
  readonly expiration: string;
  readonly status: OperationStatus;
  /** In their order, fixed when the hold was made. The first `approvals` of them have approved. */
  readonly approvers: readonly User[];
  readonly approvals: number;
  readonly version: number;
}

export interface StoredApproval {
  readonly fromAccountId: string;
  readonly toAccountId: string;
  readonly totalApprovals: number;
  readonly timestamp: string;
}

export interface StoredAccountPolicy extends User {
  readonly kyc: boolean;
  readonly aml: boolean;
  readonly restricted: boolean;
  readonly riskScore: number;
}

export interface StoredApprovalPolicy {
  /** Exclusive, a decimal number of tokens without zeros at the end of its decimals. */
  readonly lower: string;
  /** Inclusive, likewise. */
  readonly upper: string;
  /** In their order. */
  readonly approvers: readonly User[];
}

export interface StoredTransaction {
  readonly trxId: string;
  readonly value: TransactionValueJson;
  /** The accounts that may see it. */
  readonly accountIds: readonly string[];
}

const NUMBER_DIGITS = 12;

const keysOf = {
  initialized: (unit: UnitOfWork) => unit.key("initialized"),
  officer: (unit: UnitOfWork, kind: OfficerKind, { org, user }: User) => unit.key("officer", kind, org, user),
  token: (unit: UnitOfWork, tokenId: string) => unit.key("token", tokenId),
  supply: (unit: UnitOfWork, tokenId: string) => unit.key("supply", tokenId),
  account: (unit: UnitOfWork, accountId: string) => unit.key("account", accountId),
  user: (unit: UnitOfWork, { org, user }: User, accountId: string) => unit.key("user", org, user, accountId),
  owner: (unit: UnitOfWork, { org, user }: User, tokenId: string) => unit.key("owner", org, user, tokenId),
  status: (unit: UnitOfWork, accountId: string) => unit.key("status", accountId),
  role: (unit: UnitOfWork, tokenId: string, role: string, accountId: string) =>
    unit.key("role", tokenId, role, accountId),
  hold: (unit: UnitOfWork, operationId: string, tokenId: string) => unit.key("hold", operationId, tokenId),
  pending: (unit: UnitOfWork, accountId: string, operationId: string) => unit.key("pending", accountId, operationId),
  approval: (unit: UnitOfWork, operationId: string, accountId: string) => unit.key("approval", operationId, accountId),
  accountPolicy: (unit: UnitOfWork, { org, user }: User) => unit.key("accountpolicy", org, user),
  approvalPolicy: (unit: UnitOfWork, lower: string, upper: string) => unit.key("approvalpolicy", lower, upper),
  transaction: (unit: UnitOfWork, id: string) => unit.key("transaction", id),
  history: (unit: UnitOfWork, accountId: string, number: number) =>
    unit.key("history", accountId, String(number).padStart(NUMBER_DIGITS, "0")),
};

export const rowKeys: Readonly<typeof keysOf> = keysOf;

export async function hasRowAt(unit: UnitOfWork, key: string): Promise<boolean> {
  return (await unit.read(key)) !== undefined;
}

/** What a row holds that only has to be there. */
export const present: object = {};

// Each row is written with the type that it is read as here: see the writers of its key.

/** @param tokenId "" of an account without token: no key has an empty part */
export async function readToken(unit: UnitOfWork, tokenId: string): Promise<StoredToken | undefined> {
  if (tokenId === "") return undefined;
  return (await unit.read(rowKeys.token(unit, tokenId))) as StoredToken | undefined;
}

export async function readSupply(unit: UnitOfWork, tokenId: string): Promise<StoredSupply> {
  const supply = (await unit.read(rowKeys.supply(unit, tokenId))) as StoredSupply | undefined;
  return supply ?? { minted: 0, burned: 0 };
}

export async function readAccount(unit: UnitOfWork, accountId: string): Promise<StoredAccount | undefined> {
  return (await unit.read(rowKeys.account(unit, accountId))) as StoredAccount | undefined;
}

export async function readOwnedAccountId(unit: UnitOfWork, user: User, tokenId: string): Promise<string | undefined> {
  const row = (await unit.read(rowKeys.owner(unit, user, tokenId))) as { readonly accountId: string } | undefined;
  return row?.accountId;
}

/** Active when there is no status row: the account has no token yet. */
export async function readStatus(unit: UnitOfWork, accountId: string): Promise<AccountStatus> {
  const row = (await unit.read(rowKeys.status(unit, accountId))) as StoredStatus | undefined;
  return row?.status ?? "active";
}

export async function readHold(
  unit: UnitOfWork,
  operationId: string,
  tokenId: string,
): Promise<StoredHold | undefined> {
  return (await unit.read(rowKeys.hold(unit, operationId, tokenId))) as StoredHold | undefined;
}

export async function readApproval(
  unit: UnitOfWork,
  operationId: string,
  accountId: string,
): Promise<StoredApproval | undefined> {
  return (await unit.read(rowKeys.approval(unit, operationId, accountId))) as StoredApproval | undefined;
}

export async function readAccountPolicy(unit: UnitOfWork, user: User): Promise<StoredAccountPolicy | undefined> {
  return (await unit.read(rowKeys.accountPolicy(unit, user))) as StoredAccountPolicy | undefined;
}

export async function readApprovalPolicy(
  unit: UnitOfWork,
  lower: string,
  upper: string,
): Promise<StoredApprovalPolicy | undefined> {
  return (await unit.read(rowKeys.approvalPolicy(unit, lower, upper))) as StoredApprovalPolicy | undefined;
}

export async function readTransaction(unit: UnitOfWork, id: string): Promise<StoredTransaction | undefined> {
  return (await unit.read(rowKeys.transaction(unit, id))) as StoredTransaction | undefined;
}

export async function readHistoryRecord(
  unit: UnitOfWork,
  accountId: string,
  number: number,
): Promise<HistoryRecordJson | undefined> {
  return (await unit.read(rowKeys.history(unit, accountId, number))) as HistoryRecordJson | undefined;
}

/** Counts the transactions that write the row, however often this one does. */
export async function writeAccount(unit: UnitOfWork, account: StoredAccount): Promise<StoredAccount> {
  const key = rowKeys.account(unit, account.accountId);
  const before = (await unit.committed(key)) as StoredAccount | undefined;
  const written = { ...account, version: before === undefined ? 0 : before.version + 1 };
  unit.write(key, written);
  return written;
}

/** Likewise. */
export async function writeHold(unit: UnitOfWork, hold: StoredHold): Promise<void> {
  const key = rowKeys.hold(unit, hold.operationId, hold.tokenId);
  const before = (await unit.committed(key)) as StoredHold | undefined;
  unit.write(key, { ...hold, version: before === undefined ? 0 : before.version + 1 });
}
