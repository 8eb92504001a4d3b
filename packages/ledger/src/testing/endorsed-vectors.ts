import { sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { bytesToBase64 } from "@concordat/base";
import { certificateSummary, REVOCATION_REASON } from "@concordat/identity";
import { common } from "@hyperledger/fabric-protos";
import { encodeConfigEnvelope } from "../encoding/config.ts";
import { approvalKey, approvalToText, definitionKey, definitionToText } from "../endorsement/definitions.ts";
import { isLowS } from "../endorsement/low-s.ts";
import { encodeApplicationPolicy, encodeSignaturePolicy } from "../endorsement/policy-codec.ts";
import { parsePolicyText } from "../endorsement/policy-text.ts";
import type { ContractDefinition, NamespaceResults } from "../endorsement/ports.ts";
import { type EndorsedInput, endorsedEnvelope, namespaceResults } from "./endorsed-envelope.ts";
import { ENDORSED_TIME_MS, memberChannel, memberOrganization, type TestMember } from "./endorsed-members.ts";

/** One envelope and what a reader of docs/reference/ledger-format.md section 10 must find in it. */
export interface EndorsedVector {
  readonly name: string;
  /** Base64, as it would be stored. */
  readonly envelope: string;
  /** Hex; null: it has no readable headers, so that no block ever holds it. */
  readonly txId: string | null;
  /** Whether the creator is a member at the header's time and signed the payload. */
  readonly creator: "signed" | "wrong-signature" | "revoked" | null;
  /** The verdict, leaving out the creator, duplicates and what the state says of versions; null as for txId. */
  readonly code: number | null;
  /** MSP ids, of readable transactions. */
  readonly endorsers?: readonly string[];
  readonly contract?: string;
  /** As NamespaceResults, values in base64, null for a deletion. */
  readonly namespaces?: unknown;
}

export interface EndorsedVectors {
  readonly format: "concordat-endorsed-vectors/1";
  readonly channelId: string;
  /** Base64 of the configuration in force. */
  readonly configEnvelope: string;
  /** State before each of the transactions: `_lifecycle`/`definitions/<name>`, as texts. */
  readonly definitions: readonly string[];
  /** Metadata VALIDATION_PARAMETER in base64, by namespace and key. */
  readonly validationParameters: readonly {
    readonly namespace: string;
    readonly key: string;
    readonly value: string;
  }[];
  readonly vectors: readonly EndorsedVector[];
}

const KEY_POLICY = "'Org2MSP.peer'";

/**
 * Made by Fabric's official messages and signed by its official client library. Keys, certificates and ECDSA signatures are random: every call
 * gives other bytes, and the same names and findings.
 */
export async function makeEndorsedVectors(): Promise<EndorsedVectors> {
  const [first, second] = [await memberOrganization("Org1MSP"), await memberOrganization("Org2MSP")];
  const [peer1, peer2] = [await first.member("peer"), await second.member("peer")];
  const client = await first.member("client", { curve: "P-256" });
  const revoked = await first.member("client");
  const list = await first.authority.revocationList({
    number: 1n,
    entries: [
      {
        serialNumber: certificateSummary(revoked.certificatePem).serialNumber,
        revokedAtMs: ENDORSED_TIME_MS,
        reason: REVOCATION_REASON.keyCompromise,
      },
    ],
  });
  const plain = memberChannel([first, second]);
  const config = {
    ...plain,
    organizations: plain.organizations.map((organization) =>
      organization.mspId === "Org1MSP" ? { ...organization, revocationLists: [list] } : organization,
    ),
  };
  const definition = definitionOf("kv", "OR('Org1MSP.peer', 'Org2MSP.peer')");
  const next = { ...definition, sequence: 2, version: "2.0" };
  const lifecycle = { contract: "_lifecycle", contractVersion: "syscc", args: ["Fn"] };
  const put = write("kv", "a", "1");
  const make = (name: string, code: number, input: Partial<EndorsedInput>, creator?: EndorsedVector["creator"]) =>
    vector(name, code, { creator: client, endorsers: [peer1], namespaces: [put], ...input }, creator);
  return {
    format: "concordat-endorsed-vectors/1",
    channelId: config.channelId,
    configEnvelope: bytesToBase64(encodeConfigEnvelope(config, 0)),
    definitions: [definitionToText(definition)],
    validationParameters: [{ namespace: "kv", key: "guarded", value: bytesToBase64(keyPolicy()) }],
    vectors: [
      await make("one write, one endorser", 0, {}),
      await make("everything that a set can hold", 0, {
        creator: await first.member("client", { curve: "P-384" }),
        endorsers: [peer1, peer2],
        namespaces: [everything()],
        event: { name: "moved", payload: Buffer.from("payload") },
        response: { status: 201, message: "made", payload: Buffer.from("result") },
      }),
      await make("creator and endorser with Ed25519", 0, {
        creator: await second.member("admin", { curve: "Ed25519" }),
        endorsers: [await second.member("peer", { curve: "Ed25519" })],
      }),
      await make("a built-in contract needs a majority", 10, { contract: "builtin", namespaces: [] }),
      await make("a built-in contract has a majority", 0, {
        contract: "builtin",
        endorsers: [peer2, peer1],
        namespaces: [write("builtin", "a", "1")],
      }),
      await make("an approval, by the organization's own peer", 0, {
        ...lifecycle,
        namespaces: [write("_lifecycle", approvalKey("Org1MSP", "kv", 2), approvalToText({ ...next, packageId: "" }))],
      }),
      await make("an approval, by another's peer", 10, {
        ...lifecycle,
        endorsers: [peer2],
        namespaces: [write("_lifecycle", approvalKey("Org1MSP", "kv", 2), approvalToText({ ...next, packageId: "" }))],
      }),
      await make("a definition, by all", 0, {
        ...lifecycle,
        endorsers: [peer1, peer2],
        namespaces: [write("_lifecycle", definitionKey("kv"), definitionToText(next))],
      }),
      await make("a definition, by one", 10, {
        ...lifecycle,
        namespaces: [write("_lifecycle", definitionKey("kv"), definitionToText(next))],
      }),
      await make("a key with a policy of its own", 0, {
        endorsers: [peer2],
        namespaces: [write("kv", "guarded", "1")],
      }),
      await make("a key with a policy of its own, not met", 10, { namespaces: [write("kv", "guarded", "1")] }),
      await make("endorsed by a client", 10, { endorsers: [client] }),
      await make("a forged endorsement beside a good one", 10, { endorsers: [peer1, { ...peer2, sign: peer1.sign }] }),
      await make("an unknown contract", 25, { contract: "none", namespaces: [] }),
      await make("another proposal hash", 5, {
        change: { responsePayload: (payload) => payload.setProposalHash(Buffer.alloc(32)) },
      }),
      await make("transient data in the ledger", 5, {
        change: { proposalPayload: (payload) => payload.getTransientmapMap().set("secret", Buffer.from("s")) },
      }),
      await make("an epoch", 3, { change: { channelHeader: (header) => header.setEpoch(1) } }),
      await make("another channel", 14, { channelId: "ch2" }),
      await make("a namespace twice", 23, { namespaces: [put, put] }),
      await make("metadata without a write", 24, {
        namespaces: [namespaceResults("kv", { metadataWrites: [{ key: "a", entries: [] }] })],
      }),
      await make("a revoked creator", 0, { creator: revoked }, "revoked"),
      await make(
        "s in the upper half",
        0,
        { creator: { ...client, sign: async (m) => highS(client, m) } },
        "wrong-signature",
      ),
      await reordered(client, peer1, put),
      await repeated(client, peer1, put),
    ],
  };
}

async function vector(
  name: string,
  code: number,
  input: EndorsedInput,
  creator: EndorsedVector["creator"] = "signed",
): Promise<EndorsedVector> {
  const { envelope, txId } = await endorsedEnvelope(input);
  return {
    name,
    envelope: bytesToBase64(envelope),
    txId,
    creator,
    code,
    endorsers: input.endorsers.map(({ mspId }) => mspId),
    contract: input.contract ?? "kv",
    namespaces: plainResults(input.namespaces),
  };
}

export function plainResults(namespaces: readonly NamespaceResults[]): unknown {
  return JSON.parse(
    JSON.stringify(namespaces, (key, value: unknown) => {
      if (value instanceof Uint8Array) return bytesToBase64(value);
      return value === undefined && key === "value" ? null : value;
    }),
  );
}

function definitionOf(name: string, policy: string): ContractDefinition {
  return {
    name,
    version: "1.0",
    sequence: 1,
    endorsementPlugin: "escc",
    validationPlugin: "vscc",
    validationParameter: encodeApplicationPolicy(parsePolicyText(policy)),
    initRequired: false,
  };
}

function keyPolicy(): Uint8Array {
  const policy = parsePolicyText(KEY_POLICY);
  if (policy.kind !== "signature") throw new TypeError("The policy of a key is a signature policy.");
  return encodeSignaturePolicy(policy.policy);
}

function write(namespace: string, key: string, value: string): NamespaceResults {
  return namespaceResults(namespace, { writes: [{ key, value: new Uint8Array(Buffer.from(value)) }] });
}

function everything(): NamespaceResults {
  const version = { block: 3, index: 1 };
  return namespaceResults("kv", {
    reads: [{ key: "a", version }, { key: "b" }],
    rangeQueries: [
      { start: "a", end: "c", exhausted: true, reads: [{ key: "a", version }] },
      { start: "x", end: "", exhausted: false, reads: [] },
    ],
    writes: [
      { key: "\u0000index\u0000a\u0000", value: Uint8Array.of(0) },
      { key: "a", value: Uint8Array.of(1, 2, 3) },
      { key: "ä😀", value: undefined },
    ],
    metadataWrites: [{ key: "a", entries: [{ name: "VALIDATION_PARAMETER", value: keyPolicy() }] }],
  });
}

function highS(member: TestMember, message: Uint8Array): Uint8Array {
  for (;;) {
    const signature = sign("sha256", message, member.keyObject);
    if (!isLowS(signature, "P-256")) return signature;
  }
}

/** Payload and envelope with their fields in descending order and an unknown one. */
async function reordered(
  creator: TestMember,
  endorser: TestMember,
  results: NamespaceResults,
): Promise<EndorsedVector> {
  const input = { creator, endorsers: [endorser], namespaces: [results] };
  const found = await vector("fields in another order, and an unknown one", 0, input);
  const envelope = common.Envelope.deserializeBinary(Buffer.from(found.envelope, "base64"));
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const header = payload.getHeader()?.serializeBinary() ?? new Uint8Array(0);
  const unknown = Buffer.of(0x2d, 1, 2, 3, 4);
  const turned = Buffer.concat([field(2, payload.getData_asU8()), unknown, field(1, header)]);
  const signed = Buffer.concat([field(2, await creator.sign(turned)), field(1, turned)]);
  return { ...found, envelope: bytesToBase64(signed) };
}

/** The channel header twice: protobuf would merge the two. */
async function repeated(creator: TestMember, endorser: TestMember, results: NamespaceResults): Promise<EndorsedVector> {
  const made = await endorsedEnvelope({ creator, endorsers: [endorser], namespaces: [results] });
  const payload = common.Payload.deserializeBinary(made.payload);
  const header = payload.getHeader()?.serializeBinary() ?? new Uint8Array(0);
  const twice = field(1, Buffer.concat([field(1, made.channelHeader), header]));
  const whole = Buffer.concat([twice, field(2, payload.getData_asU8())]);
  const envelope = Buffer.concat([field(1, whole), field(2, await creator.sign(whole))]);
  const name = "a singular field twice";
  return { name, envelope: bytesToBase64(envelope), txId: null, creator: null, code: null };
}

function field(number: number, content: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = content.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.of((number << 3) | 2, ...length, rest), content]);
}

// Run by itself it writes the vectors anew; whoever keeps a copy of them has to take the new ones.
if (import.meta.main) {
  const path = new URL("../../testdata/endorsed-vectors.json", import.meta.url);
  writeFileSync(path, `${JSON.stringify(await makeEndorsedVectors(), null, 1)}\n`);
}
