import type { AccountsOptions, AccountsService } from "../accounts/accounts-service.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import type { ControlChange } from "../control-store/rows.ts";
import type { ControlDatabase } from "../control-store/schema.ts";
import type { TenancyDependencies } from "./context.ts";
import { EnterpriseProjectsService } from "./enterprise-projects-service.ts";
import { defaultEnterpriseProject, firstEnterpriseProject, firstProject } from "./first-rows.ts";
import { GrantsService } from "./grants-service.ts";
import { GroupsService } from "./groups-service.ts";
import { PoliciesService } from "./policies-service.ts";
import type { Tenancy } from "./ports.ts";
import { ProjectsService } from "./projects-service.ts";
import { TenantsService } from "./tenants-service.ts";
import { type UsersDependencies, UsersService } from "./users-service.ts";

export type TenancyOptions = AccountsOptions;

/** The name that the documents' examples have for a region. */
export const defaultTenancyOptions: TenancyOptions = { projectName: "cn-north-4" };

export interface CreateTenancyDependencies extends TenancyDependencies {
  readonly accounts: AccountsService;
  readonly hashPassword: UsersDependencies["hashPassword"];
  readonly database: ControlDatabase;
}

export function createTenancy(dependencies: CreateTenancyDependencies): Tenancy {
  const users = new UsersService(dependencies);
  const withUsers = { ...dependencies, userOf: (uid: string) => users.find(uid) };
  return {
    tenants: new TenantsService(dependencies),
    projects: new ProjectsService(dependencies),
    enterpriseProjects: new EnterpriseProjectsService(dependencies),
    users,
    groups: new GroupsService(withUsers),
    policies: new PoliciesService(dependencies),
    grants: new GrantsService(withUsers),
  };
}

/**
 * Gives tenants what every tenant has and those of earlier versions lack: a first project and the default enterprise project. Changes
 * nothing when all have it.
 */
export async function completeTenants(options: TenancyOptions, dependencies: TenancyDependencies): Promise<void> {
  const { directory } = dependencies;
  await directory.change(async () => {
    const withProject = new Set(
      directory
        .table("projects")
        .all()
        .map((row) => row.tenantId),
    );
    const { enterpriseProjectId } = defaultEnterpriseProject;
    const changes = directory
      .table("tenants")
      .all()
      .flatMap(({ tenantId }): ControlChange[] => [
        ...(withProject.has(tenantId) ? [] : [firstProject(tenantId, options.projectName, dependencies)]),
        ...(directory.row("enterpriseProjects", tenantId, enterpriseProjectId) === undefined
          ? [firstEnterpriseProject(tenantId, dependencies)]
          : []),
      ]);
    const resource = { kind: "installation", id: "tenants" };
    const event = { action: "iam:tenant:complete", resource, detail: { rows: changes.length } };
    const audit = changes.length === 0 ? [] : [auditEntry(undefined, event, dependencies)];
    return { changes, audit, result: undefined };
  });
}
