import { isName } from "../access/names.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import { given, inOrder, pageOf, requireName, TenancyContext, type TenancyDependencies } from "./context.ts";
import type { Page, PageQuery, Tenant, Tenants } from "./ports.ts";

export class TenantsService implements Tenants {
  readonly #dependencies: TenancyDependencies;
  readonly #context: TenancyContext;

  constructor(dependencies: TenancyDependencies) {
    this.#dependencies = dependencies;
    this.#context = new TenancyContext({ kind: "tenant", unknown: "TENANT_UNKNOWN" }, dependencies);
  }

  async list(
    caller: Caller,
    query: PageQuery & { readonly name?: string; readonly enabled?: boolean },
  ): Promise<Page<Tenant>> {
    const { directory, authorizer } = this.#dependencies;
    const own = { kind: "tenant", tenantId: caller.tenantId, ownerUid: caller.principal.uid };
    authorizer.require(caller, "iam:tenant:listAccessible", own);
    const { name, enabled } = query;
    const rows = directory.table("tenants").all();
    const visible = rows.filter(
      (row) =>
        (row.tenantId === caller.tenantId || this.#maySee(caller, row.tenantId)) &&
        (name === undefined || row.name === name) &&
        (enabled === undefined || row.enabled === enabled),
    );
    const ordered = inOrder(visible, (row) => row.tenantId);
    return pageOf(ordered, query);
  }

  #maySee(caller: Caller, tenantId: string): boolean {
    const resource = { kind: "tenant", id: tenantId, tenantId };
    return this.#dependencies.authorizer.allows(caller, "iam:tenant:get", resource);
  }

  async get(caller: Caller, tenantId: string): Promise<Tenant> {
    return this.#find(caller, "get", tenantId);
  }

  async update(
    caller: Caller,
    { tenantId, ...fields }: { tenantId: string; name?: string; enabled?: boolean },
  ): Promise<Tenant> {
    const { directory } = this.#dependencies;
    const { name, enabled } = fields;
    if (name !== undefined) requireName(name, isName, "2 to 30 letters, digits or characters of _-.()");
    return directory.change(async () => {
      const before = this.#find(caller, "update", tenantId);
      if (enabled !== undefined) this.#requireSwitch(caller, before, enabled);
      const isTaken = (other: Tenant) => other.name === name && other.tenantId !== tenantId;
      if (directory.table("tenants").all().some(isTaken)) throw new PlatformError("NAME_EXISTS");
      const row: Tenant = { ...before, ...given(fields) };
      const audit = this.#context.audit(caller, "update", tenantId, given(fields));
      return { changes: [{ table: "tenants", row }], audit: [audit], result: row };
    });
  }

  #find(caller: Caller, verb: string, tenantId: string): Tenant {
    const row = this.#dependencies.directory.row("tenants", tenantId);
    return this.#context.requireRow(caller, verb, tenantId, row);
  }

  #requireSwitch(caller: Caller, tenant: Tenant, enabled: boolean): void {
    this.#dependencies.authorizer.require(caller, "iam:tenant:switch", { kind: "installation", tenantId: null });
    if (enabled || tenant.tenantId !== caller.tenantId) return;
    throw new PlatformError("RESOURCE_IN_USE", "Nobody disables the tenant that the call comes from.");
  }
}
