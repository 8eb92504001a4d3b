import { crc32 } from "node:zlib";
import { bytesToUtf8 } from "../core/bytes.ts";
import { type Checkpoint, parseCheckpoint } from "../core/checkpoint.ts";
import { Fault } from "../core/fault.ts";

/** What was acknowledged last: the ledger must hold at least these blocks. */
export interface Anchor {
  readonly sequence: number;
  /** Number of blocks. */
  readonly height: number;
  /** The note of block height - 1. */
  readonly checkpointText: string;
  readonly checkpoint: Checkpoint;
}

const SLOT_BYTES = 16_384;
const MAGIC = "CONCANC1";
const FIXED_BYTES = 28;

/**
 * The valid slot with the higher sequence.
 * @throws Fault when neither slot is valid
 * @source docs/reference/ledger-format.md section 6
 */
export function parseAnchor(file: Buffer): Anchor {
  const slots = [0, 1]
    .map((at) => parseSlot(file.subarray(at * SLOT_BYTES, (at + 1) * SLOT_BYTES), at))
    .filter((slot) => slot !== undefined)
    .sort((a, b) => b.sequence - a.sequence);
  const [newest] = slots;
  if (newest === undefined) throw new Fault("the anchor holds no valid slot, so lost blocks could not be noticed");
  const checkpoint = parseCheckpoint(newest.checkpointText);
  if (newest.height < 1 || checkpoint.block !== newest.height - 1) {
    throw new Fault("the anchor's height and checkpoint do not agree");
  }
  return { ...newest, checkpoint };
}

function parseSlot(slot: Buffer, at: number): Omit<Anchor, "checkpoint"> | undefined {
  if (slot.length < FIXED_BYTES + 4 || slot.toString("latin1", 0, 8) !== MAGIC) return undefined;
  const end = FIXED_BYTES + slot.readUInt32BE(24);
  if (end + 4 > slot.length || crc32(slot.subarray(0, end)) !== slot.readUInt32BE(end)) return undefined;
  const sequence = Number(slot.readBigUInt64BE(8));
  const height = Number(slot.readBigUInt64BE(16));
  const checkpointText = bytesToUtf8(slot.subarray(FIXED_BYTES, end));
  if (checkpointText === undefined || sequence % 2 !== at || !Number.isSafeInteger(height)) return undefined;
  return { sequence, height, checkpointText };
}
