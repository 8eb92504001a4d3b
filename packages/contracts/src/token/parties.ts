import { type Call, isSameUser } from "./callers.ts";
import { refuse } from "./refusals.ts";
import {
  hasRowAt,
  readAccount,
  readOwnedAccountId,
  readStatus,
  readToken,
  rowKeys,
  type StoredAccount,
  type StoredToken,
  type User,
} from "./rows.ts";

export const tokenRoles = ["minter", "burner", "notary"] as const;
export type TokenRole = (typeof tokenRoles)[number];

/** @throws ContractRefusal TOKEN_UNKNOWN */
export async function requireToken({ unit }: Call, tokenId: string): Promise<StoredToken> {
  return (await readToken(unit, tokenId)) ?? refuse("TOKEN_UNKNOWN");
}

/** The user's account for the token. @throws ContractRefusal ACCOUNT_UNKNOWN, ACCOUNT_NOT_ASSOCIATED */
export async function requireAccount(call: Call, user: User, tokenId: string): Promise<StoredAccount> {
  const accountId = await readOwnedAccountId(call.unit, user, tokenId);
  if (accountId !== undefined) return requireAccountById(call, accountId);
  const accounts = await call.unit.scan("user", user.org, user.user);
  return refuse(accounts.length === 0 ? "ACCOUNT_UNKNOWN" : "ACCOUNT_NOT_ASSOCIATED");
}

/** @throws ContractRefusal ACCOUNT_UNKNOWN */
export async function requireAccountById({ unit }: Call, accountId: string): Promise<StoredAccount> {
  return (await readAccount(unit, accountId)) ?? refuse("ACCOUNT_UNKNOWN");
}

/** @throws ContractRefusal ACCOUNT_SUSPENDED, ACCOUNT_DELETED of the first account that is not active */
export async function requireActive({ unit }: Call, ...accounts: readonly StoredAccount[]): Promise<void> {
  for (const { accountId } of accounts) {
    const status = await readStatus(unit, accountId);
    if (status === "suspended") refuse("ACCOUNT_SUSPENDED", `The account ${accountId} is suspended.`);
    if (status === "deleted") refuse("ACCOUNT_DELETED", `The account ${accountId} is deleted.`);
  }
}

/** @throws ContractRefusal ACCOUNT_DELETED */
export async function requireNotDeleted({ unit }: Call, { accountId }: StoredAccount): Promise<void> {
  if ((await readStatus(unit, accountId)) === "deleted") refuse("ACCOUNT_DELETED");
}

export function hasRole({ unit }: Call, { tokenId, accountId }: StoredAccount, role: string): Promise<boolean> {
  return hasRowAt(unit, rowKeys.role(unit, tokenId, role, accountId));
}

/** @throws ContractRefusal ROLE_MISSING */
export async function requireRole(call: Call, account: StoredAccount, role: TokenRole): Promise<void> {
  if (!(await hasRole(call, account, role))) {
    refuse("ROLE_MISSING", `The account ${account.accountId} lacks the role ${role}.`);
  }
}

/** @throws ContractRefusal SAME_ACCOUNT when one account is named twice */
export function requireDistinct(...accounts: readonly StoredAccount[]): void {
  if (new Set(accounts.map(({ accountId }) => accountId)).size < accounts.length) refuse("SAME_ACCOUNT");
}

export async function isOwnerOf(call: Call, accountId: string): Promise<boolean> {
  const account = await readAccount(call.unit, accountId);
  return account !== undefined && isSameUser(account, call.caller);
}

/** As messages name the owner of an account. */
export function printOwner({ org, user }: User): string {
  return `(Org-Id: ${org}, User-Id: ${user})`;
}

/** Some messages of the document have a space before the comma. */
export function printOwnerSpaced({ org, user }: User): string {
  return `(Org-Id: ${org} , User-Id: ${user})`;
}
