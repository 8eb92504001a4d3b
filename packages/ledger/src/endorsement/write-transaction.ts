import { hash } from "node:crypto";
import { concatBytes } from "@concordat/base";
import { WireWriter } from "../encoding/wire-writer.ts";
import { FieldReader, readOrUndefined, singular } from "./field-reader.ts";
import type { EndorsedTransaction, Endorsement } from "./ports.ts";

/**
 * SHA-256 over the channel header, the signature header and the `ChaincodeProposalPayload`, which holds no transient map any more
 * ({@link withoutTransient}).
 */
export function proposalHashOf(input: {
  readonly channelHeader: Uint8Array;
  readonly signatureHeader: Uint8Array;
  readonly proposalPayload: Uint8Array;
}): Uint8Array {
  const whole = concatBytes(input.channelHeader, input.signatureHeader, input.proposalPayload);
  return new Uint8Array(hash("sha256", whole, "buffer"));
}

/**
 * A `ChaincodeProposalPayload` with its input alone, as it enters hash and ledger. Undefined when it is malformed.
 * @source fabric protoutil/proputils.go, GetBytesProposalPayloadForTx
 */
export function withoutTransient(proposalPayload: Uint8Array): Uint8Array | undefined {
  return readOrUndefined(() => {
    const reader = FieldReader.of(proposalPayload, singular(1));
    const writer = new WireWriter(proposalPayload.length + 8);
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) writer.bytesField(1, reader.view());
    }
    return writer.detach();
  });
}

export interface ProposalResponseInput {
  /** Of {@link proposalHashOf}. */
  readonly proposalHash: Uint8Array;
  /** A serialized `TxReadWriteSet`. */
  readonly results: Uint8Array;
  readonly event: EndorsedTransaction["event"];
  readonly response: EndorsedTransaction["response"];
  readonly contract: string;
  readonly contractVersion: string;
}

/**
 * A serialized `protos.ProposalResponsePayload`: what endorsers sign, followed by their identity.
 * @throws EncodingInvalidError when a text holds a lone surrogate
 */
export function encodeProposalResponsePayload(input: ProposalResponseInput): Uint8Array {
  const { event, response } = input;
  const writer = new WireWriter(input.results.length + response.payload.length + 1024);
  const action = writer.length;
  writer.stringField(3, input.contractVersion);
  writer.stringField(2, input.contract);
  writer.close(4, action); // ChaincodeAction.chaincode_id
  const responseMark = writer.length;
  writer.bytesField(3, response.payload);
  writer.stringField(2, response.message);
  writer.varintField(1, response.status);
  writer.close(3, responseMark);
  if (event !== undefined) {
    const eventMark = writer.length;
    writer.bytesField(4, event.payload);
    writer.stringField(3, event.name);
    writer.stringField(2, event.txId);
    writer.stringField(1, event.contract);
    writer.closeUnlessEmpty(2, eventMark);
  }
  writer.bytesField(1, input.results);
  writer.close(2, action); // ProposalResponsePayload.extension
  writer.bytesField(1, input.proposalHash);
  return writer.detach();
}

export interface TransactionPayloadInput {
  /** The proposal's, as they came. */
  readonly channelHeader: Uint8Array;
  readonly signatureHeader: Uint8Array;
  /** Without transient map. */
  readonly proposalPayload: Uint8Array;
  readonly proposalResponsePayload: Uint8Array;
  readonly endorsements: readonly Endorsement[];
}

/** A serialized `common.Payload`: what the creator of an endorsed transaction signs, and its envelope then holds. */
export function encodeTransactionPayload(input: TransactionPayloadInput): Uint8Array {
  const writer = new WireWriter(input.proposalPayload.length + input.proposalResponsePayload.length + 8192);
  for (const { endorser, signature } of input.endorsements.toReversed()) {
    const mark = writer.length;
    writer.bytesField(2, signature);
    writer.bytesField(1, endorser);
    writer.close(2, mark); // ChaincodeEndorsedAction.endorsements
  }
  writer.bytesField(1, input.proposalResponsePayload);
  writer.close(2, 0); // ChaincodeActionPayload.action
  writer.bytesField(1, input.proposalPayload);
  writer.close(2, 0); // TransactionAction.payload
  writer.bytesField(1, input.signatureHeader);
  writer.close(1, 0); // Transaction.actions
  writer.close(2, 0); // Payload.data
  const header = writer.length;
  writer.bytesField(2, input.signatureHeader);
  writer.bytesField(1, input.channelHeader);
  writer.close(1, header); // Payload.header
  return writer.detach();
}
