import { accountToJson, accountToListedJson } from "./account-json.ts";
import type { AccountJson, AccountWithStatusJson, KeyedJson, ListedAccountJson, TokenUserJson } from "./answers.ts";
import type { Arguments } from "./arguments.ts";
import { anyOfficers, authorize, type Call, officersOf, owner, tokenOfficers } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import { requireAccount, requireAccountById, requireToken } from "./parties.ts";
import { refuse } from "./refusals.ts";
import { readAccount, readStatus, type StoredAccount, type User } from "./rows.ts";

export interface AccountOf {
  readonly tokenId: string;
  readonly user: User;
}

/** The members that name a user's account for a token. */
export function readAccountOf(members: Arguments): AccountOf {
  return { tokenId: members.tokenId(), user: members.user() };
}

/** For reads that the account's owner may make beside the officers. */
export async function authorizeToRead(call: Call, user: User): Promise<void> {
  await authorize(call, ...officersOf(user.org), owner(user));
}

/** The account and its token, for those who may read it. @throws ContractRefusal NOT_AUTHORIZED, TOKEN_UNKNOWN, ACCOUNT_UNKNOWN, ACCOUNT_NOT_ASSOCIATED */
export async function openToRead(call: Call, { tokenId, user }: AccountOf) {
  await authorizeToRead(call, user);
  const token = await requireToken(call, tokenId);
  return { token, account: await requireAccount(call, user, tokenId) };
}

export const getAccount = tokenFunction(
  "getAccount",
  readAccountOf,
  async (call, given): Promise<AccountWithStatusJson> => {
    const { account } = await openToRead(call, given);
    const { bapAccountVersion, assetType, ...rest } = await accountToJson(call, account);
    return { bapAccountVersion, assetType, status: await readStatus(call.unit, account.accountId), ...rest };
  },
);

/** Ascending by account id, like the other lists. */
export const getAccountsByUser = tokenFunction(
  "getAccountsByUser",
  (members) => members.user(),
  async (call, user): Promise<readonly AccountJson[]> => {
    await authorizeToRead(call, user);
    const accounts = await readAccountsOf(call, user.org, user.user);
    return Promise.all(accounts.map((account) => accountToJson(call, account)));
  },
);

export const getAllAccounts = tokenFunction(
  "getAllAccounts",
  () => undefined,
  async (call): Promise<readonly KeyedJson<ListedAccountJson>[]> => {
    await authorize(call, ...tokenOfficers);
    const rows = await call.unit.scan("account");
    // Only writeAccount writes rows of accounts.
    return toListed(
      call,
      rows.map(({ value }) => value as StoredAccount),
    );
  },
);

export const getAllOrgAccounts = tokenFunction(
  "getAllOrgAccounts",
  (members) => members.id("orgId"),
  async (call, org): Promise<readonly KeyedJson<ListedAccountJson>[]> => {
    await authorize(call, ...officersOf(org));
    return toListed(call, await readAccountsOf(call, org));
  },
);

export const getUserByAccountId = tokenFunction(
  "getUserByAccountId",
  (members) => members.reference("accountId"),
  async (call, accountId): Promise<TokenUserJson> => {
    const account = await readAccount(call.unit, accountId);
    await authorize(call, ...(account === undefined ? anyOfficers : officersOf(account.org)));
    return accountToTokenUser(account ?? refuse("ACCOUNT_UNKNOWN"));
  },
);

export function accountToTokenUser({ tokenId, user, org }: StoredAccount): TokenUserJson {
  return { token_id: tokenId, user_id: user, org_id: org };
}

async function readAccountsOf(call: Call, ...prefix: readonly string[]): Promise<readonly StoredAccount[]> {
  const rows = await call.unit.scan("user", ...prefix);
  const accounts = rows.map(({ attributes: [, , accountId = ""] }) => requireAccountById(call, accountId));
  return (await Promise.all(accounts)).sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
}

function toListed(call: Call, accounts: readonly StoredAccount[]): Promise<readonly KeyedJson<ListedAccountJson>[]> {
  const toKeyed = async (account: StoredAccount) => {
    return { key: account.accountId, valueJson: await accountToListedJson(call, account) };
  };
  return Promise.all(accounts.map(toKeyed));
}
