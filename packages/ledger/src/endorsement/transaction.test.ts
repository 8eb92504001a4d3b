import { common, ledger, peer as protos } from "@hyperledger/fabric-protos";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { damaged, RUNS } from "../encoding/arbitraries.fixture.ts";
import {
  type EndorsedEnvelope,
  type EndorsedInput,
  endorsedEnvelope,
  namespaceResults,
  officialResults,
} from "../testing/endorsed-envelope.ts";
import { ENDORSED_TIME_MS, memberChannel, memberOrganization, type TestMember } from "../testing/endorsed-members.ts";
import { createChannelMsps } from "./msps.ts";
import type { EnvelopeHeaders, NamespaceResults } from "./ports.ts";
import { readEndorsedTransaction } from "./read-endorsed-transaction.ts";
import { readEnvelopeHeaders } from "./read-envelope.ts";
import { checkCreator } from "./validate-transaction.ts";
import { TX_VALIDATION_CODE, validationCodeName } from "./validation-code.ts";
import {
  encodeProposalResponsePayload,
  encodeTransactionPayload,
  proposalHashOf,
  withoutTransient,
} from "./write-transaction.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const written = namespaceResults("kv", {
  reads: [{ key: "a", version: { block: 3, index: 1 } }, { key: "b" }],
  rangeQueries: [{ start: "a", end: "c", exhausted: true, reads: [{ key: "a", version: { block: 3, index: 1 } }] }],
  writes: [
    { key: "a", value: bytes("1") },
    { key: "b", value: undefined },
  ],
  metadataWrites: [{ key: "a", entries: [{ name: "VALIDATION_PARAMETER", value: bytes("p") }] }],
});

describe("an endorsed transaction", () => {
  let client: TestMember;
  let endorser: TestMember;

  beforeAll(async () => {
    const organization = await memberOrganization("Org1MSP");
    [client, endorser] = [await organization.member("client"), await organization.member("peer")];
  });

  const make = (parts: Partial<EndorsedInput> = {}): Promise<EndorsedEnvelope> =>
    endorsedEnvelope({ creator: client, endorsers: [endorser], namespaces: [written], ...parts });

  function headersOf(envelope: Uint8Array): EnvelopeHeaders {
    const headers = readEnvelopeHeaders(envelope);
    if (headers === undefined) throw new TypeError("The envelope has no headers.");
    return headers;
  }

  async function verdictOn(parts: Partial<EndorsedInput>): Promise<string> {
    const read = readEndorsedTransaction(headersOf((await make(parts)).envelope));
    return "fault" in read ? validationCodeName(read.fault) : "VALID";
  }

  it("is read as the official classes wrote it, in views of the envelope", async () => {
    const event = { name: "moved", payload: bytes("e") };
    const response = { status: 200, message: "fine", payload: bytes("r") };
    const made = await make({ event, response, endorsers: [endorser, client] });
    const { envelope, txId, channelHeader, signatureHeader, proposalResponsePayload, payload } = made;
    const headers = headersOf(envelope);
    expect(headers).toMatchObject({ type: 3, channelId: "ch1", txId, timestampMs: ENDORSED_TIME_MS, epoch: 0n });
    expect(headers).toMatchObject({ channelHeader, signatureHeader, payload, creator: client.serialized });
    expect(headers.payload.buffer).toBe(envelope.buffer);
    const transaction = readEndorsedTransaction(headers);
    expect(transaction).toMatchObject({
      contract: "kv",
      contractVersion: "1.0",
      proposalResponsePayload,
      response,
      event: { contract: "kv", txId, ...event },
      namespaces: [written],
    });
    if ("fault" in transaction) throw new TypeError("The transaction has a fault.");
    expect(transaction.endorsements.map((one) => one.endorser)).toEqual([endorser.serialized, client.serialized]);
    expect(transaction.headers).toBe(headers);
  });

  it("is read whatever the order of fields, with unknown ones passed over and defaults written out", async () => {
    const { payload } = await make();
    const official = common.Payload.deserializeBinary(payload);
    const data = official.getData_asU8();
    const header = official.getHeader()?.serializeBinary() ?? new Uint8Array(0);
    const field = (tag: number, content: Uint8Array) => {
      const length = content.length;
      return Buffer.concat([Buffer.of(tag, (length & 0x7f) | 0x80, length >> 7), content]);
    };
    // The last one is an unknown field 5 of four bytes.
    const turned = Buffer.concat([field(0x12, data), field(0x0a, header), Buffer.of(0x2d, 1, 2, 3, 4)]);
    const envelope = new common.Envelope();
    envelope.setPayload(turned);
    const transaction = readEndorsedTransaction(headersOf(envelope.serializeBinary()));
    expect(transaction).toMatchObject({ contract: "kv", namespaces: [written] });
    const twice = Buffer.concat([turned, field(0x12, data)]);
    envelope.setPayload(twice);
    expect(readEnvelopeHeaders(envelope.serializeBinary())).toBeUndefined();
  });

  it("has no headers without a payload, both headers, or a transaction id of ASCII characters", async () => {
    expect(readEnvelopeHeaders(new Uint8Array(0))).toBeUndefined();
    const withId = async (txId: string) => {
      const { envelope } = await make({ change: { channelHeader: (header) => header.setTxId(txId) } });
      return readEnvelopeHeaders(envelope)?.txId;
    };
    expect(await withId("")).toBeUndefined();
    expect(await withId("x".repeat(255))).toBe("x".repeat(255));
    expect(await withId("x".repeat(256))).toBeUndefined();
    expect(await withId("ä")).toBeUndefined();
    const { envelope } = await make({ change: { payload: (payload) => payload.clearHeader() } });
    expect(readEnvelopeHeaders(envelope)).toBeUndefined();
  });

  const broken = Uint8Array.of(0x0a, 0xff);
  const rows: readonly [string, string, Partial<EndorsedInput>][] = [
    ["nothing wrong", "VALID", {}],
    ["another type", "BAD_COMMON_HEADER", { change: { channelHeader: (header) => header.setType(0) } }],
    ["a configuration", "INVALID_CONFIG_TRANSACTION", { change: { channelHeader: (header) => header.setType(1) } }],
    ["a configuration update", "UNSUPPORTED_TX_PAYLOAD", { change: { channelHeader: (header) => header.setType(2) } }],
    ["an epoch", "BAD_COMMON_HEADER", { change: { channelHeader: (header) => header.setEpoch(1) } }],
    ["no nonce", "BAD_COMMON_HEADER", { change: { signatureHeader: (header) => header.setNonce("") } }],
    ["no creator", "BAD_COMMON_HEADER", { change: { signatureHeader: (header) => header.setCreator("") } }],
    ["another nonce", "BAD_PROPOSAL_TXID", { change: { signatureHeader: (header) => header.setNonce(bytes("n")) } }],
    ["another id", "BAD_PROPOSAL_TXID", { change: { channelHeader: (header) => header.setTxId("0".repeat(64)) } }],
    ["no data", "INVALID_ENDORSER_TRANSACTION", { change: { payload: (payload) => payload.setData("") } }],
    ["broken data", "INVALID_ENDORSER_TRANSACTION", { change: { payload: (payload) => payload.setData(broken) } }],
    [
      "no action",
      "INVALID_ENDORSER_TRANSACTION",
      { change: { transaction: (transaction) => transaction.clearActionsList() } },
    ],
    [
      "two actions",
      "INVALID_ENDORSER_TRANSACTION",
      { change: { transaction: (transaction) => transaction.addActions(transaction.getActionsList()[0]) } },
    ],
    [
      "another header in the action",
      "INVALID_ENDORSER_TRANSACTION",
      { change: { transactionAction: (action) => action.setHeader(bytes("h")) } },
    ],
    [
      "an empty action",
      "INVALID_ENDORSER_TRANSACTION",
      { change: { transactionAction: (action) => action.setPayload("") } },
    ],
    [
      "another proposal hash",
      "INVALID_ENDORSER_TRANSACTION",
      { change: { responsePayload: (payload) => payload.setProposalHash(bytes("h")) } },
    ],
    [
      "transient data",
      "INVALID_ENDORSER_TRANSACTION",
      { change: { proposalPayload: (payload) => payload.getTransientmapMap().set("secret", bytes("s")) } },
    ],
    ["a broken extension", "BAD_HEADER_EXTENSION", { change: { channelHeader: (one) => one.setExtension$(broken) } }],
    ["no extension", "INVALID_OTHER_REASON", { change: { channelHeader: (header) => header.setExtension$("") } }],
    [
      "a broken chaincode action",
      "BAD_RESPONSE_PAYLOAD",
      { change: { responsePayload: (payload) => payload.setExtension$(broken) } },
    ],
    ["a response of 400", "BAD_RESPONSE_PAYLOAD", { response: { status: 400, message: "no", payload: bytes("") } }],
    ["no response", "BAD_RESPONSE_PAYLOAD", { change: { action: (action) => action.clearResponse() } }],
    ["broken results", "BAD_RWSET", { change: { action: (action) => action.setResults(broken) } }],
    ["no contract in the action", "INVALID_OTHER_REASON", { change: { action: (one) => one.clearChaincodeId() } }],
    ["no version", "INVALID_CHAINCODE", { contractVersion: "" }],
    ["no name", "INVALID_CHAINCODE", { contract: "" }],
    ["two names", "INVALID_CHAINCODE", { change: { action: (action) => action.getChaincodeId()?.setName("other") } }],
    ["a broken event", "INVALID_OTHER_REASON", { change: { action: (action) => action.setEvents(broken) } }],
    ["another's event", "INVALID_OTHER_REASON", { change: { action: (action) => action.setEvents(eventOf("other")) } }],
    ["a namespace twice", "ILLEGAL_WRITESET", { namespaces: [namespaceResults("kv"), namespaceResults("kv")] }],
    ["a system contract's namespace", "ILLEGAL_WRITESET", { namespaces: [namespaceResults("lscc")] }],
    ["a namespace of metadata", "ILLEGAL_WRITESET", { namespaces: [namespaceResults("kv$meta")] }],
    ["private data", "ILLEGAL_WRITESET", { change: { action: (action) => action.setResults(withCollection()) } }],
    ["a key read twice", "BAD_RWSET", { namespaces: [kv({ reads: [{ key: "a" }, { key: "a" }] })] }],
    [
      "a key written twice",
      "INVALID_WRITESET",
      {
        namespaces: [
          kv({
            writes: [
              { key: "a", value: undefined },
              { key: "a", value: bytes("1") },
            ],
          }),
        ],
      },
    ],
    ["an empty key", "INVALID_WRITESET", { namespaces: [kv({ writes: [{ key: "", value: bytes("1") }] })] }],
    ["metadata alone", "INVALID_WRITESET", { namespaces: [kv({ metadataWrites: [{ key: "a", entries: [] }] })] }],
  ];

  it.each(rows)("with %s is %s", async (_, code, parts) => expect(await verdictOn(parts)).toBe(code));

  it("is read or has a fault, whatever is damaged", async () => {
    const { envelope } = await make({ event: { name: "e", payload: bytes("p") } });
    const codes = new Set<string>();
    fc.assert(
      fc.property(fc.oneof(damaged(fc.constant(envelope)), fc.uint8Array({ maxLength: 60 })), (damagedEnvelope) => {
        const headers = readEnvelopeHeaders(damagedEnvelope);
        const read = headers && readEndorsedTransaction(headers);
        if (read === undefined) codes.add("no headers");
        else codes.add("fault" in read ? validationCodeName(read.fault) : "VALID");
      }),
      { numRuns: RUNS * 2 },
    );
    expect([...codes]).toContain("no headers");
    expect([...codes]).toContain("INVALID_ENDORSER_TRANSACTION");
  });

  it("has a creator who signed it", async () => {
    const organization = await memberOrganization("Org1MSP");
    const msps = createChannelMsps(memberChannel([organization]));
    const [creator, other] = [await organization.member("client"), await organization.member("client")];
    const check = async (parts: Partial<EndorsedInput>, atMs = ENDORSED_TIME_MS) =>
      checkCreator(headersOf((await make(parts)).envelope), msps, atMs);
    expect((await check({ creator })).member?.role).toBe("client");
    expect(await check({ creator: { ...creator, sign: other.sign } })).toEqual({
      fault: "wrong-signature",
      mspId: "Org1MSP",
    });
    expect(await check({ creator: client })).toEqual({ fault: "wrong-issuer", mspId: "Org1MSP" });
    expect((await check({ creator }, ENDORSED_TIME_MS + 1e13)).fault).toBe("expired");
  });

  it("is written as the official classes write it", async () => {
    const event = { name: "moved", payload: bytes("e") };
    const response = { status: 201, message: "made", payload: bytes("r") };
    const made = await make({ event, response });
    const transaction = readEndorsedTransaction(headersOf(made.envelope));
    if ("fault" in transaction) throw new TypeError("The transaction has a fault.");
    const { channelHeader, signatureHeader, proposalPayload } = made;
    const proposalResponsePayload = encodeProposalResponsePayload({
      proposalHash: proposalHashOf({ channelHeader, signatureHeader, proposalPayload }),
      results: officialResults([written]),
      event: transaction.event,
      response,
      contract: "kv",
      contractVersion: "1.0",
    });
    expect(proposalResponsePayload).toEqual(made.proposalResponsePayload);
    const { endorsements } = transaction;
    const payload = encodeTransactionPayload({ ...made, endorsements });
    expect(payload).toEqual(made.payload);
  });

  it("loses its transient map before it is hashed", async () => {
    const { proposalPayload } = await make();
    const secret = protos.ChaincodeProposalPayload.deserializeBinary(proposalPayload);
    secret.getTransientmapMap().set("secret", bytes("s"));
    const bare = withoutTransient(secret.serializeBinary());
    expect(bare).toEqual(proposalPayload);
    expect(withoutTransient(proposalPayload)).toEqual(proposalPayload);
    expect(withoutTransient(broken)).toBeUndefined();
  });
});

it("names verdicts as Fabric does", () => {
  expect(TX_VALIDATION_CODE).toEqual(protos.TxValidationCode);
  expect(validationCodeName(11)).toBe("MVCC_READ_CONFLICT");
  expect(validationCodeName(77)).toBe("UNKNOWN_77");
});

function kv(parts: Partial<NamespaceResults>): NamespaceResults {
  return namespaceResults("kv", parts);
}

function eventOf(contract: string): Uint8Array {
  const event = new protos.ChaincodeEvent();
  event.setChaincodeId(contract);
  return event.serializeBinary();
}

function withCollection(): Uint8Array {
  const { rwset } = ledger;
  const collection = new rwset.CollectionHashedReadWriteSet();
  collection.setCollectionName("private");
  const namespace = new rwset.NsReadWriteSet();
  namespace.setNamespace("kv");
  namespace.addCollectionHashedRwset(collection);
  const whole = new rwset.TxReadWriteSet();
  whole.addNsRwset(namespace);
  return whole.serializeBinary();
}
