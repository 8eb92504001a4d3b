import { crc32c, unmaskCrc } from "./crc32c.ts";
import { snappyDecode } from "./snappy.ts";

const FOOTER_BYTES = 48;
const TRAILER_BYTES = 5;
const MAGIC_HEX = "57fb808b247547db";
const SNAPPY = 1;

interface Block {
  readonly offset: number;
  readonly size: number;
}

/**
 * Checks a whole LevelDB table file against its own block checksums, which LevelDB itself does not look at when it reads:
 * every block is where an index says, together they fill the file, and each has the checksum that was written with it.
 * Answers what is wrong, or undefined.
 * @source https://github.com/google/leveldb/blob/main/doc/table_format.md
 */
export function tableDamage(file: Uint8Array): string | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  if (bytes.length < FOOTER_BYTES) return "it is too short";
  const footer = bytes.subarray(-FOOTER_BYTES);
  if (footer.toString("hex", FOOTER_BYTES - 8) !== MAGIC_HEX) return "its footer is damaged";
  try {
    const [metaIndex, afterMetaIndex] = readHandle(footer, 0);
    const [index] = readHandle(footer, afterMetaIndex);
    const blocks = [metaIndex, index, ...handlesIn(bytes, metaIndex), ...handlesIn(bytes, index)];
    for (const block of blocks) checkBlock(bytes, block);
    const covered = blocks.reduce((sum, block) => sum + block.size + TRAILER_BYTES, FOOTER_BYTES);
    return covered === bytes.length ? undefined : "its blocks do not fill it";
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function checkBlock(bytes: Buffer, { offset, size }: Block): void {
  const end = offset + size;
  if (end + TRAILER_BYTES > bytes.length - FOOTER_BYTES) throw new RangeError("a block lies outside of it");
  if (crc32c(bytes.subarray(offset, end + 1)) !== unmaskCrc(bytes.readUInt32LE(end + 1))) {
    throw new RangeError(`the block at ${offset} has another checksum`);
  }
}

/** The handles that an index block's entries hold. */
function handlesIn(bytes: Buffer, block: Block): Block[] {
  checkBlock(bytes, block);
  const stored = bytes.subarray(block.offset, block.offset + block.size);
  const contents = bytes[block.offset + block.size] === SNAPPY ? Buffer.from(snappyDecode(stored)) : stored;
  const restarts = contents.readUInt32LE(contents.length - 4);
  const entriesEnd = contents.length - 4 * (restarts + 1);
  const handles: Block[] = [];
  for (let at = 0; at < entriesEnd; ) {
    const [, afterShared] = readVarint(contents, at);
    const [keyRest, afterKeyRest] = readVarint(contents, afterShared);
    const [valueLength, keyAt] = readVarint(contents, afterKeyRest);
    const [handle] = readHandle(contents, keyAt + keyRest);
    handles.push(handle);
    at = keyAt + keyRest + valueLength;
  }
  return handles;
}

function readHandle(bytes: Buffer, at: number): readonly [Block, number] {
  const [offset, afterOffset] = readVarint(bytes, at);
  const [size, end] = readVarint(bytes, afterOffset);
  return [{ offset, size }, end];
}

function readVarint(bytes: Buffer, start: number): readonly [number, number] {
  let value = 0;
  let at = start;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at++];
    if (byte === undefined) throw new RangeError("a number in it ends early");
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return [value, at];
  }
}
