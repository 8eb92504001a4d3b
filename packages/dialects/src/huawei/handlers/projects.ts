import { type Handlers, percentEncode } from "@concordat/api-kit";
import { isConcordatError } from "@concordat/base";
import type { Caller, Project } from "@concordat/platform";
import { IamRefusal, iamErrors } from "../errors.ts";
import type { ProjectBody, projectRoutes } from "../routes/projects.ts";
import { allPages } from "./all-pages.ts";
import { callerOf, type IamContext } from "./context.ts";

export const projectHandlers = {
  async listProjects({ domainId, name, parentId, enabled, isDomain, page, perPage }, context) {
    const caller = callerOf(context);
    const visible = await visibleProjects(caller, { domainId, name }, context);
    const fitting = visible.filter(
      (project) =>
        isDomain !== true &&
        (parentId === undefined || project.tenantId === parentId) &&
        (enabled === undefined || project.enabled === enabled),
    );
    const { items, links } = pageOfList(fitting, { page, perPage }, context);
    return { projects: items.map((project) => bodyOf(project, context)), links };
  },

  async listAuthProjects(_input, context) {
    const caller = callerOf(context);
    const projects = await allPages((query) => context.platform.tenancy.projects.listAccessible(caller, query));
    const links = { self: selfOf(context), previous: null, next: null };
    return { projects: projects.map((project) => bodyOf(project, context)), links };
  },

  async createProject({ project: { name, domain_id: domainId, parent_id: parentId, description } }, context) {
    const caller = callerOf(context);
    const tenantId = domainId ?? parentId ?? caller.tenantId;
    if (parentId !== undefined && parentId !== tenantId) {
      throw new IamRefusal(
        iamErrors.parameterInvalid,
        "Request parameter parent_id is invalid: projects are not nested.",
      );
    }
    const made = await context.platform.tenancy.projects.create(caller, {
      tenantId,
      name,
      ...(description === undefined ? {} : { description }),
    });
    return { project: bodyOf(made, context) };
  },
} satisfies Handlers<typeof projectRoutes, IamContext>;

/** All of the tenant's for those who may list them, else those that the caller may use. */
async function visibleProjects(
  caller: Caller,
  { domainId, name }: { readonly domainId: string | undefined; readonly name: string | undefined },
  { platform }: IamContext,
): Promise<readonly Project[]> {
  const { projects } = platform.tenancy;
  const named = name === undefined ? {} : { name };
  const tenantId = domainId ?? caller.tenantId;
  try {
    return await allPages((query) => projects.list(caller, { ...query, ...named, tenantId }));
  } catch (error) {
    if (tenantId !== caller.tenantId || !isConcordatError(error, "ACCESS_DENIED")) throw error;
    return allPages((query) => projects.listAccessible(caller, { ...query, ...named }));
  }
}

function pageOfList<Item>(
  all: readonly Item[],
  { page, perPage }: { readonly page: number | undefined; readonly perPage: number | undefined },
  context: IamContext,
) {
  const self = selfOf(context);
  if (page === undefined && perPage === undefined) return { items: all, links: { self, previous: null, next: null } };
  if (page === undefined || perPage === undefined) {
    throw new IamRefusal(iamErrors.parameterInvalid, "Request parameters page and per_page are given together or not.");
  }
  const link = (number: number) => self.replace(/([?&])page=[^&]*/, `$1page=${percentEncode(String(number))}`);
  const previous = page > 1 ? link(page - 1) : null;
  const next = page * perPage < all.length ? link(page + 1) : null;
  return { items: all.slice((page - 1) * perPage, page * perPage), links: { self, previous, next } };
}

function selfOf({ baseUrl, target }: IamContext): string {
  return `${baseUrl}${target}`;
}

function bodyOf(project: Project, { baseUrl }: IamContext): ProjectBody {
  const { projectId, tenantId, name, description, enabled } = project;
  return {
    id: projectId,
    name,
    domain_id: tenantId,
    parent_id: tenantId,
    is_domain: false,
    enabled,
    description,
    links: { self: `${baseUrl}/v3/projects/${projectId}` },
  };
}
