import { equalBytes } from "../../core/bytes.ts";
import { Fault } from "../../core/fault.ts";
import { ForeignMessage } from "../../core/foreign-message.ts";
import type { Member, MemberRole } from "./members.ts";

type Principal = (member: Member) => boolean;

type Rule =
  | { readonly kind: "signed-by"; readonly principal: Principal }
  | { readonly kind: "n-out-of"; readonly n: number; readonly rules: readonly Rule[] };

/** An endorsement policy: the rule of a signature policy, or one that the channel's organizations imply. */
export type Policy = Rule | { readonly kind: "channel"; readonly name: ChannelPolicyName };

const CHANNEL_POLICIES = ["Endorsement", "LifecycleEndorsement", "Readers", "Writers", "Admins"] as const;
export type ChannelPolicyName = (typeof CHANNEL_POLICIES)[number];

const CHANNEL_PREFIX = "/Channel/Application/";
/** Nesting of rules; Fabric's own decoder ends at as many. */
const DEPTH_MAX = 100;
/** MSPRole.role by number; MEMBER, 0, is any. */
const ROLES: readonly (MemberRole | undefined)[] = [undefined, "admin", "client", "peer", "orderer"];

/** A peer of this organization. */
export function peerOf(mspId: string): Policy {
  return { kind: "signed-by", principal: (member) => member.mspId === mspId && member.role === "peer" };
}

/** Reads a serialized ApplicationPolicy. @throws Fault @source fabric-protos peer/policy.proto */
export function readApplicationPolicy(bytes: Uint8Array): Policy {
  const policy = new ForeignMessage(bytes, { 1: "bytes", 2: "bytes" });
  if (policy.has(1) === policy.has(2)) throw new Fault("a definition's endorsement policy is malformed");
  if (policy.has(1)) return readSignaturePolicy(policy.value(1));
  const reference = policy.text(2);
  const name = CHANNEL_POLICIES.find((known) => reference === `${CHANNEL_PREFIX}${known}`);
  if (name === undefined) throw new Fault("a definition names a channel policy that there is not");
  return { kind: "channel", name };
}

/** Reads a serialized SignaturePolicyEnvelope. @throws Fault @source fabric-protos common/policies.proto */
export function readSignaturePolicy(bytes: Uint8Array): Policy {
  const envelope = new ForeignMessage(bytes, { 1: "number", 2: "bytes", 3: "many" });
  if (envelope.int32(1) !== 0 || !envelope.has(2)) throw new Fault("a signature policy is of an unknown version");
  const principals = envelope.many(3).map((span) => readPrincipal(envelope.slice(span)));
  return readRule(envelope.value(2), principals, DEPTH_MAX);
}

function readRule(bytes: Uint8Array, principals: readonly Principal[], depth: number): Rule {
  const rule = new ForeignMessage(bytes, { 1: "number", 2: "bytes" });
  if (depth === 0 || rule.has(1) === rule.has(2)) throw new Fault("a signature policy's rule is malformed");
  if (rule.has(1)) {
    const principal = principals[rule.int32(1)];
    if (principal === undefined) throw new Fault("a signature policy names a principal that it does not have");
    return { kind: "signed-by", principal };
  }
  const outOf = rule.message(2, { 1: "number", 2: "many" });
  const rules = outOf.many(2).map((span) => readRule(outOf.slice(span), principals, depth - 1));
  const n = outOf.int32(1);
  if (n < 0) throw new Fault("a signature policy asks for a negative number");
  return { kind: "n-out-of", n, rules };
}

/** @source fabric-protos msp/msp_principal.proto */
function readPrincipal(bytes: Uint8Array): Principal {
  const { kind, value } = readKinded(bytes);
  if (kind === 0) {
    const role = new ForeignMessage(value, { 1: "bytes", 2: "number" });
    const mspId = role.text(1);
    const number = role.int32(2);
    if (!(number in ROLES)) throw new Fault("a signature policy names an unknown role");
    const wanted = ROLES[number];
    return (member) => member.mspId === mspId && (wanted === undefined || member.role === wanted);
  }
  if (kind === 1) {
    const unit = new ForeignMessage(value, { 1: "bytes", 2: "bytes" });
    const mspId = unit.text(1);
    const name = unit.text(2);
    return (member) => member.mspId === mspId && member.units.includes(name);
  }
  if (kind !== 2) throw new Fault("a signature policy has a principal of an unknown kind");
  return (member) => equalBytes(member.serialized, value);
}

function readKinded(bytes: Uint8Array): { readonly kind: number; readonly value: Uint8Array } {
  const principal = new ForeignMessage(bytes, { 1: "number", 2: "bytes" });
  return { kind: principal.int32(1), value: principal.value(2) };
}

/** Whether the endorsers, each there once and in the order of the endorsements, satisfy the policy. */
export function isSatisfied(policy: Policy, endorsers: readonly Member[], organizations: ReadonlySet<string>): boolean {
  if (policy.kind !== "channel") return holds(policy, endorsers, new Set()) !== undefined;
  const isAny = policy.name === "Readers" || policy.name === "Writers";
  const role = isAny ? undefined : policy.name === "Admins" ? "admin" : "peer";
  const fitting = endorsers.filter((member) => role === undefined || member.role === role);
  const count = new Set(fitting.map(({ mspId }) => mspId)).size;
  return isAny ? count > 0 : 2 * count > organizations.size;
}

/** The endorsers that are taken once the rule holds; undefined when it does not, which takes none. */
function holds(rule: Rule, endorsers: readonly Member[], taken: ReadonlySet<number>): ReadonlySet<number> | undefined {
  if (rule.kind === "signed-by") {
    const at = endorsers.findIndex((member, index) => !taken.has(index) && rule.principal(member));
    return at < 0 ? undefined : new Set([...taken, at]);
  }
  let count = 0;
  let now = taken;
  for (const part of rule.rules) {
    const after = holds(part, endorsers, now);
    if (after === undefined) continue;
    now = after;
    count += 1;
  }
  return count >= rule.n ? now : undefined;
}
