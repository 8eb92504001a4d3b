import { peer } from "@hyperledger/fabric-protos";
import type { ContractResponse } from "../contracts/ports.ts";
import { encodeMessage, MESSAGE_TYPE, type ShimMessage, type TransactionName } from "./message.ts";

export function failure(message: string): ContractResponse {
  return { status: 500, message, payload: new Uint8Array(), event: undefined };
}

/**
 * What COMPLETED or ERROR ends a call with. A message that cannot be read, or names its event badly, is a failure of the contract, in the
 * words in which Fabric's endorser tells it.
 */
export function messageToResponse(message: ShimMessage): ContractResponse {
  if (message.type === MESSAGE_TYPE.ERROR) {
    return failure(
      `error in simulation: transaction returned with failure: ${Buffer.from(message.payload).toString("utf8")}`,
    );
  }
  if (message.event?.name === "") {
    return failure(`error in simulation: failed to execute transaction ${message.txId}: its event has no name`);
  }
  try {
    const response = peer.Response.deserializeBinary(message.payload);
    return {
      status: response.getStatus(),
      message: response.getMessage(),
      payload: response.getPayload_asU8(),
      event: message.event,
    };
  } catch {
    return failure(`error in simulation: failed to unmarshal response for transaction ${message.txId}`);
  }
}

/** The payload of the RESPONSE to INVOKE_CHAINCODE: the called chaincode's own last message, as Fabric hands it on. */
export function encodeInvokeAnswer(name: TransactionName, response: ContractResponse): Uint8Array {
  const encoded = new peer.Response();
  encoded.setStatus(response.status);
  encoded.setMessage(response.message);
  encoded.setPayload(response.payload);
  return encodeMessage(MESSAGE_TYPE.COMPLETED, name, encoded.serializeBinary());
}
