import type { ContractFunction } from "@concordat/ledger/contract-api";
import type { MessageJson, UserJson } from "./answers.ts";
import type { Arguments } from "./arguments.ts";
import { adminsOf, authorize, type Call, type Ground, isOfficer, isSameUser, tokenAdmin } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import { tokenLimits } from "./limits.ts";
import { refuse } from "./refusals.ts";
import { hasRowAt, type OfficerKind, present, rowKeys, type User } from "./rows.ts";

const kindNames: Readonly<Record<OfficerKind, string>> = {
  tokenAdmin: "Token Admin",
  tokenAuditor: "Token Auditor",
  orgAdmin: "Org Admin",
  orgAuditor: "Org Auditor",
};

/** Makes the first token admins. Whoever calls first: the one who brings the contract onto the channel. */
export const init = tokenFunction("init", readAdminList, async ({ unit }, admins) => {
  const key = rowKeys.initialized(unit);
  if (await hasRowAt(unit, key)) refuse("ALREADY_INITIALIZED");
  unit.write(key, present);
  for (const admin of admins) unit.write(rowKeys.officer(unit, "tokenAdmin", admin), present);
  return "";
});

export const addTokenAdmin = adder("addTokenAdmin", "tokenAdmin", () => [tokenAdmin]);
export const addTokenAuditor = adder("addTokenAuditor", "tokenAuditor", () => [tokenAdmin]);
export const addOrgAdmin = adder("addOrgAdmin", "orgAdmin", ({ org }) => adminsOf(org));
export const addOrgAuditor = adder("addOrgAuditor", "orgAuditor", ({ org }) => adminsOf(org));

/** So one token admin at least always remains. */
export const removeTokenAdmin = remover("removeTokenAdmin", "tokenAdmin", () => [tokenAdmin]);
export const removeTokenAuditor = remover("removeTokenAuditor", "tokenAuditor", () => [tokenAdmin]);
export const removeOrgAdmin = remover("removeOrgAdmin", "orgAdmin", ({ org }) => adminsOf(org));
export const removeOrgAuditor = remover("removeOrgAuditor", "orgAuditor", ({ org }) => adminsOf(org));

export const isTokenAdmin = tokenFunction("isTokenAdmin", readUser, async (call, user) => {
  await authorize(call, tokenAdmin);
  return { result: await isOfficer(call.unit, "tokenAdmin", user) };
});

function readAdminList(members: Arguments): readonly User[] {
  return members.objects("adminList", 1, tokenLimits.adminsMax).map((admin) => admin.user("org_id", "user_id"));
}

function readUser(members: Arguments): User {
  return members.user();
}

/** Adding one again changes nothing. */
function adder(name: string, kind: OfficerKind, grounds: (user: User) => readonly Ground[]): ContractFunction {
  return tokenFunction(name, readUser, async (call, user): Promise<MessageJson> => {
    await authorize(call, ...grounds(user));
    if (await isOfficer(call.unit, kind, user)) {
      return { msg: `User ${printUser(user)} is already ${kindNames[kind]}.` };
    }
    call.unit.write(rowKeys.officer(call.unit, kind, user), present);
    return { msg: `Successfully added ${kindNames[kind]} ${printUser(user)}` };
  });
}

function remover(name: string, kind: OfficerKind, grounds: (user: User) => readonly Ground[]): ContractFunction {
  return tokenFunction(name, readUser, async (call, user): Promise<MessageJson> => {
    await authorize(call, ...grounds(user));
    await requireRemovable(call, kind, user);
    call.unit.remove(rowKeys.officer(call.unit, kind, user));
    return { msg: `Successfully removed ${kindNames[kind]} ${printUser(user)}` };
  });
}

async function requireRemovable({ unit, caller }: Call, kind: OfficerKind, user: User): Promise<void> {
  if (!(await isOfficer(unit, kind, user))) refuse("OFFICER_UNKNOWN", `The user is no ${kindNames[kind]}.`);
  if (kind === "tokenAdmin" && isSameUser(user, caller)) refuse("SELF_REMOVAL");
}

function printUser({ org, user }: User): string {
  return `(Org_Id: ${org}, User_Id: ${user})`;
}

export function userToJson({ org, user }: User): UserJson {
  return { org_id: org, user_id: user };
}
