import { systemPolicy } from "../access/system-policies.ts";
import { newIds } from "../directory/ids.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import { inOrder, pageOf, TenancyContext, type TenancyDependencies } from "./context.ts";
import type { Grant, Grants, HeldPolicy, NewGrant, Page, PageQuery, User } from "./ports.ts";

export interface GrantsDependencies extends TenancyDependencies {
  /** The user, unless it is deleted or there is none. */
  readonly userOf: (uid: string) => User | undefined;
}

export class GrantsService implements Grants {
  readonly #dependencies: GrantsDependencies;
  readonly #context: TenancyContext;
  readonly #ofTenant: (tenantId: string) => readonly Grant[];
  readonly #groupsOf: (uid: string) => readonly { readonly groupId: string }[];

  constructor(dependencies: GrantsDependencies) {
    this.#dependencies = dependencies;
    this.#context = new TenancyContext({ kind: "grant", unknown: "GRANT_UNKNOWN" }, dependencies);
    this.#ofTenant = dependencies.directory.table("grants").index((row) => row.tenantId);
    this.#groupsOf = dependencies.directory.table("groupMembers").index((row) => row.uid);
  }

  async create(caller: Caller, input: NewGrant & { tenantId?: string }): Promise<Grant> {
    const { directory, clock, random } = this.#dependencies;
    return directory.change(async () => {
      const tenantId = this.#context.requireTenant(caller, "create", input.tenantId);
      const { policyId, granteeKind, granteeId, scopeKind } = input;
      this.#requirePolicy(tenantId, policyId);
      this.#requireGrantee(tenantId, input);
      const scopeId = this.#requireScope(tenantId, input);
      const wanted = { tenantId, policyId, granteeKind, granteeId, scopeKind, scopeId };
      const known = this.#ofTenant(tenantId).find((grant) => isSame(grant, wanted));
      if (known !== undefined) return { changes: [], result: known };
      const row: Grant = { grantId: newIds.grantId(random), ...wanted, createdMs: clock.nowMs() };
      const { tenantId: _, ...detail } = wanted;
      const audit = this.#context.audit(caller, "create", row.grantId, detail);
      return { changes: [{ table: "grants", row }], audit: [audit], result: row };
    });
  }

  async list(
    caller: Caller,
    query: PageQuery & {
      readonly tenantId?: string;
      readonly policyId?: string;
      readonly granteeId?: string;
      readonly scopeId?: string;
    },
  ): Promise<Page<Grant>> {
    const { policyId, granteeId, scopeId } = query;
    const tenantId = this.#context.requireTenant(caller, "list", query.tenantId);
    const rows = this.#ofTenant(tenantId).filter(
      (row) =>
        (policyId === undefined || row.policyId === policyId) &&
        (granteeId === undefined || row.granteeId === granteeId) &&
        (scopeId === undefined || row.scopeId === scopeId),
    );
    const ordered = inOrder(rows, (row) => row.grantId);
    return pageOf(ordered, query);
  }

  async listHeld(caller: Caller): Promise<readonly HeldPolicy[]> {
    const { principal, tenantId, scope } = caller;
    const { directory, authorizer } = this.#dependencies;
    authorizer.require(caller, "iam:grant:listHeld", { kind: "grant", tenantId, ownerUid: principal.uid });
    if (scope.kind === "unscoped") return [];
    const groups = new Set(this.#groupsOf(principal.uid).map(({ groupId }) => groupId));
    const held = this.#ofTenant(tenantId).filter(
      ({ granteeKind, granteeId, scopeKind, scopeId }) =>
        (granteeKind === "user" ? granteeId === principal.uid : groups.has(granteeId)) &&
        (scope.kind === "tenant" || scopeKind !== "project" || scopeId === scope.projectId),
    );
    const policyIds = new Set(inOrder(held, (row) => row.grantId).map(({ policyId }) => policyId));
    // A system policy has its name as id.
    return [...policyIds].map((policyId) => ({
      policyId,
      name: directory.row("policies", policyId)?.name ?? policyId,
    }));
  }

  async get(caller: Caller, grantId: string): Promise<Grant> {
    return this.#find(caller, "get", grantId);
  }

  async delete(caller: Caller, grantId: string): Promise<void> {
    await this.#dependencies.directory.change(async () => {
      const row = this.#find(caller, "delete", grantId);
      const { grantId: _, tenantId: __, createdMs: ___, ...detail } = row;
      const audit = this.#context.audit(caller, "delete", grantId, detail);
      return { changes: [{ table: "grants", row, remove: true }], audit: [audit], result: undefined };
    });
  }

  #find(caller: Caller, verb: string, grantId: string): Grant {
    return this.#context.requireRow(caller, verb, grantId, this.#dependencies.directory.row("grants", grantId));
  }

  #requirePolicy(tenantId: string, policyId: string): void {
    if (systemPolicy(policyId) !== undefined) return;
    const row = this.#dependencies.directory.row("policies", policyId);
    if (row?.tenantId !== tenantId) throw new PlatformError("POLICY_UNKNOWN");
  }

  #requireGrantee(tenantId: string, { granteeKind, granteeId }: NewGrant): void {
    const { directory, userOf } = this.#dependencies;
    if (granteeKind === "group") {
      if (directory.row("groups", granteeId)?.tenantId !== tenantId) throw new PlatformError("GROUP_UNKNOWN");
      return;
    }
    const user = userOf(granteeId);
    if (user?.tenantId !== tenantId) throw new PlatformError("USER_UNKNOWN");
    if (user.kind === "account") {
      throw new PlatformError("ACCOUNT_KIND_REFUSED", "An account may do everything in its tenant without a policy.");
    }
  }

  /** @returns the scope's id */
  #requireScope(tenantId: string, { scopeKind, scopeId }: NewGrant): string {
    const { directory } = this.#dependencies;
    if (scopeKind === "tenant") {
      if (scopeId !== undefined && scopeId !== tenantId) throw new PlatformError("TENANT_UNKNOWN");
      return tenantId;
    }
    const id = scopeId ?? "";
    if (scopeKind === "project") {
      if (directory.row("projects", id)?.tenantId !== tenantId) throw new PlatformError("PROJECT_UNKNOWN");
    } else if (directory.row("enterpriseProjects", tenantId, id) === undefined) {
      throw new PlatformError("ENTERPRISE_PROJECT_UNKNOWN");
    }
    return id;
  }
}

function isSame(grant: Grant, wanted: Omit<Grant, "grantId" | "createdMs">): boolean {
  return (
    grant.policyId === wanted.policyId &&
    grant.granteeKind === wanted.granteeKind &&
    grant.granteeId === wanted.granteeId &&
    grant.scopeKind === wanted.scopeKind &&
    grant.scopeId === wanted.scopeId
  );
}
