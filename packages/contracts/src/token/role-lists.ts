import { accountToTokenUser } from "./account-lists.ts";
import type { Arguments } from "./arguments.ts";
import { authorize, type Call, officersOf, tokenOfficers } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import { requireAccountById } from "./parties.ts";
import { requireTokenRole } from "./roles.ts";
import type { StoredAccount } from "./rows.ts";

// Lists are ascending by account id.

export const getAccountsByRole = tokenFunction("getAccountsByRole", readRole, async (call, given) => {
  await authorize(call, ...tokenOfficers);
  return { accounts: (await readHolders(call, given)).map(({ accountId }) => accountId) };
});

export const getUsersByRole = tokenFunction("getUsersByRole", readRole, async (call, given) => {
  await authorize(call, ...tokenOfficers);
  return { users: (await readHolders(call, given)).map(accountToTokenUser) };
});

export const getOrgAccountsByRole = tokenFunction("getOrgAccountsByRole", readRoleInOrg, async (call, given) => {
  await authorize(call, ...officersOf(given.org));
  return { accounts: (await readHolders(call, given, given.org)).map(({ accountId }) => accountId) };
});

export const getOrgUsersByRole = tokenFunction("getOrgUsersByRole", readRoleInOrg, async (call, given) => {
  await authorize(call, ...officersOf(given.org));
  return { users: (await readHolders(call, given, given.org)).map(accountToTokenUser) };
});

interface RoleOfToken {
  readonly tokenId: string;
  readonly role: string;
}

function readRole(members: Arguments): RoleOfToken {
  return { tokenId: members.tokenId(), role: members.reference("role") };
}

function readRoleInOrg(members: Arguments): RoleOfToken & { readonly org: string } {
  return { ...readRole(members), org: members.id("orgId") };
}

async function readHolders(
  call: Call,
  { tokenId, role }: RoleOfToken,
  org?: string,
): Promise<readonly StoredAccount[]> {
  const known = await requireTokenRole(call, tokenId, role);
  const rows = await call.unit.scan("role", tokenId, known);
  const accounts = await Promise.all(
    rows.map(({ attributes: [, , accountId = ""] }) => requireAccountById(call, accountId)),
  );
  return accounts.filter((account) => org === undefined || account.org === org);
}
