import { status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Calls } from "../node/calls.ts";
import { RpcError } from "../node/rpc-error.ts";
import type { RunningNode } from "../node/running-node.ts";
import { type DeliverDependencies, type DeliverFormat, deliver } from "./deliver.ts";
import { filteredBlocks, wholeBlocks } from "./formats.ts";

/** A Deliver method of a node, in the given form. */
export function deliverMethod(
  node: RunningNode,
  format: DeliverFormat,
  calls: Calls,
  dependencies: DeliverDependencies,
) {
  return calls.bidirectional((requests, outbox, context) =>
    deliver(node, format, requests, outbox, context, dependencies),
  );
}

/** `protos.Deliver` of a peer. */
export function deliverService(
  node: RunningNode,
  calls: Calls,
  dependencies: DeliverDependencies,
): UntypedServiceImplementation {
  return {
    deliver: deliverMethod(node, wholeBlocks, calls, dependencies),
    deliverFiltered: deliverMethod(node, filteredBlocks, calls, dependencies),
    deliverWithPrivateData: calls.bidirectional(async () => {
      throw new RpcError(
        status.UNIMPLEMENTED,
        "private data collections are not supported by this peer; use Deliver or DeliverFiltered",
      );
    }),
  };
}
