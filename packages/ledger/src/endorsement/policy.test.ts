import { bytesToHex } from "@concordat/base";
import { common, msp, peer } from "@hyperledger/fabric-protos";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { damaged, RUNS } from "../encoding/arbitraries.fixture.ts";
import { isPolicySatisfied } from "./evaluate-policy.ts";
import {
  decodeApplicationPolicy,
  decodeSignaturePolicy,
  encodeApplicationPolicy,
  encodeSignaturePolicy,
} from "./policy-codec.ts";
import { parsePolicyText, policyToText } from "./policy-text.ts";
import type { EndorsementPolicy, Member, Principal, SignaturePolicy, SignatureRule } from "./ports.ts";

const ROLES = ["member", "admin", "client", "peer", "orderer"] as const;
const CHANNEL_NAMES = ["Readers", "Writers", "Admins", "Endorsement", "LifecycleEndorsement"] as const;
const mspId = fc.stringMatching(/^[A-Za-z][A-Za-z0-9.-]{0,12}$/);
const role: fc.Arbitrary<Principal> = fc.record({
  kind: fc.constant("role" as const),
  mspId,
  role: fc.constantFrom(...ROLES),
});
const principal: fc.Arbitrary<Principal> = fc.oneof(
  role,
  fc.record({ kind: fc.constant("unit" as const), mspId, unit: fc.string({ minLength: 1, maxLength: 8 }) }),
  fc.record({ kind: fc.constant("identity" as const), serialized: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
);

type Tree = { readonly leaf: Principal } | { readonly n: number; readonly parts: readonly Tree[] };

/** Trees whose principals are numbered from left to right, as texts number them. */
function policyOf(tree: Tree): SignaturePolicy {
  const principals: Principal[] = [];
  const visit = (node: Tree): SignatureRule => {
    if ("leaf" in node) return { kind: "signed-by", principal: principals.push(node.leaf) - 1 };
    return { kind: "n-out-of", n: node.n, rules: node.parts.map(visit) };
  };
  return { rule: visit(tree), principals };
}

function anyTree(leaf: fc.Arbitrary<Principal>): fc.Arbitrary<Tree> {
  return fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.record({ leaf }),
      fc
        .array(tie("tree"), { minLength: 1, maxLength: 4 })
        .chain((parts) => fc.integer({ min: 1, max: parts.length }).map((n) => ({ n, parts }))),
    ),
  })).tree;
}

const channelPolicy = fc.constantFrom(...CHANNEL_NAMES).map((name): EndorsementPolicy => ({ kind: "channel", name }));
const ofLeaves = (leaf: fc.Arbitrary<Principal>): fc.Arbitrary<EndorsementPolicy> =>
  fc.oneof(
    anyTree(leaf).map((tree): EndorsementPolicy => ({ kind: "signature", policy: policyOf(tree) })),
    channelPolicy,
  );

describe("policy texts", () => {
  it("read back as what they were written from", () => {
    fc.assert(
      fc.property(ofLeaves(role), (policy) => {
        const text = policyToText(policy);
        expect(parsePolicyText(text)).toEqual(policy);
        expect(policyToText(parsePolicyText(text))).toBe(text);
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    [`AND('Org1MSP.peer','Org2MSP.peer')`, `AND('Org1MSP.peer', 'Org2MSP.peer')`],
    [` or ( "Org1MSP.member" , 'org2.example-x.admin' ) `, `OR('Org1MSP.member', 'org2.example-x.admin')`],
    [
      `OutOf(2, 'A.client', OR('B.peer', 'C.orderer'), 'D.peer')`,
      `OutOf(2, 'A.client', OR('B.peer', 'C.orderer'), 'D.peer')`,
    ],
    [`OutOf('2', 'A.client', 'B.peer')`, `AND('A.client', 'B.peer')`],
    [`'Org1MSP.peer'`, `'Org1MSP.peer'`],
    [`/Channel/Application/Endorsement`, `/Channel/Application/Endorsement`],
  ])("%s is %s", (text, written) => expect(policyToText(parsePolicyText(text))).toBe(written));

  it.each([
    "",
    "AND()",
    "AND('Org1MSP.peer'",
    "AND('Org1MSP.peer',)",
    "AND('Org1MSP.peer') OR",
    "XOR('Org1MSP.peer')",
    "constructor('Org1MSP.peer')",
    "AND('Org1MSP.boss')",
    "AND('.peer')",
    "AND(Org1MSP.peer)",
    "OutOf(0, 'A.peer')",
    "OutOf(3, 'A.peer', 'B.peer')",
    "OutOf('A.peer', 'B.peer')",
    "/Channel/Application/toString",
    "/Channel/Orderer/BlockValidation",
    "AND('A.peer'; 'B.peer')",
    `${"AND(".repeat(17)}'A.peer'${")".repeat(17)}`,
    `OR(${"'A.peer',".repeat(256)}'A.peer')`,
    "x".repeat(20_001),
  ])("%.30s is none", (text) => {
    expect(() => parsePolicyText(text)).toThrow(expect.objectContaining({ code: "ARGUMENT_INVALID" }));
  });
});

describe("policy encodings", () => {
  it("are those of Fabric's official classes and read back", () => {
    fc.assert(
      fc.property(ofLeaves(principal), (policy) => {
        const bytes = encodeApplicationPolicy(policy);
        expect(bytesToHex(bytes)).toBe(bytesToHex(officialApplicationPolicy(policy)));
        expect(decodeApplicationPolicy(bytes)).toEqual(policy);
        if (policy.kind !== "signature") return;
        const own = encodeSignaturePolicy(policy.policy);
        expect(bytesToHex(own)).toBe(bytesToHex(officialEnvelope(policy.policy).serializeBinary()));
        expect(decodeSignaturePolicy(own)).toEqual(policy.policy);
      }),
      { numRuns: RUNS },
    );
  });

  it("are refused when they are damaged, too deep, or say what is not evaluated", () => {
    const valid = ofLeaves(principal).map(encodeApplicationPolicy);
    fc.assert(
      fc.property(fc.oneof(damaged(valid), fc.uint8Array({ maxLength: 60 })), (bytes) => {
        const policy = decodeApplicationPolicy(bytes);
        if (policy !== undefined) expect(decodeApplicationPolicy(encodeApplicationPolicy(policy))).toEqual(policy);
      }),
      { numRuns: RUNS },
    );
    const leaf: Tree = { leaf: { kind: "role", mspId: "A", role: "peer" } };
    const deep = Array.from({ length: 16 }).reduce<Tree>((tree) => ({ n: 1, parts: [tree] }), leaf);
    expect(decodeSignaturePolicy(encodeSignaturePolicy(policyOf(deep)))).toBeUndefined();
    const outside: SignaturePolicy = {
      rule: { kind: "signed-by", principal: 1 },
      principals: policyOf(leaf).principals,
    };
    expect(decodeSignaturePolicy(encodeSignaturePolicy(outside))).toBeUndefined();
    const elsewhere = new peer.ApplicationPolicy();
    elsewhere.setChannelConfigPolicyReference("/Channel/Orderer/BlockValidation");
    expect(decodeApplicationPolicy(elsewhere.serializeBinary())).toBeUndefined();
    const unit = new msp.OrganizationUnit();
    unit.setMspIdentifier("A");
    unit.setOrganizationalUnitIdentifier("sales");
    unit.setCertifiersIdentifier(Uint8Array.of(1));
    const attested = new msp.MSPPrincipal();
    attested.setPrincipalClassification(msp.MSPPrincipal.Classification.ORGANIZATION_UNIT);
    attested.setPrincipal(unit.serializeBinary());
    const envelope = officialEnvelope(policyOf(leaf));
    envelope.setIdentitiesList([attested]);
    expect(decodeSignaturePolicy(envelope.serializeBinary())).toBeUndefined();
  });
});

describe("a policy", () => {
  const config = {
    organizations: ["A", "B", "C"].map((name) => ({
      mspId: name,
      displayName: "",
      caCertificates: [],
      checkpointKeys: [],
    })),
  };
  const holds = (text: string, members: readonly Member[]) => isPolicySatisfied(parsePolicyText(text), members, config);
  const [a, b, c] = [member("A", "peer", "1"), member("B", "peer", "1"), member("C", "peer", "1")];

  it.each([
    ["OR('A.peer', 'B.peer')", [b], true],
    ["OR('A.peer', 'B.peer')", [c], false],
    ["OR('A.peer', 'B.peer')", [], false],
    ["AND('A.peer', 'B.peer')", [a, b], true],
    ["AND('A.peer', 'B.peer')", [a, c], false],
    ["OutOf(2, 'A.peer', 'B.peer', 'C.peer')", [c, a], true],
    ["AND('A.member', 'A.member')", [a], false],
    ["AND('A.member', 'A.member')", [a, a], false],
    ["AND('A.member', 'A.member')", [a, member("A", "client", "2")], true],
    ["AND('A.admin')", [a], false],
    ["AND('A.client')", [member("A", "client", "2")], true],
    // What a rule that failed had used is free again.
    ["OR(AND('A.peer', 'B.peer'), 'A.peer')", [a], true],
    ["AND(OR('A.member', 'B.member'), 'A.member')", [a, b], false],
    ["AND('A.member', OR('A.member', 'B.member'))", [a, b], true],
    ["/Channel/Application/Endorsement", [a, b], true],
    ["/Channel/Application/Endorsement", [a], false],
    ["/Channel/Application/Endorsement", [a, member("B", "client", "2")], false],
    ["/Channel/Application/LifecycleEndorsement", [b, c], true],
    ["/Channel/Application/Writers", [member("B", "client", "2")], true],
    ["/Channel/Application/Readers", [], false],
    ["/Channel/Application/Admins", [a, b, c], false],
    ["/Channel/Application/Admins", [member("A", "admin", "2"), member("B", "admin", "2")], true],
  ] as const)("%s of %o: %s", (text, members, expected) => expect(holds(text, members)).toBe(expected));

  it("counts a certificate once however it was serialized", () => {
    const dressed = { ...a, serialized: Uint8Array.of(9) };
    expect(holds("AND('A.peer', 'A.peer')", [a, dressed])).toBe(false);
  });

  it("knows units and identities", () => {
    const of = (one: Principal): EndorsementPolicy => ({
      kind: "signature",
      policy: { rule: { kind: "signed-by", principal: 0 }, principals: [one] },
    });
    expect(isPolicySatisfied(of({ kind: "unit", mspId: "A", unit: "peer" }), [a], config)).toBe(true);
    expect(isPolicySatisfied(of({ kind: "unit", mspId: "A", unit: "sales" }), [a], config)).toBe(false);
    expect(isPolicySatisfied(of({ kind: "unit", mspId: "B", unit: "peer" }), [a], config)).toBe(false);
    expect(isPolicySatisfied(of({ kind: "identity", serialized: a.serialized }), [b, a], config)).toBe(true);
    expect(isPolicySatisfied(of({ kind: "identity", serialized: a.serialized }), [b], config)).toBe(false);
  });

  it("is met by nobody when it asks for more rules than it has, by everybody when it asks for none", () => {
    const rule = (n: number): EndorsementPolicy => ({
      kind: "signature",
      policy: { rule: { kind: "n-out-of", n, rules: [] }, principals: [] },
    });
    expect(isPolicySatisfied(rule(1), [a, b, c], config)).toBe(false);
    expect(isPolicySatisfied(rule(0), [], config)).toBe(true);
  });
});

function member(ofMsp: string, ofRole: Member["role"], serialNumber: string): Member {
  const serialized = Buffer.from(`${ofMsp} ${ofRole} ${serialNumber}`);
  return {
    mspId: ofMsp,
    role: ofRole,
    units: [ofRole],
    certificatePem: "",
    serialNumber,
    serialized,
    verify: () => true,
  };
}

function officialApplicationPolicy(policy: EndorsementPolicy): Uint8Array {
  const official = new peer.ApplicationPolicy();
  if (policy.kind === "signature") official.setSignaturePolicy(officialEnvelope(policy.policy));
  else official.setChannelConfigPolicyReference(`/Channel/Application/${policy.name}`);
  return official.serializeBinary();
}

function officialEnvelope(policy: SignaturePolicy): common.SignaturePolicyEnvelope {
  const envelope = new common.SignaturePolicyEnvelope();
  envelope.setRule(officialRule(policy.rule));
  envelope.setIdentitiesList(policy.principals.map(officialPrincipal));
  return envelope;
}

function officialRule(rule: SignatureRule): common.SignaturePolicy {
  const official = new common.SignaturePolicy();
  if (rule.kind === "signed-by") {
    official.setSignedBy(rule.principal);
    return official;
  }
  const nOutOf = new common.SignaturePolicy.NOutOf();
  nOutOf.setN(rule.n);
  nOutOf.setRulesList(rule.rules.map(officialRule));
  official.setNOutOf(nOutOf);
  return official;
}

function officialPrincipal(one: Principal): msp.MSPPrincipal {
  const official = new msp.MSPPrincipal();
  const { Classification } = msp.MSPPrincipal;
  if (one.kind === "role") {
    const content = new msp.MSPRole();
    content.setMspIdentifier(one.mspId);
    const numbers = { member: 0, admin: 1, client: 2, peer: 3, orderer: 4 } as const;
    content.setRole(numbers[one.role]);
    official.setPrincipalClassification(Classification.ROLE);
    official.setPrincipal(content.serializeBinary());
  } else if (one.kind === "unit") {
    const content = new msp.OrganizationUnit();
    content.setMspIdentifier(one.mspId);
    content.setOrganizationalUnitIdentifier(one.unit);
    official.setPrincipalClassification(Classification.ORGANIZATION_UNIT);
    official.setPrincipal(content.serializeBinary());
  } else {
    official.setPrincipalClassification(Classification.IDENTITY);
    official.setPrincipal(one.serialized);
  }
  return official;
}
