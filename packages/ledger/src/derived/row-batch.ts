import type { BatchOperation } from "./level-types.ts";

const SLAB_BYTES_MIN = 1 << 18;

/**
 * Encodes rows for LevelDB into shared slabs. What a row costs is the crossing into native code and every small
 * Buffer made for it, so a row makes two views on a slab and nothing else.
 *
 * A row is written as: `begin`, key parts, `endKey`, value parts, `put`; or `begin`, key parts, `delete`.
 */
export class RowBatch {
  readonly operations: BatchOperation[] = [];
  /** Sum of key and value bytes. */
  bytesTotal = 0;
  #slab: Buffer;
  #offset = 0;
  #rowStart = 0;
  #key: Uint8Array | undefined;

  constructor(slab?: Buffer) {
    this.#slab = slab ?? Buffer.allocUnsafeSlow(SLAB_BYTES_MIN);
  }

  /** The newest slab, to be used again once the batch is written. */
  get slab(): Buffer {
    return this.#slab;
  }

  /** Starts a row of at most `bytesMax` bytes, key and value together. */
  begin(bytesMax: number): void {
    if (this.#offset + bytesMax > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(bytesMax, this.#slab.length * 2, SLAB_BYTES_MIN));
      this.#offset = 0;
    }
    this.#rowStart = this.#offset;
    this.#key = undefined;
  }

  byte(value: number): void {
    this.#slab[this.#offset++] = value;
  }

  /** At most three bytes for each UTF-16 unit. */
  utf8(text: string): void {
    this.#offset += this.#slab.write(text, this.#offset, "utf8");
  }

  bytes(bytes: Uint8Array): void {
    this.#slab.set(bytes, this.#offset);
    this.#offset += bytes.length;
  }

  /** Unsigned LEB128 of a safe integer: at most 8 bytes. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#slab[this.#offset++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#slab[this.#offset++] = rest;
  }

  /** Six bytes, big-endian: orders as numbers do. */
  uint48(value: number): void {
    this.#offset = this.#slab.writeUIntBE(value, this.#offset, 6);
  }

  uint32(value: number): void {
    this.#offset = this.#slab.writeUInt32BE(value, this.#offset);
  }

  endKey(): void {
    this.#key = this.#take();
  }

  put(): void {
    const key = this.#key ?? this.#take();
    this.operations.push({ type: "put", key, value: this.#take() });
  }

  delete(): void {
    this.operations.push({ type: "del", key: this.#key ?? this.#take() });
  }

  /** What was written since the last row or key ended. */
  takeBytes(): Uint8Array {
    return this.#take();
  }

  #take(): Uint8Array {
    const length = this.#offset - this.#rowStart;
    const view = new Uint8Array(this.#slab.buffer, this.#slab.byteOffset + this.#rowStart, length);
    this.#rowStart = this.#offset;
    this.bytesTotal += length;
    return view;
  }
}

/** Reads what {@link RowBatch} wrote. */
export class RowReader {
  readonly #bytes: Uint8Array;
  #offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  /** A byte past the end reads as 0: rows come from a store whose integrity was checked. */
  byte(): number {
    return this.#bytes[this.#offset++] ?? 0;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  take(length: number): Uint8Array {
    const start = this.#bytes.byteOffset + this.#offset;
    this.#offset += length;
    return new Uint8Array(this.#bytes.buffer, start, length);
  }

  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#offset);
  }
}
