import { hash } from "node:crypto";
import { concatBytes, equalBytes } from "@concordat/base";
import type { EnvelopeEvent, EnvelopeResponse, KeyRead, KeyWrite } from "./envelope.ts";
import { EncodingInvalidError } from "./errors.ts";
import type { ChannelHeader, SignatureHeader } from "./header.ts";
import { readReadWriteSet } from "./read-write-set.ts";
import { WireReader } from "./wire-reader.ts";

/** What {@link proposalHash} covers, as views of the envelope. */
export interface ProposalHashInputs {
  readonly channelHeader: Uint8Array;
  readonly signatureHeader: Uint8Array;
  readonly proposalPayload: Uint8Array;
}

export interface TransactionView {
  readonly kind: "transaction";
  readonly channelHeader: ChannelHeader;
  readonly signatureHeader: SignatureHeader;
  readonly contract: string;
  readonly contractVersion: string;
  /** The first is the function's name. */
  readonly args: readonly Uint8Array[];
  /** As the envelope states it; compare with {@link proposalHash} of the inputs. */
  readonly proposalHash: Uint8Array;
  readonly proposalHashInputs: ProposalHashInputs;
  readonly reads: readonly KeyRead[];
  readonly writes: readonly KeyWrite[];
  readonly event: EnvelopeEvent | undefined;
  readonly response: EnvelopeResponse;
}

/** SHA-256 over the channel header, the signature header and the proposal payload. */
export function proposalHash(inputs: ProposalHashInputs): Uint8Array {
  const whole = concatBytes(inputs.channelHeader, inputs.signatureHeader, inputs.proposalPayload);
  return new Uint8Array(hash("sha256", whole, "buffer"));
}

export type TransactionBody = Omit<TransactionView, "kind" | "channelHeader" | "signatureHeader">;

/** Reads `Payload.data` of a serial transaction: a `protos.Transaction` with exactly one action. */
export function decodeTransaction(
  data: Uint8Array,
  channelHeader: Uint8Array,
  signatureHeader: Uint8Array,
): TransactionBody {
  const reader = new WireReader(data);
  reader.enter(1); // Transaction.actions, exactly one
  const actionHeader = reader.required(1);
  if (!equalBytes(actionHeader, signatureHeader))
    throw new EncodingInvalidError("The action has another signature header.");
  reader.enter(2); // ChaincodeActionPayload
  const proposalPayload = reader.required(1);
  reader.enter(2); // ChaincodeEndorsedAction
  reader.enter(1); // ProposalResponsePayload
  const statedHash = reader.bytes(1);
  const chaincodeAction = reader.required(2);
  reader.end(); // each of the four messages ends here, with the data
  if (reader.position !== data.length)
    throw new EncodingInvalidError("The transaction goes on after its first action.");
  const { contract, args } = decodeProposalPayload(proposalPayload);
  const action = decodeChaincodeAction(chaincodeAction, contract);
  const proposalHashInputs = { channelHeader, signatureHeader, proposalPayload };
  return { contract, args, proposalHash: statedHash, proposalHashInputs, ...action };
}

function decodeProposalPayload(bytes: Uint8Array): { contract: string; args: readonly Uint8Array[] } {
  const reader = new WireReader(bytes);
  const outer = reader.enter(1); // ChaincodeInvocationSpec
  const outerSpec = reader.enter(1); // ChaincodeSpec
  reader.varint(1);
  const outerId = reader.enter(2);
  const contract = reader.string(2);
  reader.leave(outerId);
  const outerInput = reader.enter(3);
  const args: Uint8Array[] = [];
  while (reader.accept(1)) args.push(reader.view());
  reader.leave(outerInput);
  reader.leave(outerSpec);
  reader.leave(outer);
  reader.end();
  return { contract, args };
}

function decodeChaincodeAction(bytes: Uint8Array, contract: string) {
  const reader = new WireReader(bytes);
  const { namespace, reads, writes } = readReadWriteSet(reader, true);
  const event = reader.accept(2) ? readEvent(reader) : undefined;
  const outer = reader.enter(3);
  const response = { status: reader.varint(1), message: reader.string(2), payload: reader.bytes(3) };
  reader.leave(outer);
  const outerId = reader.enter(4);
  const name = reader.string(2);
  const contractVersion = reader.string(3);
  reader.leave(outerId);
  reader.end();
  if (namespace !== contract || name !== contract) throw new EncodingInvalidError("The action names another contract.");
  return { reads, writes, event, response, contractVersion };
}

/** Reads the `ChaincodeEvent` whose tag was just accepted. */
export function readEvent(reader: WireReader): EnvelopeEvent {
  const outer = reader.enterAccepted();
  reader.skipOptional(1);
  reader.skipOptional(2);
  const name = reader.string(3);
  const payload = reader.bytes(4);
  reader.leave(outer);
  return { name, payload };
}
