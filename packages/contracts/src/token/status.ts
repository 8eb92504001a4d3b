import type { ContractFunction } from "@concordat/ledger/contract-api";
import { statusToJson } from "./account-json.ts";
import { openToRead, readAccountOf } from "./account-lists.ts";
import type { AccountStatusJson } from "./answers.ts";
import { adminsOf, authorize, type Call, type Ground, tokenAdmin } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import { requireAccount, requireNotDeleted, requireToken } from "./parties.ts";
import { refuse } from "./refusals.ts";
import { type AccountStatus, readStatus, rowKeys, type StoredAccount, type StoredStatus } from "./rows.ts";

export const getAccountStatus = tokenFunction(
  "getAccountStatus",
  readAccountOf,
  async (call, given): Promise<AccountStatusJson> => {
    const { account } = await openToRead(call, given);
    return statusToJson(account, await readStatus(call.unit, account.accountId));
  },
);

export const activateAccount = setter("activateAccount", "active", adminsOf);
export const suspendAccount = setter("suspendAccount", "suspended", adminsOf);

/** Final: the account stays readable, and its user gets no other one for the token. */
export const deleteAccount = setter("deleteAccount", "deleted", () => [tokenAdmin], requireEmpty);

/** A status that the account has already is set without a change. */
function setter(
  name: string,
  status: AccountStatus,
  grounds: (org: string) => readonly Ground[],
  check: (call: Call, account: StoredAccount) => Promise<void> = async () => {},
): ContractFunction {
  return tokenFunction(name, readAccountOf, async (call, { tokenId, user }): Promise<AccountStatusJson> => {
    await authorize(call, ...grounds(user.org));
    await requireToken(call, tokenId);
    const account = await requireAccount(call, user, tokenId);
    await requireNotDeleted(call, account);
    await check(call, account);
    const row: StoredStatus = { status };
    const { unit } = call;
    if ((await readStatus(unit, account.accountId)) !== status) {
      unit.write(rowKeys.status(unit, account.accountId), row);
    }
    return statusToJson(account, status);
  });
}

async function requireEmpty({ unit }: Call, account: StoredAccount): Promise<void> {
  const hasTokens = account.balance + account.onHold + account.onHoldBurn > 0;
  if (hasTokens || (await unit.scan("pending", account.accountId)).length > 0) refuse("ACCOUNT_NOT_EMPTY");
}
