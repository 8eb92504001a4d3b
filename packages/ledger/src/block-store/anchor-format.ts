import { crc32 } from "node:zlib";
import { bytesToUtf8, concatBytes, equalBytes, utf8ToBytes } from "@concordat/base";

/** Bytes of the anchor: docs/reference/ledger-format.md section 6. */
export const ANCHOR_SLOT_BYTES = 16_384;

const MAGIC = utf8ToBytes("CONCANC1");
const CHECKPOINT_OFFSET = 28;

export const CHECKPOINT_BYTES_MAX = ANCHOR_SLOT_BYTES - CHECKPOINT_OFFSET - 4;

export interface AnchorSlot {
  readonly sequence: number;
  /** Number of blocks. */
  readonly height: number;
  /** The signed note of block `height` - 1. */
  readonly checkpoint: string;
}

/**
 * The slot without its closing zeros.
 * @throws RangeError for a checkpoint of more than 16,352 bytes
 */
export function encodeAnchorSlot(slot: AnchorSlot): Uint8Array {
  const checkpoint = utf8ToBytes(slot.checkpoint);
  if (checkpoint.length > CHECKPOINT_BYTES_MAX) {
    throw new RangeError(
      `A checkpoint of ${checkpoint.length} bytes does not fit the anchor (${CHECKPOINT_BYTES_MAX}).`,
    );
  }
  const bytes = concatBytes(MAGIC, new Uint8Array(20), checkpoint, new Uint8Array(4));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(8, BigInt(slot.sequence));
  view.setBigUint64(16, BigInt(slot.height));
  view.setUint32(24, checkpoint.length);
  view.setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)));
  return bytes;
}

/** Reads slot 0 or 1; undefined when it was never written, is torn or damaged. */
export function decodeAnchorSlot(file: Uint8Array, index: number): AnchorSlot | undefined {
  const bytes = file.subarray(index * ANCHOR_SLOT_BYTES, (index + 1) * ANCHOR_SLOT_BYTES);
  if (bytes.length < CHECKPOINT_OFFSET + 4 || !equalBytes(bytes.subarray(0, 8), MAGIC)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = CHECKPOINT_OFFSET + view.getUint32(24);
  if (end + 4 > bytes.length || view.getUint32(end) !== crc32(bytes.subarray(0, end))) return undefined;
  const sequence = Number(view.getBigUint64(8));
  const checkpoint = decodeText(bytes.subarray(CHECKPOINT_OFFSET, end));
  if (sequence % 2 !== index || checkpoint === undefined) return undefined;
  return { sequence, height: Number(view.getBigUint64(16)), checkpoint };
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return bytesToUtf8(bytes);
  } catch {
    return undefined;
  }
}

/** The valid slot with the higher sequence. */
export function decodeAnchor(file: Uint8Array): AnchorSlot | undefined {
  const slots = [decodeAnchorSlot(file, 0), decodeAnchorSlot(file, 1)];
  return slots.reduce((best, slot) => (best === undefined || (slot?.sequence ?? -1) > best.sequence ? slot : best));
}
