import { matchesGlob } from "./glob.ts";
import { type Condition, type ConditionContext, compileCondition } from "./policy-conditions.ts";
import type { PolicyDocument, PolicyStatement } from "./policy-document.ts";
import type { Resource } from "./resource.ts";

export type PolicyVerdict = "allow" | "deny" | "silent";

export interface ActionParts {
  readonly service: string;
  readonly type: string;
  readonly verb: string;
}

/** A policy made ready for questions. */
export interface CompiledPolicy {
  /** Whether it has statements that allow. */
  readonly allowsSomething: boolean;
  /** `deny` as soon as one statement denies. */
  verdict(action: ActionParts, resource: Resource, context: ConditionContext): PolicyVerdict;
}

interface CompiledStatement {
  readonly denies: boolean;
  readonly fits: (action: ActionParts, resource: Resource, context: ConditionContext) => boolean;
}

/** @param document as parsePolicyDocument answered it */
export function compilePolicy(document: PolicyDocument): CompiledPolicy {
  // Denials first: the first that fits settles it.
  const statements = document.Statement.map(compileStatement).sort((a, b) => Number(b.denies) - Number(a.denies));
  return {
    allowsSomething: statements.some(({ denies }) => !denies),
    verdict(action, resource, context) {
      for (const statement of statements) {
        if (statement.fits(action, resource, context)) return statement.denies ? "deny" : "allow";
      }
      return "silent";
    },
  };
}

function compileStatement({ Effect, Action, Resource, Condition }: PolicyStatement): CompiledStatement {
  const denies = Effect === "Deny";
  const actions = Action.map((pattern) => splitAction(pattern));
  const resources = Resource?.map((pattern) => pattern.split(":"));
  const holds = Condition === undefined ? undefined : compileCondition(Condition);
  return {
    denies,
    fits: (action, resource, context) =>
      fitsAction(actions, action) &&
      (resources === undefined || resources.some((parts) => fitsResource(parts, action, resource, context))) &&
      conditionHolds(holds, context, denies),
  };
}

/** Where a condition asks for what is not known, a permission is not given and a denial stands. */
function conditionHolds(holds: Condition | undefined, context: ConditionContext, denies: boolean): boolean {
  return holds === undefined || (holds(context) ?? denies);
}

/** An action taken apart, or a pattern of one. Letter case counts in the service only. */
export function splitAction(action: string): ActionParts {
  const [service = "", type = "", verb = ""] = action.split(":");
  return { service, type: type.toLowerCase(), verb: verb.toLowerCase() };
}

function fitsAction(patterns: readonly ActionParts[], asked: ActionParts): boolean {
  return patterns.some(
    ({ service, type, verb }) =>
      service === asked.service && matchesGlob(type, asked.type) && matchesGlob(verb, asked.verb),
  );
}

/** A pattern for one resource never fits a list or what is yet to be made: those have no id. */
function fitsResource(
  [service = "", region = "", domainId = "", kind = "", path = ""]: readonly string[],
  action: ActionParts,
  resource: Resource,
  { projectName }: ConditionContext,
): boolean {
  return (
    matchesGlob(service, action.service) &&
    (region === "*" || (projectName !== null && matchesGlob(region, projectName))) &&
    (domainId === "*" || (resource.tenantId !== null && matchesGlob(domainId, resource.tenantId))) &&
    (kind === "*" || kind === resource.kind) &&
    (path === "*" || (resource.id !== undefined && matchesGlob(path, resource.id)))
  );
}
