import { no } from "./no.fixture.ts";
import {
  type ModelAccount,
  type ModelState,
  type ModelToken,
  nameOf,
  type Person,
  type Role,
} from "./state.fixture.ts";

export type Arguments = Readonly<Record<string, unknown>>;

export interface ModelCall {
  readonly caller: Person;
  readonly timeMs: number;
}

/* Form of arguments. */

export function text(args: Arguments, name: string, form = /./): string {
  const value = args[name];
  return typeof value === "string" && form.test(value) ? value : no("ARGUMENT_INVALID");
}

export function object(args: Arguments, name: string): Arguments {
  const value = args[name];
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? Object.fromEntries(Object.entries(value)) : no("ARGUMENT_INVALID");
}

export function list(args: Arguments, name: string): readonly Arguments[] {
  const value = args[name];
  return Array.isArray(value) ? value : no("ARGUMENT_INVALID");
}

const personForm = /^[A-Za-z0-9][A-Za-z0-9_@.-]*$/;

export function person(args: Arguments, orgName = "orgId", userName = "userId"): Person {
  return { org: text(args, orgName, personForm), user: text(args, userName, personForm) };
}

export function tokenIdOf(args: Arguments, name = "tokenId"): string {
  return text(args, name, /^[A-Za-z0-9][A-Za-z0-9_-]{0,15}$/);
}

export function requireKnownRole(role: string): Role {
  return role === "minter" || role === "burner" || role === "notary" ? role : no("ROLE_UNKNOWN");
}

/** The moment of a text in RFC 3339; undefined for "0". */
export function expiryOf(args: Arguments): number | undefined {
  const value = text(args, "timeToExpiration");
  if (value === "0") return undefined;
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
  return form.test(value) && !Number.isNaN(Date.parse(value)) ? Date.parse(value) : no("ARGUMENT_INVALID");
}

/* Who calls. */

export function isTokenAdmin(state: ModelState, { caller }: ModelCall): boolean {
  return state.tokenAdmins.has(nameOf(caller));
}

export function requireTokenAdmin(state: ModelState, call: ModelCall): void {
  if (!isTokenAdmin(state, call)) no("NOT_AUTHORIZED");
}

/** Of whoever acts as the notary of an operation. */
export function requireNotary(notary: ModelAccount, { caller }: ModelCall): void {
  if (!isOf(notary, caller)) no("NOT_THE_NOTARY");
  requireRole(notary, "notary");
}

/** The token admin, or the admin of this very organization. */
export function requireAdminOf(state: ModelState, call: ModelCall, org: string): void {
  const { caller } = call;
  const isAdminOfOrg = caller.org === org && state.orgAdmins.has(nameOf(caller));
  if (!isTokenAdmin(state, call) && !isAdminOfOrg) no("NOT_AUTHORIZED");
}

/* What there is. */

export function requireToken(state: ModelState, tokenId: string): ModelToken {
  return state.tokens.get(tokenId) ?? no("TOKEN_UNKNOWN");
}

export function isOf(account: Pick<ModelAccount, "owner">, owner: Person): boolean {
  return nameOf(account.owner) === nameOf(owner);
}

export function findAccount(state: ModelState, token: ModelToken, owner: Person): ModelAccount | undefined {
  return state.accounts.find((account) => account.token === token && isOf(account, owner));
}

export function requireAccount(state: ModelState, token: ModelToken, owner: Person): ModelAccount {
  const account = findAccount(state, token, owner);
  if (account !== undefined) return account;
  return no(state.accounts.some((each) => isOf(each, owner)) ? "ACCOUNT_NOT_ASSOCIATED" : "ACCOUNT_UNKNOWN");
}

/* In which state it is. */

export function requireActive(...accounts: readonly ModelAccount[]): void {
  for (const { status } of accounts) {
    if (status === "deleted") no("ACCOUNT_DELETED");
    if (status === "suspended") no("ACCOUNT_SUSPENDED");
  }
}

export function requireNotDeleted({ status }: ModelAccount): void {
  if (status === "deleted") no("ACCOUNT_DELETED");
}

export function requireRole({ roles }: ModelAccount, role: Role): void {
  if (!roles.has(role)) no("ROLE_MISSING");
}
