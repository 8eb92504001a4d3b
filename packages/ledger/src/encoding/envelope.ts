import { hash } from "node:crypto";
import { InvariantError } from "@concordat/base";
import { type EnvelopeTemplate, envelopeTemplate, NONCE_LENGTH } from "./envelope-template.ts";
import { EncodingInvalidError } from "./errors.ts";
import { type EnvelopeTimestamp, writeTimestamp } from "./header.ts";
import { compareKeys } from "./names.ts";
import { WireWriter } from "./wire-writer.ts";

/** Block number and index in the block of the transaction that wrote a key. */
export interface KeyVersion {
  readonly block: number;
  readonly index: number;
}

/** A version left out: the key was absent. */
export interface KeyRead {
  readonly key: string;
  readonly version?: KeyVersion;
}

/** A value of undefined deletes the key. */
export interface KeyWrite {
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

export interface EnvelopeEvent {
  readonly name: string;
  readonly payload: Uint8Array;
}

export interface EnvelopeResponse {
  readonly status: number;
  readonly message: string;
  readonly payload: Uint8Array;
}

export interface SerialEnvelopeInput {
  readonly channelId: string;
  readonly contract: string;
  readonly contractVersion: string;
  /** A serialized identity. Pass the same array for the same creator: what depends on it is cached by reference. */
  readonly creator: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  readonly timestamp: EnvelopeTimestamp;
  /** The first is the function's name. */
  readonly args: readonly string[] | readonly Uint8Array[];
  /** In any order, each key at most once. */
  readonly reads: readonly KeyRead[];
  readonly writes: readonly KeyWrite[];
  readonly event?: EnvelopeEvent | undefined;
  readonly response: EnvelopeResponse;
  /** {@link transactionId} of nonce and creator; the contract had to know it before there is anything to encode. */
  readonly txId: string;
}

/** Shared by all calls: none of them gives way to another before it is done. */
const writer = new WireWriter(16_384);

/** Fabric's transaction id: hex SHA-256 of the nonce followed by the creator. */
export function transactionId(nonce: Uint8Array, creator: Uint8Array): string {
  writer.reset();
  writer.raw(creator);
  writer.raw(nonce);
  return hash("sha256", writer.since(0), "hex");
}

/**
 * The serialized `common.Envelope` of a serial transaction: Fabric's endorser transaction with one action, no endorsements and no signature.
 * Only what differs from call to call is encoded; what depends on channel, creator and contract alone comes from a cached template.
 *
 * @throws EncodingInvalidError when a text holds a lone surrogate, or a set names a key twice
 * @source fabric-protos common/common.proto, peer/transaction.proto, peer/proposal.proto, ledger/rwset
 */
export function encodeSerialEnvelope(input: SerialEnvelopeInput): Uint8Array {
  if (input.nonce.length !== NONCE_LENGTH) throw new InvariantError("A nonce has 24 bytes.");
  const template = envelopeTemplate(input.creator, input.channelId, input.contract, input.contractVersion);
  const { txId } = input;
  writer.reset();

  // The three parts that the proposal hash covers, next to each other and in its order.
  writeProposalPayload(template, input.args);
  const proposalPayloadEnd = writer.length;
  writer.raw(input.nonce);
  writer.raw(template.signatureHeaderUpToNonce);
  const signatureHeaderEnd = writer.length;
  writer.raw(template.channelHeaderExtension);
  writer.stringField(5, txId);
  writer.raw(template.channelHeaderId);
  writeTimestamp(writer, 3, input.timestamp);
  writer.raw(template.channelHeaderType);
  const channelHeaderEnd = writer.length;
  const proposalHash = hash("sha256", writer.since(0), "binary");

  const start = writer.length;
  writeProposalResponsePayload(template, input, txId, proposalHash);
  writer.close(1, start); // ChaincodeEndorsedAction.proposal_response_payload
  writer.close(2, start); // ChaincodeActionPayload.action
  const actionStart = writer.length;
  writer.rawFrom(0, proposalPayloadEnd);
  writer.close(1, actionStart); // ChaincodeActionPayload.chaincode_proposal_payload
  writer.close(2, start); // TransactionAction.payload
  const actionHeaderStart = writer.length;
  writer.rawFrom(proposalPayloadEnd, signatureHeaderEnd);
  writer.close(1, actionHeaderStart); // TransactionAction.header
  writer.close(1, start); // Transaction.actions
  writer.close(2, start); // Payload.data
  const headerStart = writer.length;
  writer.rawFrom(proposalPayloadEnd, signatureHeaderEnd);
  writer.close(2, headerStart); // Header.signature_header
  const channelHeaderStart = writer.length;
  writer.rawFrom(signatureHeaderEnd, channelHeaderEnd);
  writer.close(1, channelHeaderStart); // Header.channel_header
  writer.close(1, headerStart); // Payload.header
  writer.close(1, start); // Envelope.payload
  return writer.copySince(start);
}

/** `ChaincodeProposalPayload`. */
function writeProposalPayload(template: EnvelopeTemplate, args: SerialEnvelopeInput["args"]): void {
  const mark = writer.length;
  for (let index = args.length - 1; index >= 0; index--) {
    const arg = args[index];
    if (typeof arg === "string") writer.stringElement(1, arg);
    else if (arg !== undefined) writer.bytesElement(1, arg);
  }
  writer.close(3, mark); // ChaincodeSpec.input
  writer.raw(template.chaincodeSpecUpToInput);
  writer.close(1, mark); // ChaincodeInvocationSpec.chaincode_spec
  writer.close(1, mark); // ChaincodeProposalPayload.input
}

function writeProposalResponsePayload(
  template: EnvelopeTemplate,
  input: SerialEnvelopeInput,
  txId: string,
  proposalHash: string,
): void {
  const mark = writer.length;
  writer.raw(template.chaincodeActionId);
  writeResponse(input.response);
  if (input.event !== undefined) writeEvent(template, input.event, txId);
  writeResults(template, input.reads, input.writes);
  writer.close(2, mark); // ProposalResponsePayload.extension = ChaincodeAction
  const hashStart = writer.length;
  writer.rawLatin1(proposalHash);
  writer.close(1, hashStart); // ProposalResponsePayload.proposal_hash
}

function writeResponse(response: EnvelopeResponse): void {
  const mark = writer.length;
  writer.bytesField(3, response.payload);
  writer.stringField(2, response.message);
  writer.varintField(1, response.status);
  writer.close(3, mark); // ChaincodeAction.response
}

function writeEvent(template: EnvelopeTemplate, event: EnvelopeEvent, txId: string): void {
  const mark = writer.length;
  writer.bytesField(4, event.payload);
  writer.stringField(3, event.name);
  writer.stringField(2, txId);
  writer.raw(template.contractNameFirst);
  writer.close(2, mark); // ChaincodeAction.events
}

/** `TxReadWriteSet` with the contract's namespace, keys in ascending order as Fabric's simulator leaves them. */
function writeResults(template: EnvelopeTemplate, reads: readonly KeyRead[], writes: readonly KeyWrite[]): void {
  const mark = writer.length;
  const sortedWrites = sortedByKey(writes);
  for (let index = sortedWrites.length - 1; index >= 0; index--) {
    const write = sortedWrites[index];
    if (write !== undefined) writeWrite(write);
  }
  const sortedReads = sortedByKey(reads);
  for (let index = sortedReads.length - 1; index >= 0; index--) {
    const read = sortedReads[index];
    if (read !== undefined) writeRead(read);
  }
  writer.closeUnlessEmpty(2, mark); // NsReadWriteSet.rwset = KVRWSet
  writer.raw(template.contractNameFirst);
  writer.close(2, mark); // TxReadWriteSet.ns_rwset
  writer.close(1, mark); // ChaincodeAction.results
}

function writeWrite(write: KeyWrite): void {
  const mark = writer.length;
  if (write.value === undefined) writer.booleanField(2, true);
  else writer.bytesField(3, write.value);
  writer.stringField(1, write.key);
  writer.close(3, mark); // KVRWSet.writes
}

function writeRead(read: KeyRead): void {
  const mark = writer.length;
  if (read.version !== undefined) {
    writer.varintField(2, read.version.index);
    writer.varintField(1, read.version.block);
    writer.close(2, mark); // KVRead.version: present, even empty, means that the key existed
  }
  writer.stringField(1, read.key);
  writer.close(1, mark); // KVRWSet.reads
}

function sortedByKey<Item extends { readonly key: string }>(items: readonly Item[]): readonly Item[] {
  if (items.length < 2) return items;
  const sorted = items.toSorted((a, b) => compareKeys(a.key, b.key));
  for (let index = 1; index < sorted.length; index++) {
    if (sorted[index]?.key === sorted[index - 1]?.key)
      throw new EncodingInvalidError("A read or write set names a key twice.");
  }
  return sorted;
}
