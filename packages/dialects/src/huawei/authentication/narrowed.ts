import type { Caller } from "@concordat/platform";
import { GatewayRefusal, gatewayErrors } from "../gateway-errors.ts";
import { type HeaderLines, singleHeader } from "../signing/signed-request.ts";
import type { HuaweiCaller } from "./huawei-request.ts";

const PROJECT_ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * The caller within what X-Project-Id and X-Domain-Id name: they may narrow what the credential reaches, never widen it. Whether there is
 * such a project is judged with the resource that is asked for.
 * @throws GatewayRefusal 403
 */
export function narrowed(caller: Caller, headers: HeaderLines): Caller {
  const { scope, tenantId } = caller;
  const domainId = singleHeader(headers, "x-domain-id")?.trim();
  if (domainId !== undefined && domainId !== tenantId) throw foreign("X-Domain-Id");
  const projectId = singleHeader(headers, "x-project-id")?.trim();
  if (projectId === undefined || scope.kind === "unscoped") return caller;
  if (!PROJECT_ID.test(projectId)) throw foreign("X-Project-Id");
  if (scope.kind === "project" && scope.projectId !== projectId) throw foreign("X-Project-Id");
  return { ...caller, scope: { kind: "project", tenantId: scope.tenantId, projectId } };
}

/**
 * The project that a path names must be the one that the credential is for, where it is for one.
 * @throws GatewayRefusal 403
 */
export function requireProject({ caller }: Pick<HuaweiCaller, "caller">, projectId: string): void {
  if (caller.scope.kind === "project" && caller.scope.projectId !== projectId) throw foreign("The project of the path");
}

function foreign(what: string): GatewayRefusal {
  return new GatewayRefusal(gatewayErrors.notAuthorized, `${what} is not what the credential was given for.`);
}
