import { concatBytes, utf8ToBytes } from "./bytes.ts";

/** What the log says of one envelope. */
export interface Leaf {
  readonly kind: number;
  readonly validationCode: number;
  readonly block: number;
  readonly index: number;
  readonly envelopeSha256: Uint8Array;
  /** ASCII, at most 255 characters. */
  readonly txId: string;
}

/** The bytes whose hash is the tree's leaf. @source docs/reference/ledger-format.md section 5 */
export function encodeLeafRecord(leaf: Leaf): Uint8Array {
  const txId = utf8ToBytes(leaf.txId);
  const fixed = new DataView(new ArrayBuffer(15));
  fixed.setUint8(0, 1);
  fixed.setUint8(1, leaf.kind);
  fixed.setUint8(2, leaf.validationCode);
  fixed.setBigUint64(3, BigInt(leaf.block));
  fixed.setUint32(11, leaf.index);
  return concatBytes(new Uint8Array(fixed.buffer), leaf.envelopeSha256, Uint8Array.of(txId.length), txId);
}
