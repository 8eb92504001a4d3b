import { status } from "@grpc/grpc-js";
import type { ProposalResponse } from "../endorser/endorser.ts";
import type { ErrorDetail } from "../node/rpc-error.ts";
import type { RunningNode } from "../node/running-node.ts";

/** How a gateway takes what an endorser answered. */
export type Outcome =
  | { readonly kind: "success" }
  /** `retry`: another endorser may do better. */
  | { readonly kind: "failure"; readonly code: status; readonly message: string; readonly retry: boolean };

/** A response without a payload and of status 500 is the peer's own; any other failure is the contract's. */
export function outcomeOf({ response, payload }: ProposalResponse): Outcome {
  if (response.status >= 200 && response.status < 400) return { kind: "success" };
  if (payload === undefined && response.status === 500) {
    return { kind: "failure", code: status.ABORTED, message: response.message, retry: true };
  }
  const message = `chaincode response ${response.status}, ${response.message}`;
  return { kind: "failure", code: status.UNKNOWN, message, retry: false };
}

/** An endorser's refusal to look at the proposal at all. */
export function refusalOf(message: string): Outcome & { readonly kind: "failure" } {
  return { kind: "failure", code: status.FAILED_PRECONDITION, message, retry: false };
}

export function detailOf(node: RunningNode, message: string): ErrorDetail {
  return { address: node.address, mspId: node.mspId, message };
}
