import { status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Calls } from "../node/calls.ts";
import { RpcError } from "../node/rpc-error.ts";
import type { RunningNode } from "../node/running-node.ts";
import { WireError } from "../wire/read.ts";
import { writeMessage } from "../wire/write.ts";
import { ProposalRefused } from "./check-proposal.ts";
import type { Endorser, ProposalResponse } from "./endorser.ts";
import { readProposal } from "./proposal.ts";

/** `protos.Endorser` of one peer. A refused proposal ends the call with code UNKNOWN, as Fabric's errors without a code do. */
export function endorserService(node: RunningNode, endorser: Endorser, calls: Calls): UntypedServiceImplementation {
  return {
    processProposal: calls.unary(async (request) => {
      try {
        return encodeProposalResponse(await endorser.processProposal(node, readProposal(request)));
      } catch (error) {
        if (error instanceof ProposalRefused || error instanceof WireError) {
          throw new RpcError(status.UNKNOWN, error.message);
        }
        throw error;
      }
    }),
  };
}

/** @source protos.ProposalResponse */
export function encodeProposalResponse({ response, payload, endorsement }: ProposalResponse): Uint8Array {
  return writeMessage(
    [1, endorsement === undefined ? 0 : 1],
    { present: 4, value: encodeResponse(response) },
    [5, payload],
    [6, endorsement && writeMessage([1, endorsement.endorser], [2, endorsement.signature])],
  );
}

/** @source protos.Response */
export function encodeResponse(response: ProposalResponse["response"]): Uint8Array {
  return writeMessage([1, response.status], [2, response.message], [3, response.payload]);
}
