import { bytesToHex } from "@concordat/base";
import { ledgerErrors } from "../errors.ts";
import { isChannelPolicyName } from "./channel-policies.ts";
import { MEMBER_ROLES, POLICY_LIMITS } from "./policy-limits.ts";
import type { EndorsementPolicy, Principal, SignatureRule } from "./ports.ts";

const CHANNEL_PATH = "/Channel/Application/";
const OPERATORS: Readonly<Record<string, "and" | "or" | "outof">> = {
  AND: "and",
  And: "and",
  and: "and",
  OR: "or",
  Or: "or",
  or: "or",
  OutOf: "outof",
  OUTOF: "outof",
  outof: "outof",
};
/** One word, number, quoted text or sign, and the spaces before it. */
const TOKEN = /\s*(?:([A-Za-z]+)|(\d{1,9})|'([^']*)'|"([^"]*)"|([(),]))/y;
const PRINCIPAL = /^([A-Za-z0-9.-]+)\.(member|admin|client|peer|orderer)$/;

/**
 * Reads Fabric's text of a signature policy, `AND('Org1MSP.peer', OutOf(1, "Org2MSP.admin", ...))`, or the path of a channel policy,
 * `/Channel/Application/Endorsement`. Each principal that is named gets a place of its own, as on Fabric.
 * @throws LedgerError ARGUMENT_INVALID that says what is wrong and where
 * @source fabric common/policydsl: the operators' spellings and the form of a principal
 */
export function parsePolicyText(text: string): EndorsementPolicy {
  if (text.length > POLICY_LIMITS.textCharacters)
    throw fault(`is longer than ${POLICY_LIMITS.textCharacters} characters`);
  const trimmed = text.trim();
  if (trimmed.startsWith("/")) return parseChannelPath(trimmed);
  const parser = new PolicyParser(text);
  const rule = parser.rule(1);
  parser.end();
  return { kind: "signature", policy: { rule, principals: parser.principals } };
}

function parseChannelPath(path: string): EndorsementPolicy {
  const name = path.startsWith(CHANNEL_PATH) ? path.slice(CHANNEL_PATH.length) : "";
  if (!isChannelPolicyName(name)) throw fault("names no policy of the channel");
  return { kind: "channel", name };
}

function fault(what: string) {
  return ledgerErrors.argumentInvalid(`The policy ${what}.`);
}

interface Token {
  readonly kind: "word" | "number" | "text" | "sign" | "end";
  readonly text: string;
  readonly at: number;
}

class PolicyParser {
  readonly principals: Principal[] = [];
  readonly #text: string;
  #position = 0;
  #rules = 0;

  constructor(text: string) {
    this.#text = text;
  }

  rule(depth: number): SignatureRule {
    if (depth > POLICY_LIMITS.depth) throw fault(`has more than ${POLICY_LIMITS.depth} rules inside each other`);
    if (++this.#rules > POLICY_LIMITS.rules) throw fault(`has more than ${POLICY_LIMITS.rules} rules`);
    const token = this.#next();
    if (token.kind === "text") return this.#principal(token);
    const operator = token.kind === "word" && Object.hasOwn(OPERATORS, token.text) ? OPERATORS[token.text] : undefined;
    if (operator === undefined) throw this.#unexpected(token, "AND, OR, OutOf or a principal in quotes");
    this.#sign("(");
    return operator === "outof" ? this.#outOf(depth) : this.#list(operator, depth);
  }

  end(): void {
    const token = this.#next();
    if (token.kind !== "end") throw this.#unexpected(token, "the end");
  }

  #list(operator: "and" | "or", depth: number): SignatureRule {
    const rules = this.#rest(depth, [this.rule(depth + 1)]);
    return { kind: "n-out-of", n: operator === "and" ? rules.length : 1, rules };
  }

  #outOf(depth: number): SignatureRule {
    const token = this.#next();
    // Fabric's own tools write the number in quotes, too.
    const isNumber = token.kind === "number" || (token.kind === "text" && /^\d{1,9}$/.test(token.text));
    if (!isNumber) throw this.#unexpected(token, "how many of the rules");
    this.#sign(",");
    const rules = this.#rest(depth, [this.rule(depth + 1)]);
    const n = Number(token.text);
    if (n < 1 || n > rules.length) throw fault(`asks for ${n} of ${rules.length} rules at character ${token.at + 1}`);
    return { kind: "n-out-of", n, rules };
  }

  /** The further rules of a list, and its closing parenthesis. */
  #rest(depth: number, rules: SignatureRule[]): readonly SignatureRule[] {
    for (;;) {
      const token = this.#next();
      if (token.kind === "sign" && token.text === ")") return rules;
      if (token.kind !== "sign" || token.text !== ",")
        throw this.#unexpected(token, "a comma or a closing parenthesis");
      rules.push(this.rule(depth + 1));
    }
  }

  #principal(token: Token): SignatureRule {
    const [, mspId, roleName] = PRINCIPAL.exec(token.text) ?? [];
    const role = MEMBER_ROLES.find((name) => name === roleName);
    if (mspId === undefined || role === undefined) {
      throw this.#unexpected(token, "an MSP id, a dot and member, admin, client, peer or orderer");
    }
    if (this.principals.length >= POLICY_LIMITS.principals) {
      throw fault(`names more than ${POLICY_LIMITS.principals} principals`);
    }
    this.principals.push({ kind: "role", mspId, role });
    return { kind: "signed-by", principal: this.principals.length - 1 };
  }

  #sign(sign: string): void {
    const token = this.#next();
    if (token.kind !== "sign" || token.text !== sign) throw this.#unexpected(token, `"${sign}"`);
  }

  #next(): Token {
    TOKEN.lastIndex = this.#position;
    const at = this.#position;
    const match = TOKEN.exec(this.#text);
    if (match === null) {
      const rest = this.#text.slice(at).trimStart();
      return rest === "" ? { kind: "end", text: "", at } : { kind: "sign", text: rest.slice(0, 1), at };
    }
    this.#position = TOKEN.lastIndex;
    const [, word, number, single, double, sign = ""] = match;
    if (word !== undefined) return { kind: "word", text: word, at };
    if (number !== undefined) return { kind: "number", text: number, at };
    const quoted = single ?? double;
    return quoted === undefined ? { kind: "sign", text: sign, at } : { kind: "text", text: quoted, at };
  }

  #unexpected(token: Token, wanted: string) {
    return fault(`wants ${wanted} at character ${token.at + 1}`);
  }
}

/**
 * The text of a policy, which {@link parsePolicyText} reads back as an equal one when every principal is a role and every rule can be met. Units
 * and identities have no text on Fabric either: they are shown as `'Org1MSP.OU=unit'` and `'identity <hex>'`, for reading only.
 */
export function policyToText(policy: EndorsementPolicy): string {
  if (policy.kind === "channel") return CHANNEL_PATH + policy.name;
  const { rule, principals } = policy.policy;
  return ruleToText(rule, principals);
}

function ruleToText(rule: SignatureRule, principals: readonly Principal[]): string {
  if (rule.kind === "signed-by") return `'${principalToText(principals[rule.principal])}'`;
  const parts = rule.rules.map((part) => ruleToText(part, principals)).join(", ");
  if (rule.n === 1 && rule.rules.length > 0) return `OR(${parts})`;
  if (rule.n === rule.rules.length && rule.n > 0) return `AND(${parts})`;
  return parts === "" ? `OutOf(${rule.n})` : `OutOf(${rule.n}, ${parts})`;
}

function principalToText(principal: Principal | undefined): string {
  if (principal === undefined) return "nobody";
  if (principal.kind === "role") return `${principal.mspId}.${principal.role}`;
  if (principal.kind === "unit") return `${principal.mspId}.OU=${principal.unit}`;
  return `identity ${bytesToHex(principal.serialized.slice(-16))}`;
}
