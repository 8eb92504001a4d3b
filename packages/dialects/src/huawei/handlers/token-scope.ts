import { type Caller, PlatformError, type Project, type Scope } from "@concordat/platform";
import { IamRefusal, iamErrors } from "../errors.ts";
import type { ScopeRequest } from "../routes/tokens.ts";
import { allPages } from "./all-pages.ts";
import type { IamContext } from "./context.ts";
import { ownTenantOf } from "./own-tenant.ts";

/**
 * What a token is to be given for. Domain and project must be the caller's own: others are unknown to it. A project that it may do nothing
 * in is refused. Where both are named the project counts; where neither is, the token has no scope and only tells who the caller is.
 *
 * A token that is exchanged for another bounds what that one can be for: an unscoped one nothing, one for a domain that domain and its
 * projects, one for a project that project.
 * @throws PlatformError PROJECT_UNKNOWN, TENANT_UNKNOWN, ACCESS_DENIED; IamRefusal 400
 */
export async function grantableScope(
  requested: ScopeRequest | undefined,
  caller: Caller,
  context: Pick<IamContext, "platform">,
): Promise<Scope> {
  const scope = await requestedScope(requested, caller, context);
  if (reachesNoFurther(scope, caller.scope)) return scope;
  throw new PlatformError("ACCESS_DENIED", "The token that was shown is for another project or domain.");
}

async function requestedScope(
  requested: ScopeRequest | undefined,
  caller: Caller,
  context: Pick<IamContext, "platform">,
): Promise<Scope> {
  const { tenantId } = caller;
  if (requested?.project !== undefined) {
    const { projectId } = await findProject(requested.project, caller, context);
    return { kind: "project", tenantId, projectId };
  }
  if (requested?.domain === undefined) return { kind: "unscoped" };
  await requireOwnDomain(requested.domain, caller, context);
  return { kind: "tenant", tenantId };
}

function reachesNoFurther(scope: Scope, bound: Scope): boolean {
  if (bound.kind === "unscoped" || scope.kind === "unscoped") return true;
  if (bound.kind === "tenant") return scope.tenantId === bound.tenantId;
  return scope.kind === "project" && scope.projectId === bound.projectId;
}

async function findProject(
  { id, name, domain }: NonNullable<ScopeRequest["project"]>,
  caller: Caller,
  context: Pick<IamContext, "platform">,
): Promise<Project> {
  if (id === undefined && name === undefined) throw missing("auth.scope.project.id");
  if (domain !== undefined) await requireOwnDomain(domain, caller, context);
  const { projects } = context.platform.tenancy;
  const accessible = await allPages((query) =>
    projects.listAccessible(caller, { ...query, ...(name === undefined ? {} : { name }) }),
  );
  const found = accessible.find(({ projectId }) => id === undefined || projectId === id);
  if (found === undefined)
    throw new PlatformError("PROJECT_UNKNOWN", "There is no such project that the user may use.");
  return found;
}

async function requireOwnDomain(
  { id, name }: NonNullable<ScopeRequest["domain"]>,
  caller: Caller,
  context: Pick<IamContext, "platform">,
): Promise<void> {
  if (id === undefined && name === undefined) throw missing("auth.scope.domain.id");
  const own = await ownTenantOf(caller, context);
  const isOwn = (id === undefined || id === own.tenantId) && (name === undefined || name === own.name);
  if (!isOwn) throw new PlatformError("TENANT_UNKNOWN", "There is no such domain that the user is of.");
}

function missing(field: string): IamRefusal {
  return new IamRefusal(iamErrors.bodyInvalid, `Request body is invalid: ${field} is missing.`);
}
