import { type Arguments, list, type ModelCall, person, requireAdminOf, requireTokenAdmin } from "./checks.fixture.ts";
import { no } from "./no.fixture.ts";
import { type ModelState, nameOf } from "./state.fixture.ts";

type Run = (state: ModelState, call: ModelCall, args: Arguments) => void;

const init: Run = (state, _call, args) => {
  const admins = list(args, "adminList").map((each) => person(each, "org_id", "user_id"));
  if (admins.length === 0) no("ARGUMENT_INVALID");
  if (state.isOpen) no("ALREADY_INITIALIZED");
  state.isOpen = true;
  for (const admin of admins) state.tokenAdmins.add(nameOf(admin));
};

const addTokenAdmin: Run = (state, call, args) => {
  const who = person(args);
  requireTokenAdmin(state, call);
  state.tokenAdmins.add(nameOf(who));
};

const removeTokenAdmin: Run = (state, call, args) => {
  const who = person(args);
  requireTokenAdmin(state, call);
  if (nameOf(who) === nameOf(call.caller)) no("SELF_REMOVAL");
  if (!state.tokenAdmins.delete(nameOf(who))) no("OFFICER_UNKNOWN");
};

const addTokenAuditor: Run = (state, call, args) => {
  const who = person(args);
  requireTokenAdmin(state, call);
  state.tokenAuditors.add(nameOf(who));
};

const removeTokenAuditor: Run = (state, call, args) => {
  const who = person(args);
  requireTokenAdmin(state, call);
  if (!state.tokenAuditors.delete(nameOf(who))) no("OFFICER_UNKNOWN");
};

/** Of an organization: its admin may do it as well. */
const ofOrganization =
  (change: (state: ModelState, name: string) => unknown): Run =>
  (state, call, args) => {
    const who = person(args);
    requireAdminOf(state, call, who.org);
    change(state, nameOf(who));
  };

export const people: Readonly<Record<string, Run>> = {
  init,
  addTokenAdmin,
  removeTokenAdmin,
  addTokenAuditor,
  removeTokenAuditor,
  addOrgAdmin: ofOrganization(({ orgAdmins }, name) => orgAdmins.add(name)),
  removeOrgAdmin: ofOrganization(({ orgAdmins }, name) => orgAdmins.delete(name) || no("OFFICER_UNKNOWN")),
  addOrgAuditor: ofOrganization(({ orgAuditors }, name) => orgAuditors.add(name)),
  removeOrgAuditor: ofOrganization(({ orgAuditors }, name) => orgAuditors.delete(name) || no("OFFICER_UNKNOWN")),
};
