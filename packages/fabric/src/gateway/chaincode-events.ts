import { isConcordatError } from "@concordat/base";
import type { ContractEvent, Ledger } from "@concordat/ledger/client";
import { status } from "@grpc/grpc-js";
import { checkChannelAccess } from "../endorser/access.ts";
import type { CallContext, Outbox } from "../node/calls.ts";
import type { PeerChannel } from "../node/peer-channel.ts";
import { RpcError } from "../node/rpc-error.ts";
import type { RunningNode } from "../node/running-node.ts";
import type { WireMessage } from "../wire/read.ts";
import { writeMessage } from "../wire/write.ts";
import { permit } from "./commit-status.ts";
import type { SignedRequest } from "./requests.ts";

const BLOCKS_AT_ONCE = 50;

export interface EventsDependencies {
  readonly ledger: Ledger;
  readonly nowMs: () => number;
}

/** Sends a contract's events, block by block, until the client goes or may read no more. @throws RpcError, AbortedError */
export async function chaincodeEvents(
  gateway: RunningNode,
  signed: SignedRequest,
  outbox: Outbox,
  { signal }: CallContext,
  { ledger, nowMs }: EventsDependencies,
): Promise<void> {
  const { fields } = signed;
  const [channelId, contract, identity] = [fields.text(1), fields.text(2), fields.bytes(3)];
  const channel = gateway.channels.get(channelId);
  const data = { identity, data: signed.request, signature: signed.signature };
  const check = () => permit(() => checkChannelAccess(channel?.head.msps, channelId, "Readers", data, nowMs()));
  check();
  if (channel === undefined) throw new RpcError(status.NOT_FOUND, `channel does not exist: ${channelId}`);
  const start = await startOf(channel, ledger, fields);
  const isWanted = (event: ContractEvent) => event.contract === contract && isAfter(event, start.after);
  for (let next = start.block; ; ) {
    await channel.waitForBlock(next, signal);
    // A certificate that was revoked, or has run out, reads no further.
    check();
    const limit = Math.min(BLOCKS_AT_ONCE, channel.height - next);
    const { events, nextBlock } = await ledger.events(channelId, next, limit);
    for (const [block, ofBlock] of Map.groupBy(events.filter(isWanted), (event) => event.block)) {
      await outbox.send(encodeEvents(block, ofBlock));
    }
    next = nextBlock;
  }
}

interface Start {
  readonly block: number;
  /** The transaction whose events were seen last. */
  readonly after: { readonly block: number; readonly index: number } | undefined;
}

async function startOf(channel: PeerChannel, ledger: Ledger, fields: WireMessage): Promise<Start> {
  const position = startPosition(channel, fields.has(4) ? fields.message(4) : undefined);
  const txId = fields.text(5);
  if (txId === "") return { block: position, after: undefined };
  try {
    const { block, index } = await ledger.transaction(channel.channelId, txId);
    if (block.number < channel.height) return { block: block.number, after: { block: block.number, index } };
  } catch (error) {
    if (!isConcordatError(error, "TRANSACTION_UNKNOWN")) throw error;
  }
  return { block: position, after: undefined };
}

/** @source orderer.SeekPosition: newest 1, oldest 2, specified 3, next_commit 4 */
function startPosition(channel: PeerChannel, position: WireMessage | undefined): number {
  if (position?.has(3) === true) return position.message(3).number(1);
  const unknown = position?.has(1) === true ? "Newest" : position?.has(2) === true ? "Oldest" : undefined;
  if (unknown === undefined) return channel.height;
  throw new RpcError(status.INVALID_ARGUMENT, `invalid start position type: *orderer.SeekPosition_${unknown}`);
}

function isAfter(event: ContractEvent, after: Start["after"]): boolean {
  return after === undefined || event.block > after.block || event.index > after.index;
}

/** @source gateway.ChaincodeEventsResponse, protos.ChaincodeEvent */
function encodeEvents(block: number, events: readonly ContractEvent[]): Uint8Array {
  return writeMessage(
    ...events.map(({ contract, txId, name, payload }): [number, Uint8Array] => [
      1,
      writeMessage([1, contract], [2, txId], [3, name], [4, payload]),
    ]),
    [2, block],
  );
}
