import { BlockList, isIP } from "node:net";
import { matchesGlob } from "./glob.ts";
import { policyFault, requireList, requireObject } from "./policy-faults.ts";

/** What conditions ask about. Null is known not to be; undefined is not known. */
export interface ConditionContext {
  readonly nowMs: number;
  readonly sourceAddress: string | undefined;
  readonly userName: string;
  readonly userId: string;
  readonly domainName: string;
  /** Null where the resource is in no project. */
  readonly projectName: string | null;
}

export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Undefined when what it asks about is not known. */
export type Condition = (context: ConditionContext) => boolean | undefined;

type ValueKind = "text" | "time" | "address";

const keys: Readonly<
  Record<string, { readonly kind: ValueKind; readonly of: (context: ConditionContext) => unknown }>
> = {
  "g:UserName": { kind: "text", of: (context) => context.userName },
  "g:UserId": { kind: "text", of: (context) => context.userId },
  "g:DomainName": { kind: "text", of: (context) => context.domainName },
  "g:ProjectName": { kind: "text", of: (context) => context.projectName },
  "g:CurrentTime": { kind: "time", of: (context) => context.nowMs },
  "g:SourceIp": { kind: "address", of: (context) => context.sourceAddress },
};

interface Operator {
  readonly kind: ValueKind;
  /** True: none of the values may fit. Otherwise one has to. */
  readonly negated?: true;
  readonly fitting: (values: readonly string[]) => (actual: unknown) => boolean;
}

const someText =
  (fits: (actual: string, value: string) => boolean) => (values: readonly string[]) => (actual: unknown) =>
    typeof actual === "string" && values.some((value) => fits(actual, value));
const someTime = (fits: (actualMs: number, valueMs: number) => boolean) => (values: readonly string[]) => {
  const times = values.map((value) => Date.parse(value));
  return (actual: unknown) => typeof actual === "number" && times.some((valueMs) => fits(actual, valueMs));
};

const operators: Readonly<Record<string, Operator>> = {
  StringEquals: { kind: "text", fitting: someText((actual, value) => actual === value) },
  StringNotEquals: { kind: "text", negated: true, fitting: someText((actual, value) => actual === value) },
  StringStartWith: { kind: "text", fitting: someText((actual, value) => actual.startsWith(value)) },
  StringEndWith: { kind: "text", fitting: someText((actual, value) => actual.endsWith(value)) },
  StringLike: { kind: "text", fitting: someText((actual, value) => matchesGlob(value, actual)) },
  DateLessThan: { kind: "time", fitting: someTime((actualMs, valueMs) => actualMs < valueMs) },
  DateGreaterThan: { kind: "time", fitting: someTime((actualMs, valueMs) => actualMs > valueMs) },
  IpAddress: { kind: "address", fitting: someAddress },
  NotIpAddress: { kind: "address", negated: true, fitting: someAddress },
};

const valueForms: Readonly<Record<ValueKind, { readonly fits: (value: string) => boolean; readonly form: string }>> = {
  text: { fits: (value) => value.length >= 1 && value.length <= 256, form: "a text of 1 to 256 characters" },
  time: {
    fits: (value) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(value) && !Number.isNaN(Date.parse(value)),
    form: "a time such as 2026-01-31T08:00:00Z",
  },
  address: { fits: (value) => rangeOf(value) !== undefined, form: "an address or a range such as 10.0.0.0/8" },
};

/**
 * Whether there is a condition. The operators are those of the two tables above, each for keys of its kind; all keys of all operators
 * have to hold.
 * @throws PlatformError POLICY_INVALID when it is malformed or asks for what is not supported
 */
export function isConditionBlock(
  value: unknown,
  place: string,
  limits: { readonly conditionsPerStatement: number; readonly valuesPerCondition: number },
): value is ConditionBlock {
  if (value === undefined) return false;
  let count = 0;
  for (const [name, block] of Object.entries(requireObject(value, place))) {
    const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
    if (operator === undefined) throw policyFault(place, "has an operator that is not supported");
    for (const [key, values] of Object.entries(requireObject(block, `${place}.${name}`))) {
      if (!Object.hasOwn(keys, key) || keys[key]?.kind !== operator.kind) {
        throw policyFault(`${place}.${name}`, "has a key that is not supported there");
      }
      requireValues(values, `${place}.${name}.${key}`, operator.kind, limits.valuesPerCondition);
      count++;
    }
  }
  if (count >= 1 && count <= limits.conditionsPerStatement) return true;
  throw policyFault(place, `must have 1 to ${limits.conditionsPerStatement} keys`);
}

function requireValues(values: unknown, place: string, kind: ValueKind, countMax: number): void {
  for (const [index, value] of requireList(values, place, countMax).entries()) {
    const { fits, form } = valueForms[kind];
    if (typeof value !== "string" || !fits(value)) throw policyFault(`${place}[${index}]`, `must be ${form}`);
  }
}

/** Makes a checked block ready: values are read once, not with each question. */
export function compileCondition(block: ConditionBlock): Condition {
  const tests = Object.entries(block).flatMap(([name, byKey]) =>
    Object.entries(byKey).map(([key, values]) => compileTest(name, key, values)),
  );
  return (context) => {
    let known = true;
    for (const test of tests) {
      const answer = test(context);
      if (answer === false) return false;
      if (answer === undefined) known = false;
    }
    return known ? true : undefined;
  };
}

function compileTest(name: string, key: string, values: readonly string[]): Condition {
  const operator = operators[name];
  const source = keys[key];
  if (operator === undefined || source === undefined) throw policyFault(name, "is not supported");
  const fits = operator.fitting(values);
  return (context) => {
    const actual = source.of(context);
    return actual === undefined ? undefined : fits(actual) !== (operator.negated ?? false);
  };
}

function someAddress(values: readonly string[]): (actual: unknown) => boolean {
  const list = new BlockList();
  for (const value of values) {
    const range = rangeOf(value);
    if (range !== undefined) list.addSubnet(range.address, range.prefix, range.family);
  }
  return (actual) => {
    if (typeof actual !== "string") return false;
    // How a listener for both families shows IPv4.
    const address = actual.replace(/^::ffff:(?=\d+\.)/, "");
    const family = familyOf(address);
    return family !== undefined && list.check(address, family);
  };
}

function rangeOf(value: string) {
  const [address = "", prefixText, ...rest] = value.split("/");
  const family = familyOf(address);
  if (family === undefined || rest.length > 0) return undefined;
  const longest = family === "ipv4" ? 32 : 128;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? longest : Number(prefixText);
  return prefix <= longest ? { address, prefix, family } : undefined;
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? "ipv4" : "ipv6";
}
