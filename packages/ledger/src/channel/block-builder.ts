import { createHash } from "node:crypto";
import { type LeafFields, leafRecordHash } from "../checkpoint/leaf-record.ts";
import { checkpointBody } from "../checkpoint/note.ts";
import { signCheckpoint } from "../checkpoint/sign.ts";
import { encodeBlock, headerHash } from "../encoding/block.ts";
import { SM3_TREE, sha256 } from "../merkle/hash.ts";
import type { MerkleLog } from "../merkle/log.ts";
import type { CheckpointSigner, TransactionKind } from "../ports.ts";
import type { StateWrite } from "../state/ports.ts";
import type { BlockEffects, TransactionEffect } from "./effects.ts";

/** A transaction's place, known before it is durable: look-ups answer it only afterwards. */
export interface PlacedTransaction extends TransactionEffect {
  isDurable: boolean;
}

/** A transaction that has its place in the log but is not yet on disk. */
export interface OrderedTransaction {
  readonly placed: PlacedTransaction;
  readonly kind: TransactionKind;
  readonly envelope: Uint8Array;
  readonly timestampMs: number;
  readonly writes: readonly StateWrite[];
  /** Called once: when the block is durable, or with the failure that keeps its fate unknown. */
  readonly settle: (failure?: { readonly cause: unknown }) => void;
}

/** A cut block: its bytes, and what its durability makes true. */
export interface CutBlock {
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly headerHash: Uint8Array;
  readonly previousHash: Uint8Array;
  readonly dataHash: Uint8Array;
  readonly checkpoint: string;
  readonly treeSize: number;
  readonly transactions: readonly OrderedTransaction[];
}

/** The part of the Merkle log that a new block extends. */
export type LeafSink = Pick<MerkleLog, "append" | "size" | "root">;

export interface ChainTip {
  /** Number of the next block. */
  readonly height: number;
  /** Header hash of the last block; empty before block 0. */
  readonly headerHash: Uint8Array;
}

/** Turns transactions into the next block: hashes, leaves, root, and the checkpoint signed by every organization. */
export function cutBlock(
  options: {
    readonly origin: string;
    readonly tip: ChainTip;
    readonly transactions: readonly OrderedTransaction[];
  },
  dependencies: {
    readonly merkle: LeafSink;
    /** SM channels only. */
    readonly sm3: LeafSink | undefined;
    readonly signers: readonly CheckpointSigner[];
  },
): CutBlock {
  const { tip, transactions } = options;
  const number = tip.height;
  const envelopes = transactions.map((transaction) => transaction.envelope);
  const data = createHash("sha256");
  for (const envelope of envelopes) data.update(envelope);
  const dataHash = data.digest();
  const ownHash = headerHash({ number, previousHash: tip.headerHash, dataHash });
  const { merkle, sm3 } = dependencies;
  merkle.append(transactions.map((transaction) => leafRecordHash(leafOf(transaction, number))));
  sm3?.append(transactions.map((transaction) => leafRecordHash(leafOf(transaction, number), SM3_TREE)));
  const treeSize = merkle.size;
  const checkpoint = signCheckpoint(
    checkpointBody({
      origin: options.origin,
      size: treeSize,
      root: merkle.root(),
      block: number,
      headerHash: ownHash,
      ...(sm3 === undefined ? {} : { sm3Root: sm3.root() }),
    }),
    dependencies.signers,
  );
  const bytes = encodeBlock({
    number,
    previousHash: tip.headerHash,
    dataHash,
    envelopes,
    validationCodes: Uint8Array.from(transactions, (transaction) => transaction.placed.validationCode),
    kinds: Uint8Array.from(transactions, (transaction) => transaction.kind),
    checkpoint,
  });
  return {
    number,
    bytes,
    headerHash: ownHash,
    previousHash: tip.headerHash,
    dataHash,
    checkpoint,
    treeSize,
    transactions,
  };
}

function leafOf(
  { kind, placed: { validationCode, txId, index }, envelope }: OrderedTransaction,
  block: number,
): LeafFields {
  return { kind, validationCode, txId, block, index, envelopeSha256: sha256(envelope) };
}

/** What a cut block changes, without the envelopes, whose memory must not wait for the derived stores. */
export function effectsOfCut(block: CutBlock): BlockEffects {
  const writes: StateWrite[] = [];
  for (const transaction of block.transactions) writes.push(...transaction.writes);
  return {
    number: block.number,
    headerHash: block.headerHash,
    // The times of transactions from outside are their clients'.
    lastTimestampMs: block.transactions.findLast(({ kind }) => kind !== 2)?.timestampMs,
    transactions: block.transactions.map(({ placed }) => placed),
    writes,
  };
}
