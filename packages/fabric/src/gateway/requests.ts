import { status } from "@grpc/grpc-js";
import { RpcError } from "../node/rpc-error.ts";
import { decodeText, WireError, WireMessage } from "../wire/read.ts";

/** `gateway.EvaluateRequest` and `gateway.EndorseRequest`, which have the same shape. */
export interface ProposalRequest {
  /** A serialized SignedProposal. */
  readonly signedProposal: Uint8Array;
  /** Organizations that the client names; none = the gateway chooses. */
  readonly organizations: readonly string[];
}

export function readProposalRequest(bytes: Uint8Array): ProposalRequest {
  const message = new WireMessage(bytes);
  return { signedProposal: message.bytes(3), organizations: message.all(4).map(decodeText) };
}

export interface SubmitRequest {
  readonly channelId: string;
  /** A serialized Envelope; undefined when there is none. */
  readonly envelope: Uint8Array | undefined;
}

export function readSubmitRequest(bytes: Uint8Array): SubmitRequest {
  const message = new WireMessage(bytes);
  return { channelId: message.text(2), envelope: message.has(3) ? message.bytes(3) : undefined };
}

/** A request that its caller signs by itself: of commit status and of events. */
export interface SignedRequest {
  readonly request: Uint8Array;
  readonly fields: WireMessage;
  readonly signature: Uint8Array;
}

/** @param what for texts: "commit status" @param short "status" */
export function readSignedRequest(bytes: Uint8Array, what: string, short: string): SignedRequest {
  const message = new WireMessage(bytes);
  const request = message.bytes(1);
  if (request.length === 0) throw new RpcError(status.INVALID_ARGUMENT, `a ${what} request is required`);
  try {
    return { request, fields: new WireMessage(request), signature: message.bytes(2) };
  } catch (error) {
    if (error instanceof WireError) {
      throw new RpcError(status.INVALID_ARGUMENT, `invalid ${short} request: proto: ${error.message}`);
    }
    throw error;
  }
}
