import { userToJson } from "./admins.ts";
import type { UserJson } from "./answers.ts";
import { anyOfficers, authorize, type Call, isAllowed, tokenOfficers } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import type { OfficerKind } from "./rows.ts";

const nothing = () => undefined;

export const getAllTokenAdmins = tokenFunction("getAllTokenAdmins", nothing, async (call) => {
  await authorize(call, ...tokenOfficers);
  return { admins: await listOfficers(call, "tokenAdmin") };
});

export const getTokenAuditors = tokenFunction("getTokenAuditors", nothing, async (call) => {
  await authorize(call, ...tokenOfficers);
  return { auditors: await listOfficers(call, "tokenAuditor") };
});

export const getOrgAdmins = tokenFunction("getOrgAdmins", nothing, async (call) => {
  await authorize(call, ...anyOfficers);
  return { admins: await listOrgOfficers(call, "orgAdmin") };
});

/** The document prints "admins" here too. */
export const getOrgAuditors = tokenFunction("getOrgAuditors", nothing, async (call) => {
  await authorize(call, ...anyOfficers);
  return { admins: await listOrgOfficers(call, "orgAuditor") };
});

/** Those of all organizations for who may read all, of the caller's own for the others. */
async function listOrgOfficers(call: Call, kind: OfficerKind): Promise<readonly UserJson[]> {
  return (await isAllowed(call, tokenOfficers)) ? listOfficers(call, kind) : listOfficers(call, kind, call.caller.org);
}

async function listOfficers(
  { unit }: Call,
  kind: OfficerKind,
  ...org: readonly string[]
): Promise<readonly UserJson[]> {
  const rows = await unit.scan("officer", kind, ...org);
  return rows.map(({ attributes: [, of = "", user = ""] }) => userToJson({ org: of, user }));
}
