import { bytesToHex, hexToBytes, isConcordatError } from "@concordat/base";
import type { Ledger } from "@concordat/ledger/client";
import type { ContractResponse } from "../contracts/ports.ts";
import type { PeerChannel } from "../node/peer-channel.ts";
import { writeMessage } from "../wire/write.ts";
import { channelRefusal, textArgument } from "./checks.ts";
import { failure, type SystemContract, success } from "./system-contracts.ts";

type Query = (channel: PeerChannel, argument: Uint8Array, ledger: Ledger) => Promise<Uint8Array>;

/** Fabric's word for the last block: 2^64 - 1. */
const LAST_BLOCK = 0xffff_ffff_ffff_ffffn;
const LAST_BLOCK_DIGITS = 20;

/** A question that has no answer, in Fabric's words. */
class QueryFailure extends Error {}

const QUERIES: Readonly<Record<string, Query>> = {
  GetChainInfo: chainInfo,
  GetBlockByNumber: blockByNumber,
  GetBlockByHash: blockByHash,
  GetTransactionByID: transactionById,
  GetBlockByTxID: blockByTransaction,
};

/** Fabric's ledger queries, on what this peer has committed. */
export function createQscc({ ledger }: { readonly ledger: Ledger }): SystemContract {
  return async (execution): Promise<ContractResponse> => {
    const { args } = execution.proposal;
    if (args.length < 2) return failure(`Incorrect number of arguments, ${args.length}`);
    const [fn, channelId] = [textArgument(args, 0), textArgument(args, 1)];
    if (fn !== "GetChainInfo" && args.length < 3) return failure(`missing 3rd argument for ${fn}`);
    const channel = execution.node.channels.get(channelId);
    if (channel === undefined) return failure(`Invalid chain ID, ${channelId}`);
    const query = Object.hasOwn(QUERIES, fn) ? QUERIES[fn] : undefined;
    if (query === undefined)
      return failure(`access denied for [${fn}][${channelId}]: [Unmapped policy for qscc/${fn}]`);
    const refusal = channelRefusal(execution, channel, "Readers");
    if (refusal !== undefined) return failure(`access denied for [${fn}][${channelId}]: [${refusal}]`);
    try {
      return success(await query(channel, args[2] ?? new Uint8Array(0), ledger));
    } catch (error) {
      if (error instanceof QueryFailure) return failure(error.message);
      throw error;
    }
  };
}

/** @source common.BlockchainInfo: height 1, currentBlockHash 2, previousBlockHash 3 */
async function chainInfo(channel: PeerChannel, _argument: Uint8Array, ledger: Ledger): Promise<Uint8Array> {
  const { height, channelId } = channel;
  const { headerHash, previousHash } = await ledger.block(channelId, height - 1);
  return writeMessage([1, height], [2, hexToBytes(headerHash)], [3, hexToBytes(previousHash)]);
}

async function blockByNumber(channel: PeerChannel, argument: Uint8Array, ledger: Ledger): Promise<Uint8Array> {
  const text = Buffer.from(argument).toString("utf8");
  const refused = (why: string) =>
    new QueryFailure(
      `Failed to parse block number with error strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`,
    );
  if (!/^\d+$/.test(text)) throw refused("invalid syntax");
  // Digits beyond the longest number are only looked at when they are not leading zeros.
  const digits = text.replace(/^0+(?=\d)/, "");
  const number = digits.length > LAST_BLOCK_DIGITS ? undefined : BigInt(digits);
  if (number === undefined || number > LAST_BLOCK) throw refused("value out of range");
  const wanted = number === LAST_BLOCK ? channel.height - 1 : Number(number);
  return readBlock(channel, wanted, `Failed to get block number ${digits}, error`, ledger);
}

async function blockByHash(channel: PeerChannel, hash: Uint8Array, ledger: Ledger): Promise<Uint8Array> {
  const failed = `Failed to get block hash ${bytesToHex(hash)}, error`;
  const notFound = new QueryFailure(`${failed} no such block hash [${bytesToHex(hash)}] in index`);
  try {
    const number = await ledger.blockNumberByHash(channel.channelId, bytesToHex(hash));
    if (number >= channel.height) throw notFound;
    return await readBlock(channel, number, failed, ledger);
  } catch (error) {
    if (isConcordatError(error, "BLOCK_UNKNOWN")) throw notFound;
    throw error;
  }
}

/** @source protos.ProcessedTransaction: transactionEnvelope 1, validationCode 2 */
async function transactionById(channel: PeerChannel, argument: Uint8Array, ledger: Ledger): Promise<Uint8Array> {
  const txId = Buffer.from(argument).toString("utf8");
  const place = await channel.findTransaction(txId);
  if (place === undefined) {
    throw new QueryFailure(
      `Failed to get transaction with id ${txId}, error no such transaction ID [${txId}] in index`,
    );
  }
  const { envelope, validationCode } = await ledger.envelope(channel.channelId, txId);
  return writeMessage({ present: 1, value: envelope }, [2, validationCode]);
}

async function blockByTransaction(channel: PeerChannel, argument: Uint8Array, ledger: Ledger): Promise<Uint8Array> {
  const txId = Buffer.from(argument).toString("utf8");
  const failed = `Failed to get block for txID ${txId}, error`;
  const place = await channel.findTransaction(txId);
  if (place === undefined) throw new QueryFailure(`${failed} no such transaction ID [${txId}] in index`);
  return readBlock(channel, place.block, failed, ledger);
}

async function readBlock(channel: PeerChannel, number: number, failed: string, ledger: Ledger): Promise<Uint8Array> {
  const notFound = new QueryFailure(`${failed} no such block number [${number}] in index`);
  if (number >= channel.height) throw notFound;
  try {
    return await ledger.blockBytes(channel.channelId, number);
  } catch (error) {
    if (isConcordatError(error, "BLOCK_UNKNOWN")) throw notFound;
    throw error;
  }
}
