import { crc32c, unmaskCrc } from "./crc32c.ts";

/** Which table files a LevelDB store consists of, by the records of its MANIFEST. */
export interface ManifestContents {
  /** Size in bytes by table number. */
  readonly tables: ReadonlyMap<number, number>;
}

const BLOCK_BYTES = 32_768;
const HEADER_BYTES = 7;
const COMPARATOR = 1;
const LOG_NUMBER = 2;
const NEXT_FILE = 3;
const LAST_SEQUENCE = 4;
const COMPACT_POINTER = 5;
const DELETED_FILE = 6;
const NEW_FILE = 7;
const PREVIOUS_LOG_NUMBER = 9;

/**
 * Reads the version edits of a MANIFEST. A record that is cut off by the end of the file was never in force and is ignored.
 * @throws RangeError for any other damage
 * @source https://github.com/google/leveldb/blob/main/doc/log_format.md and db/version_edit.cc
 */
export function readManifest(bytes: Uint8Array): ManifestContents {
  const tables = new Map<number, number>();
  for (const record of logRecords(bytes)) applyEdit(record, tables);
  return { tables };
}

const FULL = 1;
const FIRST = 2;
const LAST = 4;

function* logRecords(bytes: Uint8Array): Generator<Uint8Array> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let parts: Uint8Array[] = [];
  for (let at = 0; at + HEADER_BYTES <= view.length; ) {
    const blockEnd = at - (at % BLOCK_BYTES) + BLOCK_BYTES;
    if (blockEnd - at < HEADER_BYTES) {
      at = blockEnd;
      continue;
    }
    const length = view.readUInt16LE(at + 4);
    const end = at + HEADER_BYTES + length;
    if (end > blockEnd) throw new RangeError("A MANIFEST record crosses its block.");
    if (end > view.length) return;
    if (crc32c(view.subarray(at + 6, end)) !== unmaskCrc(view.readUInt32LE(at))) {
      throw new RangeError("A MANIFEST record is damaged.");
    }
    const type = view[at + 6];
    if (type === FULL || type === FIRST) parts = [];
    parts.push(view.subarray(at + HEADER_BYTES, end));
    if (type === FULL || type === LAST) yield Buffer.concat(parts);
    at = end;
  }
}

function applyEdit(record: Uint8Array, tables: Map<number, number>): void {
  const reader = new EditReader(record);
  while (!reader.ended) {
    const tag = reader.varint();
    if (tag === COMPARATOR) reader.skipText();
    else if (tag === LOG_NUMBER || tag === NEXT_FILE || tag === LAST_SEQUENCE || tag === PREVIOUS_LOG_NUMBER) {
      reader.varint();
    } else if (tag === COMPACT_POINTER) {
      reader.varint();
      reader.skipText();
    } else if (tag === DELETED_FILE) {
      reader.varint();
      tables.delete(reader.varint());
    } else if (tag === NEW_FILE) {
      reader.varint();
      const number = reader.varint();
      tables.set(number, reader.varint());
      reader.skipText();
      reader.skipText();
    } else throw new RangeError("A MANIFEST record has an unknown field.");
  }
}

class EditReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError("A MANIFEST record ends early.");
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  skipText(): void {
    const length = this.varint();
    this.#at += length;
  }
}
