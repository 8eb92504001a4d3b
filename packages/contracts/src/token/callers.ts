import type { ContractContext, ContractStub } from "@concordat/ledger/contract-api";
import { isId } from "./arguments.ts";
import { refuse } from "./refusals.ts";
import { hasRowAt, type OfficerKind, rowKeys, type User } from "./rows.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** One call of a function. */
export interface Call {
  /** The function's. */
  readonly name: string;
  readonly stub: ContractStub;
  readonly unit: UnitOfWork;
  readonly caller: User;
  /** The transaction's, since the epoch. */
  readonly timeMs: number;
}

/** Why a caller may call. */
export type Ground = (call: Call) => boolean | Promise<boolean>;

/** The caller's organization, and its enrolment id or else its principal there. @throws ContractRefusal NOT_AUTHORIZED */
export function requireCaller({ clientIdentity }: ContractContext): User {
  const org = clientIdentity.getMSPID();
  const user = clientIdentity.getAttributeValue("hf.EnrollmentID") ?? clientIdentity.getAttributeValue("principal");
  if (user === null || !isId(user) || !isId(org)) {
    return refuse("NOT_AUTHORIZED", "The certificate of the caller names no user.");
  }
  return { org, user };
}

export function isSameUser(a: User, b: User): boolean {
  return a.org === b.org && a.user === b.user;
}

export function isOfficer(unit: UnitOfWork, kind: OfficerKind, user: User): Promise<boolean> {
  return hasRowAt(unit, rowKeys.officer(unit, kind, user));
}

export const tokenAdmin: Ground = ({ unit, caller }) => isOfficer(unit, "tokenAdmin", caller);
export const tokenAuditor: Ground = ({ unit, caller }) => isOfficer(unit, "tokenAuditor", caller);
export const anyOrgAdmin: Ground = ({ unit, caller }) => isOfficer(unit, "orgAdmin", caller);
export const anyOrgAuditor: Ground = ({ unit, caller }) => isOfficer(unit, "orgAuditor", caller);

export function orgAdmin(org: string): Ground {
  return (call) => call.caller.org === org && anyOrgAdmin(call);
}

export function orgAuditor(org: string): Ground {
  return (call) => call.caller.org === org && anyOrgAuditor(call);
}

export function owner(user: User): Ground {
  return ({ caller }) => isSameUser(caller, user);
}

/** Who may read what concerns all organizations. */
export const tokenOfficers: readonly Ground[] = [tokenAdmin, tokenAuditor];

/** Who may read what concerns one organization. */
export function officersOf(org: string): readonly Ground[] {
  return [...tokenOfficers, orgAdmin(org), orgAuditor(org)];
}

/** Who may read what concerns tokens. */
export const anyOfficers: readonly Ground[] = [...tokenOfficers, anyOrgAdmin, anyOrgAuditor];

/** Who may change what belongs to one organization. */
export function adminsOf(org: string): readonly Ground[] {
  return [tokenAdmin, orgAdmin(org)];
}

export async function isAllowed(call: Call, grounds: readonly Ground[]): Promise<boolean> {
  for (const ground of grounds) if (await ground(call)) return true;
  return false;
}

/** @throws ContractRefusal NOT_AUTHORIZED when the caller has none of the grounds */
export async function authorize(call: Call, ...grounds: readonly Ground[]): Promise<void> {
  if (!(await isAllowed(call, grounds))) refuseCaller(call);
}

export function refuseCaller({ name }: Call): never {
  return refuse("NOT_AUTHORIZED", `The caller may not call ${name} with these arguments.`);
}
