import type { EnterpriseProjectRow, GrantRow, ProjectRow, TenantRow } from "../control-store/rows.ts";
import type { Principal, Scope } from "../ports.ts";
import { isCreation, isOwnCredentialAction, isOwnIdentityAction, supportsEnterpriseProjects } from "./actions.ts";
import { type ChainFacts, decideOnChain } from "./chain-rules.ts";
import { type CompiledPolicy, splitAction } from "./compiled-policy.ts";
import { type AccessDecision, allow, refuse } from "./decision.ts";
import type { ConditionContext } from "./policy-conditions.ts";
import type { Resource } from "./resource.ts";

/** One question: may this principal, by a credential of this scope, do this action to this resource? */
export interface AccessQuestion {
  readonly principal: Principal;
  readonly tenant: TenantRow;
  readonly scope: Scope;
  readonly sourceAddress: string | undefined;
  readonly action: string;
  readonly resource: Resource;
  readonly nowMs: number;
}

/** A grant that is given to the principal itself or to one of its groups. */
export interface EffectiveGrant {
  readonly grant: Pick<GrantRow, "tenantId" | "scopeKind" | "scopeId">;
  readonly policy: CompiledPolicy;
}

/** What the directory knows; asked only as far as the decision needs it. */
export interface AccessFacts extends ChainFacts {
  project(projectId: string): Pick<ProjectRow, "tenantId" | "name" | "enabled"> | undefined;
  enterpriseProject(tenantId: string, enterpriseProjectId: string): Pick<EnterpriseProjectRow, "enabled"> | undefined;
  grantsOf(uid: string): readonly EffectiveGrant[];
}

/**
 * Who may do what: the one decision, for every dialect and every service. In this order:
 *
 * 1. A principal or tenant that is disabled does nothing.
 * 2. A resource in a project needs that project to be there and enabled; nothing is created in a disabled enterprise project.
 * 3. The credential bounds the call, whatever its principal may do: one for a project reaches what is in that project, one for a
 *    tenant that tenant (and, for an installation administrator, everything), one without scope only its own identity.
 * 4. A denial that a policy states binds IAM users. It does not bind the account that owns the tenant, nor installation
 *    administrators: policies are theirs to give, and a mistake in one must not lock them out.
 * 5. Business chains are open to those on them: see {@link decideOnChain}. No grant opens one.
 * 6. What belongs to no tenant is for installation administrators; they may do everything else too.
 * 7. The account may do everything in its tenant.
 * 8. A user looks after its own identity and, with a credential for its tenant, its own credentials.
 * 9. A user may do what a policy allows that it holds, by itself or by a group, over the tenant, the resource's project or, for
 *    actions that know them, the resource's enterprise project.
 * 10. Nothing else is allowed.
 *
 * @source Huawei BCS document, sections 1.6.1 and 2.6.1 (users have no permission until granted; scopes of grants)
 */
export function authorize(question: AccessQuestion, facts: AccessFacts): AccessDecision {
  const { principal, tenant, action, resource } = question;
  if (!principal.enabled) return refuse("principal-disabled");
  if (!tenant.enabled) return refuse("tenant-disabled");
  const placeFault = faultOfPlace(question, facts) ?? faultOfScope(question);
  if (placeFault !== undefined) return refuse(placeFault);
  const isBound = principal.kind === "ram-user" && !principal.installationAdministrator;
  const verdict = isBound ? verdictOfGrants(question, facts) : "silent";
  if (verdict === "deny") return refuse("denied-by-policy");
  if (resource.kind === "chain" && action.startsWith("ltl:")) return decideOnChain(principal, action, resource, facts);
  if (resource.kind === "ledger-service") {
    return principal.ledgerServiceOpened ? allow("service-opened") : refuse("service-not-opened", "SERVICE_NOT_OPENED");
  }
  if (principal.installationAdministrator) return allow("installation-administrator");
  if (resource.tenantId === null) return refuse("installation-only");
  if (isOwnIdentity(question) || isOwnCredential(question)) return allow("own-identity");
  if (resource.tenantId !== tenant.tenantId) return refuse("other-tenant");
  if (principal.kind === "account") return allow("account-owner");
  return verdict === "allow" ? allow("granted") : refuse("not-granted");
}

function faultOfPlace({ action, resource }: AccessQuestion, facts: AccessFacts) {
  const { id, tenantId, projectId, enterpriseProjectId } = resource;
  if (projectId !== undefined) {
    const project = facts.project(projectId);
    if (project === undefined || project.tenantId !== tenantId) return "project-unknown";
    if (!project.enabled) return "project-disabled";
  }
  if (tenantId === null || enterpriseProjectId === undefined) return undefined;
  const enterpriseProject = facts.enterpriseProject(tenantId, enterpriseProjectId);
  if (enterpriseProject === undefined) return "enterprise-project-unknown";
  const isNew = id === undefined && isCreation(action);
  return isNew && !enterpriseProject.enabled ? "enterprise-project-disabled" : undefined;
}

function faultOfScope(question: AccessQuestion) {
  const { principal, scope, resource } = question;
  if (isOwnIdentity(question)) return undefined;
  switch (scope.kind) {
    case "unscoped":
      return "scope-unscoped";
    case "project":
      return resource.projectId === scope.projectId ? undefined : "scope-project";
    case "tenant": {
      const reaches = resource.tenantId === scope.tenantId || principal.installationAdministrator;
      // Chains and the service are shared between tenants; what belongs to no tenant is told apart below.
      const isShared = resource.tenantId === null || resource.kind === "chain" || resource.kind === "ledger-service";
      return reaches || isShared ? undefined : "scope-tenant";
    }
  }
}

const isOwn = ({ principal, resource }: AccessQuestion) => resource.ownerUid === principal.uid;
const isOwnIdentity = (question: AccessQuestion) => isOwn(question) && isOwnIdentityAction(question.action);
const isOwnCredential = (question: AccessQuestion) => isOwn(question) && isOwnCredentialAction(question.action);

function verdictOfGrants(question: AccessQuestion, facts: AccessFacts): "allow" | "deny" | "silent" {
  const grants = facts.grantsOf(question.principal.uid);
  if (grants.length === 0) return "silent";
  const context = conditionContext(question, facts);
  const action = splitAction(question.action);
  let answer: "allow" | "silent" = "silent";
  for (const { grant, policy } of grants) {
    if (!covers(grant, question)) continue;
    const verdict = policy.verdict(action, question.resource, context);
    if (verdict === "deny") return "deny";
    if (verdict === "allow") answer = "allow";
  }
  return answer;
}

/** A tenant's own grants bind its users on shared chains too, wherever those are administered. */
function covers({ scopeKind, scopeId }: EffectiveGrant["grant"], { action, resource }: AccessQuestion): boolean {
  if (scopeKind === "tenant") return true;
  if (scopeKind === "project") return resource.projectId === scopeId;
  return resource.enterpriseProjectId === scopeId && supportsEnterpriseProjects(action);
}

function conditionContext(question: AccessQuestion, facts: AccessFacts): ConditionContext {
  const { principal, tenant, resource, sourceAddress, nowMs } = question;
  const project = resource.projectId === undefined ? undefined : facts.project(resource.projectId);
  return {
    nowMs,
    sourceAddress,
    userName: principal.name,
    userId: principal.userId,
    domainName: tenant.name,
    projectName: project?.name ?? null,
  };
}
