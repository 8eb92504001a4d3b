import { peer } from "@hyperledger/fabric-protos";
import type { ContractCallRequest } from "../contracts/ports.ts";

export const MESSAGE_TYPE = peer.ChaincodeMessage.Type;

type MessageType = peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap];

/** A ChaincodeMessage as the peer reads it. */
export interface ShimMessage {
  /** A number that the protocol may not know. */
  readonly type: number;
  readonly channelId: string;
  readonly txId: string;
  readonly payload: Uint8Array;
  readonly event: { readonly name: string; readonly payload: Uint8Array } | undefined;
}

/** To whom an answer goes: both are in every message of a transaction. */
export type TransactionName = Pick<ShimMessage, "channelId" | "txId">;

const typeNames = new Map<number, string>(Object.entries(MESSAGE_TYPE).map(([name, number]) => [number, name]));

/** As Fabric's texts name it: `GET_STATE`. */
export function messageTypeName(type: number): string {
  return typeNames.get(type) ?? String(type);
}

/** Undefined for bytes that are no ChaincodeMessage. */
export function decodeMessage(bytes: Uint8Array): ShimMessage | undefined {
  try {
    const message = peer.ChaincodeMessage.deserializeBinary(bytes);
    const event = message.getChaincodeEvent();
    return {
      type: message.getType(),
      channelId: message.getChannelId(),
      txId: message.getTxid(),
      payload: message.getPayload_asU8(),
      event: event && { name: event.getEventName(), payload: event.getPayload_asU8() },
    };
  } catch {
    return undefined;
  }
}

/** The package id in the payload of REGISTER. */
export function decodeRegistration(payload: Uint8Array): string | undefined {
  try {
    return peer.ChaincodeID.deserializeBinary(payload).getName();
  } catch {
    return undefined;
  }
}

export function encodeMessage(type: MessageType, name: TransactionName | undefined, payload?: Uint8Array): Uint8Array {
  const message = new peer.ChaincodeMessage();
  message.setType(type);
  if (name !== undefined) {
    message.setChannelId(name.channelId);
    message.setTxid(name.txId);
  }
  if (payload !== undefined) message.setPayload(payload);
  return message.serializeBinary();
}

/** INIT or TRANSACTION: the arguments and the client's proposal. */
export function encodeCall(request: ContractCallRequest): Uint8Array {
  const input = new peer.ChaincodeInput();
  input.setArgsList([...request.args]);
  input.setIsInit(request.isInit);
  const proposal = new peer.SignedProposal();
  proposal.setProposalBytes(request.signedProposal.proposalBytes);
  proposal.setSignature(request.signedProposal.signature);
  const message = new peer.ChaincodeMessage();
  message.setType(request.isInit ? MESSAGE_TYPE.INIT : MESSAGE_TYPE.TRANSACTION);
  message.setChannelId(request.channelId);
  message.setTxid(request.txId);
  message.setPayload(input.serializeBinary());
  message.setProposal(proposal);
  return message.serializeBinary();
}
