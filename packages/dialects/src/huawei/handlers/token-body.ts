import { hash } from "node:crypto";
import type { Caller, Token } from "@concordat/platform";
import type { TokenBody } from "../routes/tokens.ts";
import { allPages } from "./all-pages.ts";
import type { IamContext } from "./context.ts";
import { ownTenantOf } from "./own-tenant.ts";

/** A token as IAM describes it, from what is known of its user and scope now. */
export async function tokenBody(token: Token, withCatalog: boolean, context: IamContext): Promise<TokenBody> {
  const { principal, scope } = token;
  const credential = { kind: "iam-token", id: token.tokenHash } as const;
  const caller = context.platform.authentication.callerOf(principal, credential, scope, context.origin);
  const tenant = await ownTenantOf(caller, context);
  const domain = { id: tenant.tenantId, name: tenant.name };
  const project = await projectOf(caller, context);
  const methods = token.detail["methods"];
  return {
    expires_at: formatInstant(token.expiresMs),
    issued_at: formatInstant(token.issuedMs),
    methods: Array.isArray(methods) ? methods.map(String) : [],
    ...(withCatalog ? { catalog: catalogOf(caller, context) } : {}),
    roles: await rolesOf(caller, context),
    ...(project === undefined ? {} : { project: { ...project, domain } }),
    ...(scope.kind === "tenant" ? { domain } : {}),
    user: { id: principal.userId, name: principal.name, password_expires_at: "", domain },
  };
}

/** UTC, with the microseconds that IAM's clients expect. */
export function formatInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("Z", "000Z");
}

/** Undefined for tokens without a project, and once the project is gone or closed to the user. */
async function projectOf(caller: Caller, { platform }: IamContext) {
  const { scope } = caller;
  if (scope.kind !== "project") return undefined;
  const projects = await allPages((query) => platform.tenancy.projects.listAccessible(caller, query));
  const project = projects.find(({ projectId }) => projectId === scope.projectId);
  return project && { id: project.projectId, name: project.name };
}

/** The account's own role, as IAM names it, and for users the policies that they hold where the token counts. */
async function rolesOf(caller: Caller, { platform }: IamContext): Promise<TokenBody["roles"]> {
  if (caller.principal.kind === "account") return [{ id: "0", name: "te_admin" }];
  const held = await platform.tenancy.grants.listHeld(caller);
  return held.map(({ policyId, name }) => ({ id: policyId, name }));
}

/** The services of this server that the token's scope can name a URL of. */
function catalogOf({ scope }: Caller, context: IamContext): NonNullable<TokenBody["catalog"]> {
  const { services, region, baseUrl, platform } = context;
  const projectId = scope.kind === "project" ? scope.projectId : undefined;
  const idOf = (...parts: readonly string[]) =>
    hash("sha256", [platform.installationId, ...parts].join("\n"), "hex").slice(0, 32);
  return services.flatMap(({ type, name, path }) => {
    if (projectId === undefined && path.includes("{project_id}")) return [];
    const url = `${baseUrl}${path.replace("{project_id}", projectId ?? "")}`;
    const endpoint = { id: idOf(type, region), interface: "public" as const, region, region_id: region, url };
    return [{ type, id: idOf(type), name, endpoints: [endpoint] }];
  });
}
