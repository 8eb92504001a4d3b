import { beforeAll, describe, expect, it } from "vitest";
import { type EndorsedInput, endorsedEnvelope, namespaceResults } from "../testing/endorsed-envelope.ts";
import {
  ENDORSED_TIME_MS,
  type MemberOrganization,
  memberChannel,
  memberOrganization,
  type TestMember,
} from "../testing/endorsed-members.ts";
import { createChannelMsps } from "./msps.ts";
import { encodeApplicationPolicy, encodeSignaturePolicy } from "./policy-codec.ts";
import { parsePolicyText } from "./policy-text.ts";
import type { ChannelMsps, ContractDefinition, NamespaceResults } from "./ports.ts";
import { readEndorsedTransaction } from "./read-endorsed-transaction.ts";
import { readEnvelopeHeaders } from "./read-envelope.ts";
import { type ValidationContext, validateEndorsed } from "./validate-transaction.ts";
import { validationCodeName } from "./validation-code.ts";

describe("endorsements", () => {
  let organizations: readonly MemberOrganization[];
  let msps: ChannelMsps;
  /** A peer of each organization. */
  let peers: readonly TestMember[];
  let client: TestMember;

  beforeAll(async () => {
    organizations = await Promise.all(["Org1MSP", "Org2MSP", "Org3MSP"].map(memberOrganization));
    msps = createChannelMsps(memberChannel(organizations));
    peers = await Promise.all(organizations.map((organization) => organization.member("peer")));
    client = await organization(0).member("client");
  });

  function organization(index: number): MemberOrganization {
    const found = organizations[index];
    if (found === undefined) throw new TypeError("There is no such organization.");
    return found;
  }

  const ofPeers = (...indexes: readonly number[]) => peers.filter((_, index) => indexes.includes(index));
  const definition = (name: string, policy: string): ContractDefinition => ({
    name,
    version: "1.0",
    sequence: 1,
    endorsementPlugin: "escc",
    validationPlugin: "vscc",
    validationParameter: encodeApplicationPolicy(parsePolicyText(policy)),
    initRequired: false,
  });

  async function verdict(
    parts: Partial<EndorsedInput>,
    context: {
      readonly definitions?: readonly ContractDefinition[];
      readonly keyPolicies?: Readonly<Record<string, string>>;
      readonly atMs?: number;
    } = {},
  ): Promise<string> {
    const made = await endorsedEnvelope({ creator: client, endorsers: peers, namespaces: [], ...parts });
    const headers = readEnvelopeHeaders(made.envelope);
    const transaction = headers && readEndorsedTransaction(headers);
    if (transaction === undefined || "fault" in transaction) throw new TypeError("The transaction cannot be read.");
    const port: ValidationContext = {
      msps,
      ...(context.atMs === undefined ? {} : { atMs: context.atMs }),
      definitionOf: (name) => context.definitions?.find((one) => one.name === name),
      isBuiltIn: (name) => name === "builtin",
      validationParameterOf: (namespace, key) => {
        const text = context.keyPolicies?.[`${namespace}/${key}`];
        const policy = text === undefined ? undefined : parsePolicyText(text);
        return policy?.kind === "signature" ? encodeSignaturePolicy(policy.policy) : undefined;
      },
    };
    return validationCodeName(validateEndorsed(transaction, port));
  }

  const writes = (namespace: string, ...keys: readonly string[]): NamespaceResults =>
    namespaceResults(namespace, { writes: keys.map((key) => ({ key, value: Uint8Array.of(1) })) });
  const either = () => [definition("kv", "OR('Org1MSP.peer', 'Org2MSP.peer')")];

  it("satisfy the definition's policy, or not", async () => {
    const definitions = either();
    expect(await verdict({ endorsers: ofPeers(0), namespaces: [writes("kv", "a")] }, { definitions })).toBe("VALID");
    expect(await verdict({ endorsers: ofPeers(1) }, { definitions })).toBe("VALID");
    expect(await verdict({ endorsers: ofPeers(2) }, { definitions })).toBe("ENDORSEMENT_POLICY_FAILURE");
    expect(await verdict({ endorsers: [] }, { definitions })).toBe("ENDORSEMENT_POLICY_FAILURE");
    expect(await verdict({ endorsers: [client] }, { definitions })).toBe("ENDORSEMENT_POLICY_FAILURE");
  });

  it("are needed for a contract that is defined or built in", async () => {
    expect(await verdict({ contract: "kv" })).toBe("INVALID_CHAINCODE");
    expect(await verdict({ contract: "builtin", endorsers: ofPeers(0, 2) })).toBe("VALID");
    expect(await verdict({ contract: "builtin", endorsers: ofPeers(0) })).toBe("ENDORSEMENT_POLICY_FAILURE");
    // A definition takes the place of the built-in contract's policy.
    const definitions = [definition("builtin", "'Org1MSP.peer'")];
    expect(await verdict({ contract: "builtin", endorsers: ofPeers(0) }, { definitions })).toBe("VALID");
    const unreadable = { ...definition("kv", "'Org1MSP.peer'"), validationParameter: Uint8Array.of(1) };
    expect(await verdict({}, { definitions: [unreadable] })).toBe("ENDORSEMENT_POLICY_FAILURE");
  });

  it("are needed in every namespace that is written to, and in no other", async () => {
    const definitions = [...either(), definition("other", "'Org3MSP.peer'")];
    const read = namespaceResults("other", { reads: [{ key: "a" }] });
    const both = [writes("kv", "a"), writes("other", "a")];
    expect(await verdict({ endorsers: ofPeers(0), namespaces: [writes("kv", "a"), read] }, { definitions })).toBe(
      "VALID",
    );
    expect(await verdict({ endorsers: ofPeers(0), namespaces: both }, { definitions })).toBe(
      "ENDORSEMENT_POLICY_FAILURE",
    );
    expect(await verdict({ endorsers: ofPeers(0, 2), namespaces: both }, { definitions })).toBe("VALID");
    expect(await verdict({ endorsers: ofPeers(2), namespaces: [writes("other", "a")] }, { definitions })).toBe(
      "ENDORSEMENT_POLICY_FAILURE",
    );
    expect(await verdict({ namespaces: [writes("kv", "a"), writes("none", "a")] }, { definitions })).toBe(
      "INVALID_CHAINCODE",
    );
  });

  it("follow a key's own policy in place of the namespace's", async () => {
    const definitions = either();
    const keyPolicies = { "kv/a": "'Org3MSP.peer'", "kv/b": "AND('Org2MSP.peer', 'Org3MSP.peer')" };
    const of = (keys: readonly string[], ...indexes: readonly number[]) =>
      verdict({ endorsers: ofPeers(...indexes), namespaces: [writes("kv", ...keys)] }, { definitions, keyPolicies });
    expect(await of(["a"], 2)).toBe("VALID");
    expect(await of(["a"], 0)).toBe("ENDORSEMENT_POLICY_FAILURE");
    expect(await of(["a", "c"], 2)).toBe("ENDORSEMENT_POLICY_FAILURE");
    expect(await of(["a", "c"], 0, 2)).toBe("VALID");
    expect(await of(["a", "b"], 2)).toBe("ENDORSEMENT_POLICY_FAILURE");
    expect(await of(["a", "b"], 1, 2)).toBe("VALID");
    expect(await of([], 2)).toBe("ENDORSEMENT_POLICY_FAILURE");
  });

  it("of an approval are the approving organization's, of everything else in _lifecycle a majority's", async () => {
    const of = (keys: readonly string[], ...indexes: readonly number[]) =>
      verdict({
        contract: "_lifecycle",
        contractVersion: "syscc",
        endorsers: ofPeers(...indexes),
        namespaces: [writes("_lifecycle", ...keys)],
      });
    expect(await of(["approvals/Org1MSP/kv/1"], 0)).toBe("VALID");
    expect(await of(["approvals/Org1MSP/kv/1"], 1)).toBe("ENDORSEMENT_POLICY_FAILURE");
    expect(await of(["approvals/Org2MSP/kv/1"], 1)).toBe("ENDORSEMENT_POLICY_FAILURE");
    expect(await of(["approvals/Org1MSPX/kv/1"], 0)).toBe("ENDORSEMENT_POLICY_FAILURE");
    expect(await of(["approvals/Org1MSP/kv/1", "definitions/kv"], 0)).toBe("ENDORSEMENT_POLICY_FAILURE");
    expect(await of(["definitions/kv"], 0, 1)).toBe("VALID");
    expect(await of(["definitions/kv"], 1)).toBe("ENDORSEMENT_POLICY_FAILURE");
    expect(await of([], 0)).toBe("ENDORSEMENT_POLICY_FAILURE");
  });

  it("count a certificate once, and all of them are good ones or none counts", async () => {
    const definitions = [definition("kv", "AND('Org1MSP.peer', 'Org1MSP.peer')")];
    const twice = [...ofPeers(0), ...ofPeers(0)];
    const second = await organization(0).member("peer");
    expect(await verdict({ endorsers: twice }, { definitions })).toBe("ENDORSEMENT_POLICY_FAILURE");
    expect(await verdict({ endorsers: [...ofPeers(0), second] }, { definitions })).toBe("VALID");
    const [first] = ofPeers(0);
    if (first === undefined) throw new TypeError("There is no peer.");
    const impostor = { ...first, sign: second.sign };
    expect(await verdict({ endorsers: [...ofPeers(1), impostor] }, { definitions: either() })).toBe(
      "ENDORSEMENT_POLICY_FAILURE",
    );
    const stranger = await (await memberOrganization("Org4MSP")).member("peer");
    expect(await verdict({ endorsers: [...ofPeers(1), stranger] }, { definitions: either() })).toBe(
      "ENDORSEMENT_POLICY_FAILURE",
    );
    const many = Array.from({ length: 257 }, () => first);
    expect(await verdict({ endorsers: many }, { definitions: either() })).toBe("ENDORSEMENT_POLICY_FAILURE");
  });

  it("are judged at the header's time unless another is given, and for this channel", async () => {
    const definitions = either();
    const farMs = ENDORSED_TIME_MS + 1e13;
    expect(await verdict({ timeMs: farMs }, { definitions })).toBe("ENDORSEMENT_POLICY_FAILURE");
    expect(await verdict({ timeMs: farMs }, { definitions, atMs: ENDORSED_TIME_MS })).toBe("VALID");
    expect(await verdict({ channelId: "ch2" }, { definitions })).toBe("TARGET_CHAIN_NOT_FOUND");
  });
});
