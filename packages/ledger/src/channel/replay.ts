import type { BlockStore } from "../block-store/block-store.ts";
import { leafRecordHash } from "../checkpoint/leaf-record.ts";
import { type Checkpoint, parseCheckpoint } from "../checkpoint/note.ts";
import type { Contract } from "../contract-api/index.ts";
import { type DecodedBlock, decodeBlock, headerHash } from "../encoding/block.ts";
import { ledgerErrors } from "../errors.ts";
import { sha256, type TreeHash } from "../merkle/hash.ts";
import type { MerkleLog } from "../merkle/log.ts";
import type { StateWrite } from "../state/ports.ts";
import { applyBlocks, type DeriverStores } from "./deriver.ts";
import { type BlockEffects, type TransactionEffect, VALID } from "./effects.ts";
import { readStoredEffects, readStoredTransaction } from "./stored-transaction.ts";

const BATCH_TRANSACTIONS_MAX = 4_000;

export interface StoredBlock extends DecodedBlock {
  readonly proof: Checkpoint;
}

/** @throws LedgerError STORE_DAMAGED when the bytes are not a block of the format or carry another number */
export function readStoredBlock(number: number, bytes: Uint8Array): StoredBlock {
  try {
    const block = decodeBlock(bytes);
    if (block.number !== number) throw new TypeError(`It says it is block ${block.number}.`);
    return { ...block, proof: parseCheckpoint(block.checkpoint) };
  } catch (cause) {
    throw ledgerErrors.storeDamaged(`Block ${number} cannot be read.`, { block: number }, cause);
  }
}

/** Leaf hashes of a block, in order, for one of the channel's trees. */
export function leavesOf(block: StoredBlock, treeHash: TreeHash): { txId: string; hash: Uint8Array }[] {
  return block.envelopes.map((envelope, index) => {
    const { txId } = readStoredTransaction(block.kinds[index], envelope);
    const leaf = {
      kind: block.kinds[index] ?? 0,
      validationCode: block.validationCodes[index] ?? 0,
      block: block.number,
      index,
      envelopeSha256: sha256(envelope),
      txId,
    };
    const hash = leafRecordHash(leaf, treeHash);
    return { txId, hash };
  });
}

/** What a stored block changes, read from its envelopes. */
export function effectsOf(block: StoredBlock): BlockEffects {
  const writes: StateWrite[] = [];
  const transactions: TransactionEffect[] = [];
  let lastTimestampMs: number | undefined;
  block.envelopes.forEach((envelope, index) => {
    const kind = block.kinds[index];
    const validationCode = block.validationCodes[index] ?? 0;
    const version = { block: block.number, index };
    const effects =
      validationCode === VALID
        ? readStoredEffects(kind, envelope)
        : { ...readStoredTransaction(kind, envelope), writes: [] };
    transactions.push({ txId: effects.txId, ...version, validationCode });
    if (kind !== 2) lastTimestampMs = effects.timestampMs;
    for (const { namespace, key, value } of effects.writes) writes.push({ namespace, key, value, version });
  });
  return { number: block.number, headerHash: headerHash(block), lastTimestampMs, transactions, writes };
}

/** Brings derived stores that lag behind the segments up to date, and the tree's file with them. */
export async function replay(
  blocks: BlockStore,
  stores: DeriverStores,
  contracts: ReadonlyMap<string, Contract>,
): Promise<void> {
  const from = Math.min(stores.state.savepoint, stores.index.savepoint);
  let batch: BlockEffects[] = [];
  let batchTransactions = 0;
  for await (const { number, bytes } of blocks.blocks(Math.max(from, blocks.firstBlock))) {
    const effects = effectsOf(readStoredBlock(number, bytes));
    batch.push(effects);
    batchTransactions += effects.transactions.length;
    if (batchTransactions >= BATCH_TRANSACTIONS_MAX) {
      await applyBlocks(stores, batch, contracts);
      batch = [];
      batchTransactions = 0;
    }
  }
  await applyBlocks(stores, batch, contracts);
}

/** Makes the tree hold exactly the leaves of the stored blocks; a tree that disagrees with the last checkpoint is rebuilt. */
export async function recoverTree(blocks: BlockStore, merkle: MerkleLog, base: number): Promise<void> {
  if (blocks.height === blocks.firstBlock) {
    await merkle.truncate(base);
    return;
  }
  const last = await proofOf(blocks, blocks.height - 1);
  if (merkle.size > last.size) await merkle.truncate(last.size);
  await appendLeaves(blocks, merkle, await firstBlockAtOrAbove(blocks, merkle.size));
  if (holdsRoot(merkle, last)) return;
  await rebuildTree(blocks, merkle, base);
}

/** Computes every row again from the stored blocks. Nothing may be appended meanwhile. */
export async function rebuildTree(blocks: BlockStore, merkle: MerkleLog, base: number): Promise<void> {
  const last = await proofOf(blocks, blocks.height - 1);
  await merkle.truncate(base);
  await appendLeaves(blocks, merkle, blocks.firstBlock);
  if (!holdsRoot(merkle, last)) {
    throw ledgerErrors.storeDamaged(
      "The leaves of the stored blocks do not give the root that their organizations signed.",
      {
        block: blocks.height - 1,
      },
    );
  }
}

function holdsRoot(merkle: MerkleLog, { size, root, sm3Root }: Checkpoint): boolean {
  const signed = merkle.hash.name === "sm3" ? sm3Root : root;
  return signed !== undefined && merkle.size === size && merkle.checkRoot(size, signed);
}

async function appendLeaves(blocks: BlockStore, merkle: MerkleLog, from: number): Promise<void> {
  for await (const { number, bytes } of blocks.blocks(from)) {
    const block = readStoredBlock(number, bytes);
    const first = block.proof.size - block.envelopes.length;
    const missing = leavesOf(block, merkle.hash).slice(Math.max(0, merkle.size - first));
    merkle.append(missing.map((leaf) => leaf.hash));
    if (number % BATCH_TRANSACTIONS_MAX === 0) await merkle.flush();
  }
  await merkle.flush();
}

/** The first block whose leaves are not all among the first `size` ones: block sizes only grow, so it is found by halving. */
async function firstBlockAtOrAbove(blocks: BlockStore, size: number): Promise<number> {
  let low = blocks.firstBlock;
  let high = blocks.height;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await proofOf(blocks, middle)).size > size) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function proofOf(blocks: BlockStore, number: number): Promise<Checkpoint> {
  return readStoredBlock(number, await blocks.read(number)).proof;
}
