import { hexToBytes } from "@concordat/base";
import { ledgerErrors } from "../errors.ts";
import type { BlockInfo, CommittedBlock, ContractEvent, TransactionInfo } from "../ports.ts";
import { BlockReader, type ReadBlock } from "./block-reader.ts";
import type { ChannelStores } from "./channel-stores.ts";
import type { Pipeline } from "./pipeline.ts";

const BLOCKS_DEFAULT = 100;
const BLOCKS_MAX = 1_000;
/** A list of verdicts ends with the block that reaches it. */
const VERDICTS_MAX = 10_000;
const HEADER_HASH = /^[0-9a-f]{64}$/;

export interface Located {
  readonly block: number;
  readonly index: number;
  readonly validationCode: number;
}

/** What can be asked of a channel's durable blocks. */
export class ChannelLog {
  readonly #channelId: string;
  readonly #stores: ChannelStores;
  readonly #pipeline: Pipeline;
  readonly #reader: BlockReader;

  constructor(
    options: { readonly channelId: string },
    dependencies: { readonly stores: ChannelStores; readonly pipeline: Pipeline },
  ) {
    this.#channelId = options.channelId;
    this.#stores = dependencies.stores;
    this.#pipeline = dependencies.pipeline;
    this.#reader = new BlockReader(dependencies.stores.blocks);
  }

  /** @throws LedgerError BLOCK_UNKNOWN */
  read(number: number): Promise<ReadBlock> {
    this.#check(number);
    return this.#reader.block(number);
  }

  /** @throws LedgerError TRANSACTION_UNKNOWN */
  locate(txId: string): Located {
    const found = this.#pipeline.transactions.locate(txId);
    // Transactions from before an imported snapshot are known by id only.
    if (found === undefined || found.block < 0) throw ledgerErrors.transactionUnknown(txId);
    return found;
  }

  hasTransaction(txId: string): boolean {
    return this.#pipeline.transactions.locate(txId)?.validationCode === 0;
  }

  /** Whether a durable transaction has this id, valid or not. */
  isKnown(txId: string): boolean {
    return this.#pipeline.transactions.locate(txId) !== undefined;
  }

  async transaction(txId: string): Promise<TransactionInfo> {
    const { block: number, index, validationCode } = this.locate(txId);
    const block = await this.read(number);
    const { timestampMs } = block.transaction(index);
    return { txId, block: block.info, index, validationCode, timestampMs };
  }

  async envelope(
    txId: string,
  ): Promise<{ readonly envelope: Uint8Array; readonly block: number; readonly validationCode: number }> {
    const { block, index, validationCode } = this.locate(txId);
    // In memory of its own: a piece of the block would take all of it along to another thread.
    return { envelope: new Uint8Array((await this.read(block)).envelope(index)), block, validationCode };
  }

  async block(number: number): Promise<BlockInfo> {
    return (await this.read(number)).info;
  }

  async bytes(number: number): Promise<Uint8Array> {
    this.#check(number);
    return this.#stores.blocks.read(number);
  }

  async numberByHash(headerHash: string): Promise<number> {
    if (!HEADER_HASH.test(headerHash)) throw ledgerErrors.blockHashUnknown(headerHash);
    await this.#pipeline.applied();
    const number = this.#stores.index.blockNumber(hexToBytes(headerHash));
    if (number === undefined) throw ledgerErrors.blockHashUnknown(headerHash);
    return number;
  }

  async committed(fromBlock: number, limit = BLOCKS_DEFAULT): Promise<readonly CommittedBlock[]> {
    const { height } = this.#pipeline.tip;
    if (fromBlock < height) this.#check(fromBlock);
    const end = Math.min(height, fromBlock + Math.min(limit, BLOCKS_MAX));
    const blocks: CommittedBlock[] = [];
    let verdicts = 0;
    for (let number = fromBlock; number < end && verdicts < VERDICTS_MAX; number += 1) {
      const block = this.#pipeline.transactions.verdicts(number) ?? (await this.read(number)).verdicts();
      blocks.push(block);
      verdicts += block.transactions.length;
    }
    return blocks;
  }

  async events(
    fromBlock: number,
    blockLimit = BLOCKS_DEFAULT,
  ): Promise<{ readonly events: readonly ContractEvent[]; readonly nextBlock: number }> {
    const { height } = this.#pipeline.tip;
    if (fromBlock < height) this.#check(fromBlock);
    const nextBlock = Math.max(fromBlock, Math.min(height, fromBlock + blockLimit));
    const events: ContractEvent[] = [];
    for (let number = fromBlock; number < nextBlock; number += 1) {
      events.push(...(await this.#reader.block(number)).events(this.#channelId));
    }
    return { events, nextBlock };
  }

  #check(number: number): void {
    const { height } = this.#pipeline.tip;
    if (!Number.isInteger(number) || number < this.#stores.blocks.firstBlock || number >= height) {
      throw ledgerErrors.blockUnknown(number, height);
    }
  }
}
