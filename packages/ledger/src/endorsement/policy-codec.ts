import { WireWriter } from "../encoding/wire-writer.ts";
import { isChannelPolicyName } from "./channel-policies.ts";
import { FieldReader, readOrUndefined, singular } from "./field-reader.ts";
import { MEMBER_ROLES, POLICY_LIMITS } from "./policy-limits.ts";
import type { EndorsementPolicy, Principal, SignaturePolicy, SignatureRule } from "./ports.ts";

/*
 * @source fabric-protos peer/policy.proto, common/policies.proto, msp/msp_principal.proto
 */

const CHANNEL_PATH = "/Channel/Application/";
const ROLE = 0;
const ORGANIZATION_UNIT = 1;
const IDENTITY = 2;

/** A serialized `protos.ApplicationPolicy`. */
export function encodeApplicationPolicy(policy: EndorsementPolicy): Uint8Array {
  const writer = new WireWriter(512);
  if (policy.kind === "channel") writer.stringField(2, CHANNEL_PATH + policy.name);
  else {
    writeEnvelope(writer, policy.policy);
    writer.close(1, 0);
  }
  return writer.detach();
}

/** A serialized `common.SignaturePolicyEnvelope`. */
export function encodeSignaturePolicy(policy: SignaturePolicy): Uint8Array {
  const writer = new WireWriter(512);
  writeEnvelope(writer, policy);
  return writer.detach();
}

function writeEnvelope(writer: WireWriter, { rule, principals }: SignaturePolicy): void {
  for (const principal of principals.toReversed()) {
    const mark = writer.length;
    writePrincipal(writer, principal);
    writer.close(3, mark);
  }
  const mark = writer.length;
  writeRule(writer, rule);
  writer.close(2, mark);
}

function writeRule(writer: WireWriter, rule: SignatureRule): void {
  if (rule.kind === "signed-by") {
    // A choice: written even when it is 0.
    writer.varint(rule.principal);
    writer.varint(1 << 3);
    return;
  }
  const mark = writer.length;
  for (const part of rule.rules.toReversed()) {
    const partMark = writer.length;
    writeRule(writer, part);
    writer.close(2, partMark);
  }
  writer.varintField(1, rule.n);
  writer.close(2, mark);
}

function writePrincipal(writer: WireWriter, principal: Principal): void {
  const mark = writer.length;
  if (principal.kind === "role") {
    writer.varintField(2, MEMBER_ROLES.indexOf(principal.role));
    writer.stringField(1, principal.mspId);
    writer.closeUnlessEmpty(2, mark);
    return;
  }
  if (principal.kind === "unit") {
    writer.stringField(2, principal.unit);
    writer.stringField(1, principal.mspId);
    writer.closeUnlessEmpty(2, mark);
    writer.varintField(1, ORGANIZATION_UNIT);
    return;
  }
  writer.bytesField(2, principal.serialized);
  writer.varintField(1, IDENTITY);
}

/** Undefined when it is malformed, exceeds a limit, or says something that is not evaluated here. */
export function decodeApplicationPolicy(bytes: Uint8Array): EndorsementPolicy | undefined {
  return readOrUndefined(() => {
    const reader = FieldReader.of(bytes, singular(1, 2));
    let policy: EndorsementPolicy | undefined;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field !== 1 && field !== 2) continue;
      // Of a choice only one may be there.
      if (policy !== undefined) return undefined;
      policy = field === 1 ? readSignatureChoice(reader) : readChannelReference(reader.string());
      if (policy === undefined) return undefined;
    }
    return policy;
  });
}

/** The same for a `SignaturePolicyEnvelope`. */
export function decodeSignaturePolicy(bytes: Uint8Array): SignaturePolicy | undefined {
  return readOrUndefined(() => readEnvelope(FieldReader.of(bytes, ENVELOPE_FIELDS)));
}

const ENVELOPE_FIELDS = singular(1, 2);

function readSignatureChoice(reader: FieldReader): EndorsementPolicy | undefined {
  const policy = readEnvelope(reader.message(ENVELOPE_FIELDS));
  return policy === undefined ? undefined : { kind: "signature", policy };
}

function readChannelReference(path: string): EndorsementPolicy | undefined {
  const name = path.startsWith(CHANNEL_PATH) ? path.slice(CHANNEL_PATH.length) : "";
  return isChannelPolicyName(name) ? { kind: "channel", name } : undefined;
}

function readEnvelope(reader: FieldReader): SignaturePolicy | undefined {
  const principals: Principal[] = [];
  const budget = { rules: POLICY_LIMITS.rules };
  let rule: SignatureRule | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1 && reader.int32() !== 0) return undefined;
    if (field === 2) {
      rule = readRule(reader.message(singular(1, 2)), 1, budget);
      if (rule === undefined) return undefined;
    } else if (field === 3) {
      const principal = readPrincipal(reader.message(singular(1, 2)));
      if (principal === undefined || principals.length >= POLICY_LIMITS.principals) return undefined;
      principals.push(principal);
    }
  }
  return rule !== undefined && namesOnly(rule, principals.length) ? { rule, principals } : undefined;
}

function namesOnly(rule: SignatureRule, count: number): boolean {
  if (rule.kind === "signed-by") return rule.principal >= 0 && rule.principal < count;
  return rule.rules.every((part) => namesOnly(part, count));
}

function readRule(reader: FieldReader, depth: number, budget: { rules: number }): SignatureRule | undefined {
  if (depth > POLICY_LIMITS.depth || --budget.rules < 0) return undefined;
  let rule: SignatureRule | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 1 && field !== 2) continue;
    if (rule !== undefined) return undefined;
    rule =
      field === 1
        ? { kind: "signed-by", principal: reader.int32() }
        : readNOutOf(reader.message(singular(1)), depth, budget);
    if (rule === undefined) return undefined;
  }
  return rule;
}

function readNOutOf(reader: FieldReader, depth: number, budget: { rules: number }): SignatureRule | undefined {
  const rules: SignatureRule[] = [];
  let n = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) n = reader.int32();
    else if (field === 2) {
      const part = readRule(reader.message(singular(1, 2)), depth + 1, budget);
      if (part === undefined) return undefined;
      rules.push(part);
    }
  }
  // More than there are is never satisfied, as on Fabric; a negative number has no other encoding here.
  return n < 0 ? undefined : { kind: "n-out-of", n, rules };
}

function readPrincipal(reader: FieldReader): Principal | undefined {
  let classification = ROLE;
  let content: FieldReader | undefined;
  let serialized: Uint8Array = new Uint8Array(0);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) classification = reader.int32();
    else if (field === 2) {
      serialized = reader.view().slice();
      content = reader.message(singular(1, 2, 3));
    }
  }
  if (classification === IDENTITY) return serialized.length === 0 ? undefined : { kind: "identity", serialized };
  if (content === undefined) return undefined;
  if (classification === ROLE) return readRole(content);
  return classification === ORGANIZATION_UNIT ? readUnit(content) : undefined;
}

function readRole(reader: FieldReader): Principal | undefined {
  let mspId = "";
  let number = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) mspId = reader.string();
    else if (field === 2) number = reader.int32();
  }
  const role = MEMBER_ROLES[number];
  return role === undefined || mspId === "" ? undefined : { kind: "role", mspId, role };
}

/** A unit that only certain authorities may attest is refused: the restriction would be lost. */
function readUnit(reader: FieldReader): Principal | undefined {
  let [mspId, unit] = ["", ""];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) mspId = reader.string();
    else if (field === 2) unit = reader.string();
    else if (field === 3 && reader.view().length > 0) return undefined;
  }
  return mspId === "" || unit === "" ? undefined : { kind: "unit", mspId, unit };
}
