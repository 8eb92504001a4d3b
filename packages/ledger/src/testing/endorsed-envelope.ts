import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { utf8ToBytes } from "@concordat/base";
import { common, ledger, peer } from "@hyperledger/fabric-protos";
import type { MetadataWrite, NamespaceResults, RangeQuery, ReadItem, WriteItem } from "../endorsement/ports.ts";
import { ENDORSED_TIME_MS, type TestMember } from "./endorsed-members.ts";

/* Endorsed transactions made by Fabric's official classes, sharing nothing with our own writer and reader. */

const { rwset } = ledger;
const { kvrwset } = ledger.rwset;

interface OfficialTimestamp {
  setSeconds(seconds: number): void;
  setNanos(nanos: number): void;
}
// google-protobuf ships no types, and is a dependency of fabric-protos rather than ours.
const requireAsFabric = createRequire(createRequire(import.meta.url).resolve("@hyperledger/fabric-protos"));
const { Timestamp } = requireAsFabric("google-protobuf/google/protobuf/timestamp_pb.js") as {
  readonly Timestamp: new () => OfficialTimestamp;
};

export interface EndorsedInput {
  readonly creator: TestMember;
  readonly endorsers: readonly TestMember[];
  readonly namespaces: readonly NamespaceResults[];
  readonly channelId?: string;
  readonly contract?: string;
  readonly contractVersion?: string;
  readonly nonce?: Uint8Array;
  readonly timeMs?: number;
  readonly args?: readonly string[];
  readonly event?: { readonly name: string; readonly payload: Uint8Array };
  readonly response?: { readonly status: number; readonly message: string; readonly payload: Uint8Array };
  /** Changes what is made, before it is hashed and signed. */
  readonly change?: {
    readonly channelHeader?: (header: common.ChannelHeader) => void;
    readonly signatureHeader?: (header: common.SignatureHeader) => void;
    readonly action?: (action: peer.ChaincodeAction) => void;
    readonly proposalPayload?: (payload: peer.ChaincodeProposalPayload) => void;
    readonly responsePayload?: (payload: peer.ProposalResponsePayload) => void;
    readonly endorsed?: (endorsed: peer.ChaincodeEndorsedAction) => void;
    readonly transactionAction?: (action: peer.TransactionAction) => void;
    readonly transaction?: (transaction: peer.Transaction) => void;
    readonly payload?: (payload: common.Payload) => void;
  };
}

export interface EndorsedEnvelope {
  readonly envelope: Uint8Array;
  readonly txId: string;
  readonly channelHeader: Uint8Array;
  readonly signatureHeader: Uint8Array;
  readonly proposalPayload: Uint8Array;
  readonly proposalResponsePayload: Uint8Array;
  readonly payload: Uint8Array;
}

export async function endorsedEnvelope(input: EndorsedInput): Promise<EndorsedEnvelope> {
  const { change = {} } = input;
  const nonce = input.nonce ?? createHash("sha256").update("nonce").digest().subarray(0, 24);
  const txId = createHash("sha256").update(nonce).update(input.creator.serialized).digest("hex");
  const channelHeader = officialChannelHeader(input, txId);
  const signature = new common.SignatureHeader();
  signature.setCreator(input.creator.serialized);
  signature.setNonce(nonce);
  change.signatureHeader?.(signature);
  const signatureHeader = signature.serializeBinary();
  const proposalPayload = officialProposalPayload(input);
  const proposalResponsePayload = responsePayload(input, txId, [channelHeader, signatureHeader, proposalPayload]);
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(proposalResponsePayload);
  for (const endorser of input.endorsers) {
    const endorsement = new peer.Endorsement();
    endorsement.setEndorser(endorser.serialized);
    endorsement.setSignature(await endorser.sign(Buffer.concat([proposalResponsePayload, endorser.serialized])));
    endorsed.addEndorsements(endorsement);
  }
  change.endorsed?.(endorsed);
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(proposalPayload);
  actionPayload.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setHeader(signatureHeader);
  action.setPayload(actionPayload.serializeBinary());
  change.transactionAction?.(action);
  const transaction = new peer.Transaction();
  transaction.addActions(action);
  change.transaction?.(transaction);
  const header = new common.Header();
  header.setChannelHeader(channelHeader);
  header.setSignatureHeader(signatureHeader);
  const whole = new common.Payload();
  whole.setHeader(header);
  whole.setData(transaction.serializeBinary());
  change.payload?.(whole);
  const payload = whole.serializeBinary();
  const envelope = new common.Envelope();
  envelope.setPayload(payload);
  envelope.setSignature(await input.creator.sign(payload));
  return {
    envelope: envelope.serializeBinary(),
    txId,
    channelHeader,
    signatureHeader,
    proposalPayload,
    proposalResponsePayload,
    payload,
  };
}

function officialChannelHeader(input: EndorsedInput, txId: string): Uint8Array {
  const { channelId = "ch1", contract = "kv", timeMs = ENDORSED_TIME_MS } = input;
  const id = new peer.ChaincodeID();
  id.setName(contract);
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(id);
  const timestamp = new Timestamp();
  timestamp.setSeconds(Math.floor(timeMs / 1000));
  timestamp.setNanos((timeMs % 1000) * 1_000_000);
  const header = new common.ChannelHeader();
  header.setType(common.HeaderType.ENDORSER_TRANSACTION);
  // The type of the field is one that google-protobuf has no declaration for.
  (header as { setTimestamp(value: unknown): void }).setTimestamp(timestamp);
  header.setChannelId(channelId);
  header.setTxId(txId);
  header.setExtension$(extension.serializeBinary());
  input.change?.channelHeader?.(header);
  return header.serializeBinary();
}

function officialProposalPayload(input: EndorsedInput): Uint8Array {
  const { contract = "kv", args = ["put", "a", "1"] } = input;
  const chaincodeInput = new peer.ChaincodeInput();
  chaincodeInput.setArgsList(args.map(utf8ToBytes));
  const id = new peer.ChaincodeID();
  id.setName(contract);
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.NODE);
  spec.setChaincodeId(id);
  spec.setInput(chaincodeInput);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  input.change?.proposalPayload?.(payload);
  return payload.serializeBinary();
}

function responsePayload(input: EndorsedInput, txId: string, hashed: readonly Uint8Array[]): Uint8Array {
  const { contract = "kv", contractVersion = "1.0", event, namespaces } = input;
  const response = input.response ?? { status: 200, message: "", payload: new Uint8Array(0) };
  const id = new peer.ChaincodeID();
  id.setName(contract);
  id.setVersion(contractVersion);
  const answer = new peer.Response();
  answer.setStatus(response.status);
  answer.setMessage(response.message);
  answer.setPayload(response.payload);
  const action = new peer.ChaincodeAction();
  action.setResults(officialResults(namespaces));
  action.setResponse(answer);
  action.setChaincodeId(id);
  if (event !== undefined) {
    const official = new peer.ChaincodeEvent();
    official.setChaincodeId(contract);
    official.setTxId(txId);
    official.setEventName(event.name);
    official.setPayload(event.payload);
    action.setEvents(official.serializeBinary());
  }
  input.change?.action?.(action);
  const digest = createHash("sha256");
  for (const part of hashed) digest.update(part);
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(digest.digest());
  payload.setExtension$(action.serializeBinary());
  input.change?.responsePayload?.(payload);
  return payload.serializeBinary();
}

/** A `TxReadWriteSet` in the order given. */
export function officialResults(namespaces: readonly NamespaceResults[]): Uint8Array {
  const whole = new rwset.TxReadWriteSet();
  whole.setDataModel(rwset.TxReadWriteSet.DataModel.KV);
  for (const entry of namespaces) {
    const set = new kvrwset.KVRWSet();
    set.setReadsList(entry.reads.map(officialRead));
    set.setRangeQueriesInfoList(entry.rangeQueries.map(officialRangeQuery));
    set.setWritesList(entry.writes.map(officialWrite));
    set.setMetadataWritesList(entry.metadataWrites.map(officialMetadata));
    const namespace = new rwset.NsReadWriteSet();
    namespace.setNamespace(entry.namespace);
    namespace.setRwset(set.serializeBinary());
    whole.addNsRwset(namespace);
  }
  return whole.serializeBinary();
}

function officialRead({ key, version }: ReadItem) {
  const read = new kvrwset.KVRead();
  read.setKey(key);
  if (version !== undefined) {
    const official = new kvrwset.Version();
    official.setBlockNum(version.block);
    official.setTxNum(version.index);
    read.setVersion(official);
  }
  return read;
}

function officialRangeQuery(query: RangeQuery) {
  const reads = new kvrwset.QueryReads();
  reads.setKvReadsList(query.reads.map(officialRead));
  const official = new kvrwset.RangeQueryInfo();
  official.setStartKey(query.start);
  official.setEndKey(query.end);
  official.setItrExhausted(query.exhausted);
  official.setRawReads(reads);
  return official;
}

function officialWrite({ key, value }: WriteItem) {
  const write = new kvrwset.KVWrite();
  write.setKey(key);
  write.setIsDelete(value === undefined);
  write.setValue(value ?? new Uint8Array(0));
  return write;
}

function officialMetadata({ key, entries }: MetadataWrite) {
  const write = new kvrwset.KVMetadataWrite();
  write.setKey(key);
  for (const { name, value } of entries) {
    const entry = new kvrwset.KVMetadataEntry();
    entry.setName(name);
    entry.setValue(value);
    write.addEntries(entry);
  }
  return write;
}

/** One namespace with some parts. */
export function namespaceResults(namespace: string, parts: Partial<NamespaceResults> = {}): NamespaceResults {
  return { namespace, reads: [], rangeQueries: [], writes: [], metadataWrites: [], ...parts };
}
