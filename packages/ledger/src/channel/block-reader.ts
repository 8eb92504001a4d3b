import { bytesToHex, InvariantError } from "@concordat/base";
import type { BlockStore } from "../block-store/block-store.ts";
import { headerHash } from "../encoding/block.ts";
import { decodeConfigEnvelope, decodeConfigTransaction } from "../encoding/config.ts";
import type { BlockInfo, ChannelConfig, CommittedBlock, ContractEvent } from "../ports.ts";
import { VALID } from "./effects.ts";
import { readStoredBlock, type StoredBlock } from "./replay.ts";
import { readStoredEffects, readStoredTransaction, type StoredTransaction } from "./stored-transaction.ts";

const BLOCKS_KEPT = 16;

/** A block as it was read, with what is derived from it on demand. */
export class ReadBlock {
  readonly stored: StoredBlock;
  readonly info: BlockInfo;

  constructor(stored: StoredBlock) {
    this.stored = stored;
    this.info = {
      number: stored.number,
      headerHash: bytesToHex(headerHash(stored)),
      previousHash: bytesToHex(stored.previousHash),
      dataHash: bytesToHex(stored.dataHash),
      transactionCount: stored.envelopes.length,
    };
  }

  envelope(index: number): Uint8Array {
    const envelope = this.stored.envelopes[index];
    if (envelope === undefined) throw new InvariantError(`Block ${this.stored.number} has no envelope ${index}.`);
    return envelope;
  }

  transaction(index: number): StoredTransaction {
    return readStoredTransaction(this.stored.kinds[index], this.envelope(index));
  }

  /** What a valid transaction wrote under a key; undefined when it deleted or did not write it. */
  write(index: number, namespace: string, key: string): Uint8Array | undefined {
    const { writes } = readStoredEffects(this.stored.kinds[index], this.envelope(index));
    return writes.find((write) => write.key === key && write.namespace === namespace)?.value;
  }

  /** The contract events of this block's valid transactions. */
  events(channelId: string): ContractEvent[] {
    return this.stored.envelopes.flatMap((envelope, index) => {
      const kind = this.stored.kinds[index];
      if (kind === 0 || this.stored.validationCodes[index] !== VALID) return [];
      const { txId, event } = readStoredEffects(kind, envelope);
      return event === undefined ? [] : [{ channelId, block: this.stored.number, index, txId, ...event }];
    });
  }

  verdicts(): CommittedBlock {
    const transactions = this.stored.envelopes.map((_, index) => ({
      txId: this.transaction(index).txId,
      validationCode: this.stored.validationCodes[index] ?? 0,
    }));
    return { number: this.stored.number, transactions };
  }

  /** The configuration that this block puts in force. */
  config(): { readonly config: ChannelConfig; readonly sequence: number } {
    return decodeConfigEnvelope(decodeConfigTransaction(this.envelope(0)).configEnvelope);
  }
}

/** Reads blocks, keeping the last few: the transactions of one block are often asked for together. */
export class BlockReader {
  readonly #blocks: BlockStore;
  readonly #kept = new Map<number, Promise<ReadBlock>>();

  constructor(blocks: BlockStore) {
    this.#blocks = blocks;
  }

  block(number: number): Promise<ReadBlock> {
    const kept = this.#kept.get(number);
    if (kept !== undefined) return kept;
    const reading = this.#blocks.read(number).then((bytes) => new ReadBlock(readStoredBlock(number, bytes)));
    this.#kept.set(number, reading);
    reading.catch(() => this.#kept.delete(number));
    const oldest = this.#kept.size > BLOCKS_KEPT ? this.#kept.keys().next().value : undefined;
    if (oldest !== undefined) this.#kept.delete(oldest);
    return reading;
  }
}
