import { isConditionBlock } from "./policy-conditions.ts";
import { policyFault, requireFields, requireList } from "./policy-faults.ts";

/** A policy as the documents write it. @source Huawei BCS document, sections 1.6.1 and 2.6.1 */
export interface PolicyDocument {
  /** "1.1" is a fine-grained policy; "1.0" would be a role, of which there are none here. */
  readonly Version: "1.1";
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Effect: "Allow" | "Deny";
  /** `service:type:verb`; `*` stands for any characters within type and verb, whose letter case does not count. */
  readonly Action: readonly string[];
  /** `service:region:domainId:type:path`, or `*` in each part; left out: every resource. The region is the name of the resource's project. */
  readonly Resource?: readonly string[];
  /** Operator, then key, then values: see {@link isConditionBlock}. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Bounds of one document. The first four are those of the vendor's public reference for custom policies. */
export const policyLimits = {
  /** Of the document as JSON without spaces. */
  characters: 6_144,
  statements: 8,
  actionsPerStatement: 100,
  resourcesPerStatement: 10,
  /** Keys in one statement's condition. */
  conditionsPerStatement: 10,
  valuesPerCondition: 20,
} as const;

const actionForm = /^[a-z][a-zA-Z0-9]{0,31}:[a-zA-Z0-9*]{1,64}:[a-zA-Z0-9*]{1,64}$/;
const resourceForm =
  /^(\*|[a-z][a-zA-Z0-9]{0,31}):[a-zA-Z0-9_*-]{1,64}:[a-f0-9*]{1,32}:(\*|[a-zA-Z]{1,32}):[^:\s]{1,256}$/;

/** Kinds of resources that a policy can name one by one, by service; those of other services have to be left at `*`. */
const resourceKinds: Readonly<Record<string, readonly string[]>> = {
  bcs: ["instance"],
  iam: ["tenant", "project", "enterpriseProject", "user", "group", "policy", "grant"],
  platform: ["chain", "deviceProduct", "job"],
  ltl: ["chain"],
};

/**
 * The document, checked throughout: what is not supported is refused, never passed over.
 * @throws PlatformError POLICY_INVALID, naming the place in facts.place
 */
export function parsePolicyDocument(value: unknown): PolicyDocument {
  if (JSON.stringify(value)?.length > policyLimits.characters) {
    throw policyFault("", `has more than ${policyLimits.characters} characters`);
  }
  const document = requireFields(value, "", ["Version", "Statement"], ["Version", "Statement"]);
  if (document["Version"] !== "1.1") throw policyFault("Version", 'must be "1.1"');
  const statements = requireList(document["Statement"], "Statement", policyLimits.statements);
  return { Version: "1.1", Statement: statements.map((one, index) => parseStatement(one, `Statement[${index}]`)) };
}

function parseStatement(value: unknown, place: string): PolicyStatement {
  const statement = requireFields(value, place, ["Effect", "Action"], ["Effect", "Action", "Resource", "Condition"]);
  const { Effect, Action, Resource, Condition } = statement;
  if (Effect !== "Allow" && Effect !== "Deny") throw policyFault(`${place}.Effect`, 'must be "Allow" or "Deny"');
  return {
    Effect,
    Action: parseTexts(Action, `${place}.Action`, policyLimits.actionsPerStatement, actionFault),
    ...(Resource === undefined
      ? {}
      : { Resource: parseTexts(Resource, `${place}.Resource`, policyLimits.resourcesPerStatement, resourceFault) }),
    ...(isConditionBlock(Condition, `${place}.Condition`, policyLimits) ? { Condition } : {}),
  };
}

function parseTexts(
  value: unknown,
  place: string,
  countMax: number,
  faultOf: (text: string) => string | undefined,
): readonly string[] {
  return requireList(value, place, countMax).map((text, index) => {
    const fault = typeof text === "string" ? faultOf(text) : "must be a text";
    if (fault !== undefined || typeof text !== "string") throw policyFault(`${place}[${index}]`, fault ?? "");
    return text;
  });
}

function actionFault(text: string): string | undefined {
  if (actionForm.test(text)) return undefined;
  return "must be service:type:verb of letters and digits, with * inside type and verb only";
}

function resourceFault(text: string): string | undefined {
  if (!resourceForm.test(text)) return "must be service:region:domainId:type:path";
  const [service = "", , , kind = "", path = ""] = text.split(":");
  if (kind === "*") return path === "*" ? undefined : "must have the path * where the type is *";
  return resourceKinds[service]?.includes(kind) ? undefined : "names a type of resources that no policy can single out";
}
