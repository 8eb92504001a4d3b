import type { MessageJson } from "./answers.ts";
import type { Arguments } from "./arguments.ts";
import { adminsOf, authorize, type Call, owner, tokenAdmin } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import {
  hasRole,
  printOwner,
  requireAccount,
  requireNotDeleted,
  requireToken,
  type TokenRole,
  tokenRoles,
} from "./parties.ts";
import { refuse } from "./refusals.ts";
import { present, rowKeys, type User } from "./rows.ts";

interface RoleOf {
  readonly tokenId: string;
  readonly role: string;
  readonly user: User;
}

/** Adding a role again changes nothing. */
export const addRole = tokenFunction("addRole", readRoleOf, async (call, given): Promise<MessageJson> => {
  await authorize(call, ...adminsOf(given.user.org));
  const { role, account, key } = await open(call, given);
  await requireNotDeleted(call, account);
  const name = `Account Id: ${account.accountId} ${printOwner(account)}`;
  if (await hasRole(call, account, role)) return { msg: `${name} already has role '${role}'` };
  call.unit.write(key, present);
  return { msg: `Successfully added role '${role}' to ${name}` };
});

export const removeRole = tokenFunction("removeRole", readRoleOf, async (call, given): Promise<MessageJson> => {
  await authorize(call, ...adminsOf(given.user.org));
  const { role, account, key } = await open(call, given);
  if (!(await hasRole(call, account, role))) refuse("ROLE_NOT_HELD");
  call.unit.remove(key);
  return {
    msg: `Successfully removed role '${role}' from Account Id: ${account.accountId} ${printOwner(account)}`,
  };
});

export const isInRole = tokenFunction("isInRole", readRoleOf, async (call, given) => {
  await authorize(call, tokenAdmin, owner(given.user));
  const { role, account } = await open(call, given);
  return { result: String(await hasRole(call, account, role)) };
});

/** @throws ContractRefusal TOKEN_UNKNOWN, ROLE_UNKNOWN */
export async function requireTokenRole(call: Call, tokenId: string, role: string): Promise<TokenRole> {
  await requireToken(call, tokenId);
  return tokenRoles.find((known) => known === role) ?? refuse("ROLE_UNKNOWN");
}

function readRoleOf(members: Arguments): RoleOf {
  return { tokenId: members.tokenId(), role: members.reference("role"), user: members.user() };
}

async function open(call: Call, { tokenId, role, user }: RoleOf) {
  const known = await requireTokenRole(call, tokenId, role);
  const account = await requireAccount(call, user, tokenId);
  return { role: known, account, key: rowKeys.role(call.unit, tokenId, known, account.accountId) };
}
