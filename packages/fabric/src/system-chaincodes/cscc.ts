import type { Ledger } from "@concordat/ledger/client";
import type { ContractResponse } from "../contracts/ports.ts";
import type { Execution } from "../endorser/contract-call.ts";
import type { PeerChannel } from "../node/peer-channel.ts";
import { WireMessage } from "../wire/read.ts";
import { writeMessage } from "../wire/write.ts";
import { channelRefusal, localRefusal, textArgument } from "./checks.ts";
import { failure, type SystemContract, success } from "./system-contracts.ts";

const JOINING = new Set(["JoinChain", "JoinChainBySnapshot", "JoinBySnapshotStatus"]);

/** Fabric's configuration queries. Which channels a peer is on is the platform's to decide, not a client's. */
export function createCscc({ ledger }: { readonly ledger: Ledger }): SystemContract {
  return async (execution): Promise<ContractResponse> => {
    const { args } = execution.proposal;
    const fn = textArgument(args, 0);
    const needsChannel = fn !== "GetChannels" && fn !== "JoinBySnapshotStatus";
    if (args.length < 1 || (needsChannel && args.length < 2)) {
      return failure(`Incorrect number of arguments, ${args.length}`);
    }
    if (JOINING.has(fn)) return refuseJoining(execution, fn);
    if (fn === "GetChannels") return listChannels(execution);
    if (fn === "GetConfigBlock" || fn === "GetChannelConfig") return configuration(execution, fn, ledger);
    return failure(`Requested function ${fn} not found.`);
  };
}

function refuseJoining(execution: Execution, fn: string): ContractResponse {
  const refusal = localRefusal(execution, "Admins");
  if (refusal !== undefined) return failure(`access denied for [${fn}]: [${refusal}]`);
  return failure(
    `${fn} is not supported: peers of this network join channels through its management interface (concordat channel join)`,
    501,
  );
}

/** @source protos.ChannelQueryResponse */
function listChannels(execution: Execution): ContractResponse {
  const refusal = localRefusal(execution, "Members");
  if (refusal !== undefined) return failure(`access denied for [GetChannels]: ${refusal}`);
  const names = [...execution.node.channels.keys()].sort();
  return success(writeMessage(...names.map((name): [number, Uint8Array] => [1, writeMessage([1, name])])));
}

async function configuration(execution: Execution, fn: string, ledger: Ledger): Promise<ContractResponse> {
  const channelId = textArgument(execution.proposal.args, 1);
  if (channelId === "" && fn === "GetChannelConfig") return failure("empty channel name provided");
  const channel = execution.node.channels.get(channelId);
  if (channel === undefined) {
    const inner = `Failed to get policy manager for channel [${channelId}]`;
    return failure(`access denied for [${fn}][${channelId}]: ${inner}`);
  }
  const refusal = channelRefusal(execution, channel, "Readers");
  if (refusal !== undefined) return failure(`access denied for [${fn}][${channelId}]: ${refusal}`);
  const block = await configBlock(channel, ledger);
  return success(fn === "GetConfigBlock" ? block : configOf(block));
}

async function configBlock(channel: PeerChannel, ledger: Ledger): Promise<Uint8Array> {
  return ledger.blockBytes(channel.channelId, channel.head.configBlock);
}

/** `common.Config`: Block.data -> Envelope.payload -> Payload.data = ConfigEnvelope.config */
function configOf(block: Uint8Array): Uint8Array {
  const [envelope] = new WireMessage(block).message(2).all(1);
  return new WireMessage(envelope ?? new Uint8Array(0)).message(1).message(2).bytes(1);
}
