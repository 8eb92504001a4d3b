import type { Clock, RandomSource } from "@concordat/base";
import type { ControlChange, TenantRow } from "../control-store/rows.ts";
import { newIds } from "../directory/ids.ts";

/** The enterprise project that every tenant has and that nobody renames or switches off. */
export const defaultEnterpriseProject = { enterpriseProjectId: "0", name: "default" } as const;

/** What every tenant begins with: a project, and the default enterprise project. */
export function firstRowsOfTenant(
  { tenantId }: Pick<TenantRow, "tenantId">,
  { projectName }: { readonly projectName: string },
  dependencies: { readonly clock: Clock; readonly random: RandomSource },
): readonly ControlChange[] {
  return [firstProject(tenantId, projectName, dependencies), firstEnterpriseProject(tenantId, dependencies)];
}

export function firstProject(
  tenantId: string,
  name: string,
  { clock, random }: { readonly clock: Clock; readonly random: RandomSource },
): ControlChange {
  const projectId = newIds.projectId(random);
  const row = { projectId, tenantId, name, description: "", enabled: true, createdMs: clock.nowMs() };
  return { table: "projects", row };
}

export function firstEnterpriseProject(tenantId: string, { clock }: { readonly clock: Clock }): ControlChange {
  const row = { ...defaultEnterpriseProject, tenantId, description: "", enabled: true, createdMs: clock.nowMs() };
  return { table: "enterpriseProjects", row };
}
