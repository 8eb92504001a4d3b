import { InvariantError } from "@concordat/base";
import { SHA256_TREE, type TreeHash } from "../merkle/hash.ts";

/** What a leaf of the tree says of one envelope. */
export interface LeafFields {
  /** 0 configuration, 1 serial, 2 optimistic. */
  readonly kind: number;
  /** Fabric's TxValidationCode; 0 is VALID. */
  readonly validationCode: number;
  readonly block: number;
  readonly index: number;
  /** SHA-256 of the envelope as stored, 32 bytes. */
  readonly envelopeSha256: Uint8Array;
  /** ASCII, at most 255 characters. */
  readonly txId: string;
}

const FIXED_BYTES = 48;
const RECORD_VERSION = 0x01;
const TX_ID_BYTES_MAX = 255;
/** The tree's leaf prefix 0x00, then a record. */
const leafInput = Buffer.alloc(1 + FIXED_BYTES + TX_ID_BYTES_MAX);

/**
 * The leaf record's bytes: the receipt of a transaction proves exactly these.
 * @source docs/reference/ledger-format.md section 5
 */
export function encodeLeafRecord(leaf: LeafFields): Uint8Array {
  const record = Buffer.alloc(FIXED_BYTES + leaf.txId.length);
  writeLeafRecord(record, 0, leaf);
  return record;
}

/** The tree's leaf hash of the record, without making the record: one is needed for each transaction. */
export function leafRecordHash(leaf: LeafFields, hash: TreeHash = SHA256_TREE): Uint8Array {
  writeLeafRecord(leafInput, 1, leaf);
  return hash.digest(leafInput.subarray(0, 1 + FIXED_BYTES + leaf.txId.length));
}

function writeLeafRecord(target: Buffer, at: number, leaf: LeafFields): void {
  const { txId, envelopeSha256 } = leaf;
  if (txId.length > TX_ID_BYTES_MAX || envelopeSha256.length !== 32) {
    throw new InvariantError("A leaf needs a digest of 32 bytes and a transaction id of at most 255 characters.");
  }
  target[at] = RECORD_VERSION;
  target[at + 1] = leaf.kind;
  target[at + 2] = leaf.validationCode;
  target.writeUInt32BE(Math.floor(leaf.block / 2 ** 32), at + 3);
  target.writeUInt32BE(leaf.block % 2 ** 32, at + 7);
  target.writeUInt32BE(leaf.index, at + 11);
  target.set(envelopeSha256, at + 15);
  target[at + 47] = txId.length;
  target.write(txId, at + FIXED_BYTES, "latin1");
}
