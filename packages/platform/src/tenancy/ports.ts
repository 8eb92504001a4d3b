import type { PolicyDocument } from "../access/policy-document.ts";
import type {
  EnterpriseProjectRow,
  GrantRow,
  GroupRow,
  PolicyRow,
  ProjectRow,
  TenantRow,
} from "../control-store/rows.ts";
import type { Caller } from "../ports.ts";

export type Tenant = TenantRow;
export type Project = ProjectRow;
export type EnterpriseProject = EnterpriseProjectRow;
export type Group = GroupRow;
export type Grant = GrantRow;

/** A custom policy, or one of the program's own: those have their name as id and belong to no tenant. */
export interface Policy extends Omit<PolicyRow, "document" | "tenantId" | "createdMs"> {
  readonly kind: "custom" | "system";
  readonly tenantId: string | null;
  readonly document: PolicyDocument;
  readonly createdMs: number | null;
}

export type HeldPolicy = Pick<Policy, "policyId" | "name">;

/** A principal as those see it who administer its tenant. */
export interface User {
  /** 16 decimal digits. */
  readonly uid: string;
  /** 32 lower-case hex digits: the Huawei documents' user id. */
  readonly userId: string;
  readonly tenantId: string;
  readonly name: string;
  /** `account` for the one that owns the tenant. */
  readonly kind: "account" | "ram-user";
  readonly enabled: boolean;
  /** Whether it can sign in to the console and ask for tokens with a password. */
  readonly hasPassword: boolean;
  readonly createdMs: number;
}

/** Pages count from 1; see platformLimits.listPageSizeMax. */
export interface PageQuery {
  readonly page: number;
  readonly pageSize: number;
}

export interface Page<Item> {
  readonly total: number;
  readonly items: readonly Item[];
}

/** Whose: the caller's own tenant when left out. */
interface InTenant {
  readonly tenantId?: string;
}

interface NamedQuery extends PageQuery, InTenant {
  /** The exact name. */
  readonly name?: string;
}

interface SwitchedQuery extends NamedQuery {
  readonly enabled?: boolean;
}

/**
 * Everything here takes its caller first, asks authorize, and commits each change together with its audit entry. What a caller cannot
 * reach is unknown to it: it does not learn that it exists. Lists are ordered by creation, then id.
 *
 * Every method throws PlatformError ACCESS_DENIED; those with names NAME_INVALID and NAME_EXISTS, with descriptions DESCRIPTION_INVALID,
 * with pages PAGE_INVALID; those that name something the code of its kind that ends in _UNKNOWN.
 */
export interface Tenancy {
  readonly tenants: Tenants;
  readonly projects: Projects;
  readonly enterpriseProjects: EnterpriseProjects;
  readonly users: Users;
  readonly groups: Groups;
  readonly policies: Policies;
  readonly grants: Grants;
}

/** A tenant is made with its account: see Accounts.createAccount. It is never removed: the ledger's records name it. */
export interface Tenants {
  /** The caller's own, all of them for an installation administrator. */
  list(
    caller: Caller,
    query: PageQuery & { readonly name?: string; readonly enabled?: boolean },
  ): Promise<Page<Tenant>>;
  get(caller: Caller, tenantId: string): Promise<Tenant>;
  /**
   * Renaming changes the domain's name; the account and its organization keep theirs, which certificates carry. Installation
   * administrators alone switch tenants, and never their own. @throws PlatformError RESOURCE_IN_USE for that
   */
  update(caller: Caller, input: { tenantId: string; name?: string; enabled?: boolean }): Promise<Tenant>;
}

export interface Projects {
  create(caller: Caller, input: InTenant & { name: string; description?: string }): Promise<Project>;
  list(caller: Caller, query: SwitchedQuery): Promise<Page<Project>>;
  /** The projects of its tenant in which the caller may do anything at all: every credential may ask. */
  listAccessible(caller: Caller, query: PageQuery & { readonly name?: string }): Promise<Page<Project>>;
  get(caller: Caller, projectId: string): Promise<Project>;
  update(
    caller: Caller,
    input: { projectId: string; name?: string; description?: string; enabled?: boolean },
  ): Promise<Project>;
  /** @throws PlatformError RESOURCE_IN_USE for a tenant's last one, one that a grant names, one with jobs that have not ended */
  delete(caller: Caller, projectId: string): Promise<void>;
}

/** As in the documents' own service they are switched off, never removed. The default one, "0", stays as it is. */
export interface EnterpriseProjects {
  create(caller: Caller, input: InTenant & { name: string; description?: string }): Promise<EnterpriseProject>;
  list(caller: Caller, query: SwitchedQuery): Promise<Page<EnterpriseProject>>;
  get(caller: Caller, input: InTenant & { enterpriseProjectId: string }): Promise<EnterpriseProject>;
  /** @throws PlatformError RESOURCE_IN_USE for the default one */
  update(
    caller: Caller,
    input: InTenant & { enterpriseProjectId: string; name?: string; description?: string; enabled?: boolean },
  ): Promise<EnterpriseProject>;
}

export interface Users {
  /** @throws PlatformError PASSWORD_INVALID */
  create(caller: Caller, input: InTenant & { name: string; password?: string }): Promise<User>;
  list(caller: Caller, query: SwitchedQuery): Promise<Page<User>>;
  /** Everybody may look at itself. */
  get(caller: Caller, uid: string): Promise<User>;
  /** Disabled, a user is refused whatever it shows. @throws PlatformError ACCOUNT_KIND_REFUSED for an account: disable its tenant */
  setEnabled(caller: Caller, input: { uid: string; enabled: boolean }): Promise<User>;
  /**
   * The user is gone for good, and its name is free again. Its credentials, group memberships and grants are removed and its
   * certificates revoked. What it wrote stays on the ledger under its uid, which nobody gets again; its data-type codes stay taken.
   * @throws PlatformError ACCOUNT_KIND_REFUSED for an account
   */
  delete(caller: Caller, uid: string): Promise<void>;
}

export interface Groups {
  create(caller: Caller, input: InTenant & { name: string; description?: string }): Promise<Group>;
  list(caller: Caller, query: NamedQuery): Promise<Page<Group>>;
  get(caller: Caller, groupId: string): Promise<Group>;
  update(caller: Caller, input: { groupId: string; name?: string; description?: string }): Promise<Group>;
  /** With its memberships and grants. */
  delete(caller: Caller, groupId: string): Promise<void>;
  /** A user that is in the group already stays in it. */
  addMember(caller: Caller, input: { groupId: string; uid: string }): Promise<void>;
  /** A user that is not in the group stays out of it. */
  removeMember(caller: Caller, input: { groupId: string; uid: string }): Promise<void>;
  listMembers(caller: Caller, query: PageQuery & { readonly groupId: string }): Promise<Page<User>>;
}

export interface Policies {
  /** @throws PlatformError POLICY_INVALID */
  create(caller: Caller, input: InTenant & { name: string; description?: string; document: unknown }): Promise<Policy>;
  /** System policies first. */
  list(caller: Caller, query: NamedQuery & { readonly kind?: Policy["kind"] }): Promise<Page<Policy>>;
  get(caller: Caller, policyId: string): Promise<Policy>;
  /** @throws PlatformError POLICY_INVALID; RESOURCE_IN_USE for a system policy */
  update(
    caller: Caller,
    input: { policyId: string; name?: string; description?: string; document?: unknown },
  ): Promise<Policy>;
  /** @throws PlatformError RESOURCE_IN_USE for one that is granted, and for a system policy */
  delete(caller: Caller, policyId: string): Promise<void>;
}

export interface NewGrant {
  readonly policyId: string;
  readonly granteeKind: Grant["granteeKind"];
  /** Group id or uid. */
  readonly granteeId: string;
  readonly scopeKind: Grant["scopeKind"];
  /** Left out for a tenant. */
  readonly scopeId?: string;
}

export interface Grants {
  /** What is granted already is answered as it is. Everything that it names must be of one tenant. */
  create(caller: Caller, input: InTenant & NewGrant): Promise<Grant>;
  list(
    caller: Caller,
    query: PageQuery &
      InTenant & { readonly policyId?: string; readonly granteeId?: string; readonly scopeId?: string },
  ): Promise<Page<Grant>>;
  /** The policies that the caller holds where its credential counts, by itself or by its groups: everybody may look at its own. */
  listHeld(caller: Caller): Promise<readonly HeldPolicy[]>;
  get(caller: Caller, grantId: string): Promise<Grant>;
  delete(caller: Caller, grantId: string): Promise<void>;
}
