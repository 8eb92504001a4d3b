import { equalBytes } from "@concordat/base";
import { decodeTransaction, readEvent, type TransactionView } from "./decode-transaction.ts";
import { type EnvelopeEvent, encodeSerialEnvelope, type KeyWrite, transactionId } from "./envelope.ts";
import { NONCE_LENGTH } from "./envelope-template.ts";
import { EncodingInvalidError } from "./errors.ts";
import {
  type ChannelHeader,
  HEADER_TYPE_CONFIG,
  HEADER_TYPE_ENDORSER_TRANSACTION,
  readSignatureHeader,
  readTimestamp,
  type SignatureHeader,
  timestampToMs,
} from "./header.ts";
import { readReadWriteSet } from "./read-write-set.ts";
import { WireReader } from "./wire-reader.ts";

export interface ConfigView {
  readonly kind: "config";
  readonly channelHeader: ChannelHeader;
  readonly signatureHeader: SignatureHeader;
  /** A serialized `common.ConfigEnvelope`. */
  readonly configEnvelope: Uint8Array;
}

/**
 * Reads an envelope that this ledger wrote: a configuration (kind 0) or a serial transaction (kind 1). Byte fields are views.
 * @throws EncodingInvalidError for every other encoding, also where Fabric's own decoder would be lenient
 */
export function decodeEnvelope(envelope: Uint8Array): TransactionView | ConfigView {
  const reader = new WireReader(envelope);
  const outerPayload = reader.enter(1); // Envelope.payload
  const outerHeader = reader.enter(1);
  const channelHeaderBytes = reader.required(1);
  const signatureHeaderBytes = reader.required(2);
  reader.leave(outerHeader);
  const data = reader.required(2);
  reader.leave(outerPayload);
  reader.end(); // so there is no signature
  const { channelHeader, extensionContract } = decodeChannelHeader(channelHeaderBytes);
  const signatureHeader = decodeSignatureHeader(signatureHeaderBytes);
  if (channelHeader.type === HEADER_TYPE_CONFIG) {
    return { kind: "config", channelHeader, signatureHeader, configEnvelope: data };
  }
  if (channelHeader.type !== HEADER_TYPE_ENDORSER_TRANSACTION)
    throw new EncodingInvalidError("The header type is unknown.");
  const transaction = decodeTransaction(data, channelHeaderBytes, signatureHeaderBytes);
  if (extensionContract !== transaction.contract)
    throw new EncodingInvalidError("The headers name different contracts.");
  return { kind: "transaction", channelHeader, signatureHeader, ...transaction };
}

/**
 * As {@link decodeEnvelope} for a serial transaction, and checks that the envelope is, byte for byte, what the engine makes of
 * its content: so transaction id, proposal hash, both copies of the signature header and the order of keys are right.
 * @throws EncodingInvalidError
 */
export function decodeSerialEnvelope(envelope: Uint8Array): TransactionView {
  const view = decodeEnvelope(envelope);
  if (view.kind !== "transaction") throw new EncodingInvalidError("The envelope is not a transaction.");
  if (view.signatureHeader.nonce.length !== NONCE_LENGTH) throw new EncodingInvalidError("The nonce has not 24 bytes.");
  const { nonce } = view.signatureHeader;
  const creator = sameArrayForSameCreator(view.signatureHeader.creator);
  const again = encodeSerialEnvelope({
    channelId: view.channelHeader.channelId,
    contract: view.contract,
    contractVersion: view.contractVersion,
    creator,
    nonce,
    txId: transactionId(nonce, creator),
    timestamp: view.channelHeader.timestamp,
    args: view.args,
    reads: view.reads,
    writes: view.writes,
    event: view.event,
    response: view.response,
  });
  if (!equalBytes(again, envelope)) throw new EncodingInvalidError("The envelope contradicts itself.");
  return view;
}

/** What replay needs of a serial transaction. Values and payloads are views of the envelope. */
export interface EnvelopeWrites {
  readonly txId: string;
  /** Milliseconds since the epoch. */
  readonly timestampMs: number;
  /** The contract's name. */
  readonly namespace: string;
  readonly writes: readonly KeyWrite[];
  readonly event: EnvelopeEvent | undefined;
}

/**
 * The effects of a serial transaction, passing over everything else: for replay of blocks whose hashes were checked.
 * @throws EncodingInvalidError also for an envelope of another type
 */
export function decodeWrites(envelope: Uint8Array): EnvelopeWrites {
  const reader = new WireReader(envelope);
  reader.enter(1); // Envelope.payload
  const outerHeader = reader.enter(1);
  const outerChannelHeader = reader.enter(1);
  if (reader.varint(1) !== HEADER_TYPE_ENDORSER_TRANSACTION)
    throw new EncodingInvalidError("The envelope is not a transaction.");
  const timestampMs = timestampToMs(readTimestamp(reader, 3));
  reader.skip(4);
  const txId = reader.string(5);
  reader.skip(7);
  reader.leave(outerChannelHeader);
  reader.skip(2);
  reader.leave(outerHeader);
  reader.enter(2); // Payload.data = Transaction
  reader.enter(1); // TransactionAction
  reader.skip(1);
  reader.enter(2); // ChaincodeActionPayload
  reader.skip(1);
  reader.enter(2); // ChaincodeEndorsedAction
  reader.enter(1); // ProposalResponsePayload
  reader.skip(1);
  reader.enter(2); // ChaincodeAction
  const { namespace, writes } = readReadWriteSet(reader, false);
  const event = reader.accept(2) ? readEvent(reader) : undefined;
  reader.skip(3);
  reader.skip(4);
  reader.end();
  // All the messages entered since Envelope.payload end together, and so does the envelope.
  if (reader.position !== envelope.length)
    throw new EncodingInvalidError("The envelope goes on after its transaction.");
  return { txId, timestampMs, namespace, writes, event };
}

let latestCreator: Uint8Array = new Uint8Array(0);

/** Transactions of one creator often follow each other, and the encoder caches by reference. */
function sameArrayForSameCreator(creator: Uint8Array): Uint8Array {
  if (!equalBytes(creator, latestCreator)) latestCreator = creator.slice();
  return latestCreator;
}

function decodeChannelHeader(bytes: Uint8Array): { channelHeader: ChannelHeader; extensionContract: string } {
  const reader = new WireReader(bytes);
  const type = reader.varint(1);
  const timestamp = readTimestamp(reader, 3);
  const channelId = reader.string(4);
  const txId = reader.string(5);
  let extensionContract = "";
  if (reader.accept(7)) {
    const outer = reader.enterAccepted();
    const outerId = reader.enter(2);
    extensionContract = reader.string(2);
    reader.leave(outerId);
    reader.leave(outer);
  }
  reader.end();
  return { channelHeader: { type, channelId, txId, timestamp }, extensionContract };
}

function decodeSignatureHeader(bytes: Uint8Array): SignatureHeader {
  const reader = new WireReader(bytes);
  const header = readSignatureHeader(reader);
  reader.end();
  return header;
}
