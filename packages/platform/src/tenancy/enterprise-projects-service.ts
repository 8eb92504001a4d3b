import { isGroupName } from "../access/names.ts";
import { newIds } from "../directory/ids.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import {
  given,
  inOrder,
  pageOf,
  requireDescription,
  requireName,
  TenancyContext,
  type TenancyDependencies,
} from "./context.ts";
import { defaultEnterpriseProject } from "./first-rows.ts";
import type { EnterpriseProject, EnterpriseProjects, Page, PageQuery } from "./ports.ts";

type Fields = { readonly name?: string; readonly description?: string; readonly enabled?: boolean };

export class EnterpriseProjectsService implements EnterpriseProjects {
  readonly #dependencies: TenancyDependencies;
  readonly #context: TenancyContext;
  readonly #ofTenant: (tenantId: string) => readonly EnterpriseProject[];

  constructor(dependencies: TenancyDependencies) {
    this.#dependencies = dependencies;
    const noun = { kind: "enterpriseProject", unknown: "ENTERPRISE_PROJECT_UNKNOWN" } as const;
    this.#context = new TenancyContext(noun, dependencies);
    this.#ofTenant = dependencies.directory.table("enterpriseProjects").index((row) => row.tenantId);
  }

  async create(
    caller: Caller,
    input: { tenantId?: string; name: string; description?: string },
  ): Promise<EnterpriseProject> {
    const { directory, clock, random } = this.#dependencies;
    const { name, description } = input;
    requireFields(input);
    return directory.change(async () => {
      const tenantId = this.#context.requireTenant(caller, "create", input.tenantId);
      this.#requireFree(tenantId, name);
      const row: EnterpriseProject = {
        tenantId,
        enterpriseProjectId: newIds.enterpriseProjectId(random),
        name,
        description: description ?? "",
        enabled: true,
        createdMs: clock.nowMs(),
      };
      const audit = this.#context.audit(caller, "create", row.enterpriseProjectId, { name });
      return { changes: [{ table: "enterpriseProjects", row }], audit: [audit], result: row };
    });
  }

  async list(
    caller: Caller,
    query: PageQuery & { readonly tenantId?: string; readonly name?: string; readonly enabled?: boolean },
  ): Promise<Page<EnterpriseProject>> {
    const { name, enabled } = query;
    const tenantId = this.#context.requireTenant(caller, "list", query.tenantId);
    const rows = this.#ofTenant(tenantId).filter(
      (row) => (name === undefined || row.name === name) && (enabled === undefined || row.enabled === enabled),
    );
    const ordered = inOrder(rows, (row) => row.enterpriseProjectId);
    return pageOf(ordered, query);
  }

  async get(caller: Caller, input: { tenantId?: string; enterpriseProjectId: string }): Promise<EnterpriseProject> {
    return this.#find(caller, "get", input);
  }

  async update(
    caller: Caller,
    { tenantId, enterpriseProjectId, ...fields }: Fields & { tenantId?: string; enterpriseProjectId: string },
  ): Promise<EnterpriseProject> {
    requireFields(fields);
    return this.#dependencies.directory.change(async () => {
      const place = { enterpriseProjectId, ...(tenantId === undefined ? {} : { tenantId }) };
      const before = this.#find(caller, "update", place);
      if (enterpriseProjectId === defaultEnterpriseProject.enterpriseProjectId) {
        throw new PlatformError("RESOURCE_IN_USE", "The default enterprise project stays as it is.");
      }
      if (fields.name !== undefined && fields.name !== before.name) this.#requireFree(before.tenantId, fields.name);
      const row: EnterpriseProject = { ...before, ...given(fields) };
      const audit = this.#context.audit(caller, "update", enterpriseProjectId, given(fields));
      return { changes: [{ table: "enterpriseProjects", row }], audit: [audit], result: row };
    });
  }

  /** Ids are unique in their tenant only: every tenant has "0". */
  #find(
    caller: Caller,
    verb: string,
    { tenantId = caller.tenantId, enterpriseProjectId }: { tenantId?: string; enterpriseProjectId: string },
  ): EnterpriseProject {
    const row = this.#dependencies.directory.row("enterpriseProjects", tenantId, enterpriseProjectId);
    return this.#context.requireRow(caller, verb, enterpriseProjectId, row);
  }

  #requireFree(tenantId: string, name: string): void {
    if (this.#ofTenant(tenantId).some((row) => row.name === name)) throw new PlatformError("NAME_EXISTS");
  }
}

function requireFields({ name, description }: Fields): void {
  if (name !== undefined) requireName(name, isGroupName, "1 to 64 letters, digits, spaces inside or characters of _-.");
  requireDescription(description);
}
