import { status } from "@grpc/grpc-js";
import { AccessError, checkChannelAccess } from "../endorser/access.ts";
import type { TransactionPlace } from "../node/recent-transactions.ts";
import { RpcError } from "../node/rpc-error.ts";
import type { RunningNode } from "../node/running-node.ts";
import { writeMessage } from "../wire/write.ts";
import type { SignedRequest } from "./requests.ts";

/** What became of a transaction; waits until the gateway's peer has committed it. @throws RpcError, AbortedError */
export async function commitStatus(
  gateway: RunningNode,
  { fields, request, signature }: SignedRequest,
  signal: AbortSignal,
  nowMs: number,
): Promise<TransactionPlace> {
  const [txId, channelId, identity] = [fields.text(1), fields.text(2), fields.bytes(3)];
  if (identity.length === 0) throw new RpcError(status.INVALID_ARGUMENT, "no identity provided");
  if (channelId === "") throw new RpcError(status.INVALID_ARGUMENT, "no channel ID provided");
  if (txId === "") throw new RpcError(status.INVALID_ARGUMENT, "transaction ID should not be empty");
  const channel = gateway.channels.get(channelId);
  permit(() =>
    checkChannelAccess(channel?.head.msps, channelId, "Readers", { identity, data: request, signature }, nowMs),
  );
  if (channel === undefined) throw new RpcError(status.NOT_FOUND, `channel does not exist: ${channelId}`);
  return channel.transactionStatus(txId, signal);
}

/** @throws RpcError PERMISSION_DENIED in place of AccessError */
export function permit<Answer>(check: () => Answer): Answer {
  try {
    return check();
  } catch (error) {
    if (error instanceof AccessError) throw new RpcError(status.PERMISSION_DENIED, error.message);
    throw error;
  }
}

/** @source gateway.CommitStatusResponse */
export function encodeCommitStatus({ block, validationCode }: TransactionPlace): Uint8Array {
  return writeMessage([1, validationCode], [2, block]);
}
