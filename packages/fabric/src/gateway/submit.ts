import type { Logger } from "@concordat/base";
import type { Ledger, OrderResult } from "@concordat/ledger/client";
import { status } from "@grpc/grpc-js";
import type { Network } from "../node/network.ts";
import { RpcError } from "../node/rpc-error.ts";
import type { RunningNode } from "../node/running-node.ts";
import { COMMON_STATUS, orderEnvelope } from "../orderer/ordering.ts";
import { WireMessage } from "../wire/read.ts";
import { noConfig } from "./evaluate.ts";
import { detailOf } from "./outcome.ts";
import type { SubmitRequest } from "./requests.ts";

export interface SubmitDependencies {
  readonly network: Network;
  readonly ledger: Ledger;
  readonly log: Logger;
}

/** Hands a signed transaction to an orderer of the channel; settles when its block is on disk. @throws RpcError */
export async function submit(
  gateway: RunningNode,
  { channelId, envelope }: SubmitRequest,
  { network, ledger, log }: SubmitDependencies,
): Promise<OrderResult> {
  if (envelope === undefined) throw new RpcError(status.INVALID_ARGUMENT, "a prepared transaction is required");
  if (!new WireMessage(envelope).has(2)) {
    throw new RpcError(status.INVALID_ARGUMENT, "prepared transaction must be signed");
  }
  const channel = gateway.channels.get(channelId);
  if (channel === undefined) throw noConfig(status.FAILED_PRECONDITION, channelId);
  const orderer = network.orderersOf(channelId)[0];
  if (orderer === undefined) throw new RpcError(status.UNAVAILABLE, "no orderer nodes available");
  const answer = await orderEnvelope(envelope, orderer.channels, { ledger, log });
  if (answer.status === "SUCCESS") {
    channel.head.noteOrdered(answer.result);
    return answer.result;
  }
  const text = `received unsuccessful response from orderer: status=${answer.status}, info=${answer.info}`;
  const code = COMMON_STATUS[answer.status];
  if (code >= 400 && code < 500) throw new RpcError(status.ABORTED, text);
  throw new RpcError(status.UNAVAILABLE, "no orderers could successfully process transaction", [
    detailOf(orderer, text),
  ]);
}
