import { isProjectName } from "../access/names.ts";
import type { ControlDatabase } from "../control-store/schema.ts";
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
import type { Page, PageQuery, Project, Projects } from "./ports.ts";

export interface ProjectsDependencies extends TenancyDependencies {
  /** Asked for the jobs of a project. */
  readonly database: ControlDatabase;
}

type Fields = { readonly name?: string; readonly description?: string; readonly enabled?: boolean };

export class ProjectsService implements Projects {
  readonly #dependencies: ProjectsDependencies;
  readonly #context: TenancyContext;
  readonly #ofTenant: (tenantId: string) => readonly Project[];

  constructor(dependencies: ProjectsDependencies) {
    this.#dependencies = dependencies;
    this.#context = new TenancyContext({ kind: "project", unknown: "PROJECT_UNKNOWN" }, dependencies);
    this.#ofTenant = dependencies.directory.table("projects").index((row) => row.tenantId);
  }

  async create(caller: Caller, input: { tenantId?: string; name: string; description?: string }): Promise<Project> {
    const { directory, clock, random } = this.#dependencies;
    const { name } = input;
    requireProjectFields(input);
    return directory.change(async () => {
      const tenantId = this.#context.requireTenant(caller, "create", input.tenantId);
      this.#requireFree(tenantId, name);
      const row: Project = {
        projectId: newIds.projectId(random),
        tenantId,
        name,
        description: input.description ?? "",
        enabled: true,
        createdMs: clock.nowMs(),
      };
      const audit = this.#context.audit(caller, "create", row.projectId, { name });
      return { changes: [{ table: "projects", row }], audit: [audit], result: row };
    });
  }

  async list(
    caller: Caller,
    query: PageQuery & { readonly tenantId?: string; readonly name?: string; readonly enabled?: boolean },
  ): Promise<Page<Project>> {
    const tenantId = this.#context.requireTenant(caller, "list", query.tenantId);
    return pageOf(this.#named(tenantId, query), query);
  }

  async listAccessible(caller: Caller, query: PageQuery & { readonly name?: string }): Promise<Page<Project>> {
    const { authorizer } = this.#dependencies;
    const { tenantId, principal } = caller;
    const own = { kind: "project", tenantId, ownerUid: principal.uid };
    authorizer.require(caller, "iam:project:listAccessible", own);
    const projects = this.#named(tenantId, { ...query, enabled: true });
    return pageOf(
      projects.filter(({ projectId }) => authorizer.mayUseProject(principal, projectId)),
      query,
    );
  }

  async get(caller: Caller, projectId: string): Promise<Project> {
    return this.#find(caller, "get", projectId);
  }

  async update(caller: Caller, { projectId, ...fields }: Fields & { projectId: string }): Promise<Project> {
    const { directory } = this.#dependencies;
    requireProjectFields(fields);
    return directory.change(async () => {
      const before = this.#find(caller, "update", projectId);
      if (fields.name !== undefined && fields.name !== before.name) this.#requireFree(before.tenantId, fields.name);
      const row: Project = { ...before, ...given(fields) };
      const audit = this.#context.audit(caller, "update", projectId, given(fields));
      return { changes: [{ table: "projects", row }], audit: [audit], result: row };
    });
  }

  async delete(caller: Caller, projectId: string): Promise<void> {
    await this.#dependencies.directory.change(async () => {
      const row = this.#find(caller, "delete", projectId);
      await this.#requireUnused(row);
      const audit = this.#context.audit(caller, "delete", projectId, { name: row.name });
      return { changes: [{ table: "projects", row, remove: true }], audit: [audit], result: undefined };
    });
  }

  #find(caller: Caller, verb: string, projectId: string): Project {
    const row = this.#dependencies.directory.row("projects", projectId);
    return this.#context.requireRow(caller, verb, projectId, row);
  }

  #named(tenantId: string, { name, enabled }: { readonly name?: string; readonly enabled?: boolean }): Project[] {
    const rows = this.#ofTenant(tenantId).filter(
      (row) => (name === undefined || row.name === name) && (enabled === undefined || row.enabled === enabled),
    );
    return inOrder(rows, (row) => row.projectId);
  }

  #requireFree(tenantId: string, name: string): void {
    if (this.#ofTenant(tenantId).some((row) => row.name === name)) throw new PlatformError("NAME_EXISTS");
  }

  async #requireUnused({ tenantId, projectId }: Project): Promise<void> {
    const { directory, database } = this.#dependencies;
    if (this.#ofTenant(tenantId).length === 1) {
      throw new PlatformError("RESOURCE_IN_USE", "A tenant keeps at least one project.");
    }
    const isGranted = directory
      .table("grants")
      .all()
      .some((grant) => grant.scopeId === projectId);
    if (isGranted) throw new PlatformError("RESOURCE_IN_USE", "Policies are granted over the project.");
    const hasNetwork = directory
      .table("networks")
      .all()
      .some((network) => network.projectId === projectId);
    if (hasNetwork) throw new PlatformError("RESOURCE_IN_USE", "The project has a network.");
    const openJob = await database
      .selectFrom("jobs")
      .select("jobId")
      .where("projectId", "=", projectId)
      .where("endedMs", "is", null)
      .limit(1)
      .executeTakeFirst();
    if (openJob !== undefined) throw new PlatformError("RESOURCE_IN_USE", "A job of the project has not ended.");
  }
}

function requireProjectFields({ name, description }: Fields): void {
  if (name !== undefined) requireName(name, isProjectName, "1 to 64 ASCII letters, digits, _ or -");
  requireDescription(description);
}
