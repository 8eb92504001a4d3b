import { InvariantError } from "@concordat/base";
import { EncodingInvalidError } from "./errors.ts";

/** Below this length a loop over the characters beats a call into native code. */
const NATIVE_TEXT_LENGTH = 40;
const BYTES = 2;
const SLAB_BYTES = 262_144;

/**
 * Writes protobuf from its last byte to its first. A length-delimited field needs its length in front of its content;
 * going backwards the content is already there when the length is written, so nothing is measured beforehand or copied
 * twice. Callers therefore write the fields of a message, and the elements of a list, in reverse.
 *
 * A mark is the number of bytes written so far ({@link length}); it stays meaningful when the buffer grows.
 * Like proto3, fields with their default value are left out, except through the `element` methods.
 */
export class WireWriter {
  #buffer: Buffer;
  #start: number;
  #slab: Buffer | undefined;
  #slabUsed = 0;

  constructor(capacity = 4096) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
    this.#start = capacity;
  }

  get length(): number {
    return this.#buffer.length - this.#start;
  }

  reset(): void {
    this.#start = this.#buffer.length;
  }

  /** A view of what was written after `mark`; the next write may overwrite or leave it. */
  since(mark: number): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#buffer.length - mark);
  }

  /**
   * A copy of what was written after `mark`. Small copies share their memory with each other, because a buffer of its own for
   * each costs more than all the encoding: copy again what is kept for long or transferred to another thread.
   */
  copySince(mark: number): Uint8Array {
    const size = this.length - mark;
    if (size > SLAB_BYTES / 8) return new Uint8Array(this.since(mark));
    if (this.#slabUsed + size > SLAB_BYTES || this.#slab === undefined) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#slabUsed = 0;
    }
    const start = this.#slabUsed;
    this.#slabUsed += size;
    this.#buffer.copy(this.#slab, start, this.#start, this.#start + size);
    return new Uint8Array(this.#slab.buffer, start, size);
  }

  /** Everything written, without a copy. The writer must not be used again. */
  detach(): Uint8Array {
    return new Uint8Array(this.#buffer.buffer, this.#start, this.length);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#start -= bytes.length;
    this.#buffer.set(bytes, this.#start);
  }

  /** One byte for each character; for text known to hold only U+0000 to U+00FF. */
  rawLatin1(text: string): void {
    this.#reserve(text.length);
    this.#start -= text.length;
    this.#buffer.write(text, this.#start, text.length, "latin1");
  }

  /** Writes again what lies between two marks. */
  rawFrom(fromMark: number, toMark: number): void {
    const size = toMark - fromMark;
    this.#reserve(size);
    const source = this.#buffer.length - toMark;
    this.#start -= size;
    this.#buffer.copyWithin(this.#start, source, source + size);
  }

  /** @param value an integer from 0 to 2^53 - 1 */
  varint(value: number): void {
    this.#reserve(8);
    if ((value & 0x7f) === value) {
      this.#buffer[--this.#start] = value;
      return;
    }
    if (!Number.isSafeInteger(value) || value < 0)
      throw new InvariantError("A varint must be an integer from 0 to 2^53 - 1.");
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
    this.#start -= size;
    let rest = value;
    for (let index = 0; index < size - 1; index++) {
      this.#buffer[this.#start + index] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#start + size - 1] = rest;
  }

  varintField(field: number, value: number): void {
    if (value === 0) return;
    this.varint(value);
    this.varint(field << 3);
  }

  booleanField(field: number, value: boolean): void {
    this.varintField(field, value ? 1 : 0);
  }

  bytesField(field: number, bytes: Uint8Array): void {
    if (bytes.length > 0) this.bytesElement(field, bytes);
  }

  stringField(field: number, text: string): void {
    if (text.length > 0) this.stringElement(field, text);
  }

  /** One element of a repeated field: written even when it is empty. */
  bytesElement(field: number, bytes: Uint8Array): void {
    const mark = this.length;
    this.raw(bytes);
    this.close(field, mark);
  }

  /** @throws EncodingInvalidError when the text holds a lone surrogate, which UTF-8 cannot carry */
  stringElement(field: number, text: string): void {
    const mark = this.length;
    this.#text(text);
    this.close(field, mark);
  }

  /** Makes what was written after `mark` the content of a length-delimited field. */
  close(field: number, mark: number): void {
    this.varint(this.length - mark);
    this.varint((field << 3) | BYTES);
  }

  /** As {@link close}, for content of a `bytes` field: nothing is written when the content is empty. */
  closeUnlessEmpty(field: number, mark: number): void {
    if (this.length > mark) this.close(field, mark);
  }

  #text(text: string): void {
    if (text.length < NATIVE_TEXT_LENGTH) {
      this.#reserve(text.length);
      let index = text.length;
      let position = this.#start;
      while (index > 0) {
        const unit = text.charCodeAt(--index);
        if (unit >= 0x80) {
          this.#nativeText(text);
          return;
        }
        this.#buffer[--position] = unit;
      }
      this.#start = position;
    } else {
      this.#nativeText(text);
    }
  }

  #nativeText(text: string): void {
    const size = Buffer.byteLength(text);
    this.#reserve(size);
    if (size === text.length) {
      this.#start -= size;
      this.#buffer.write(text, this.#start, size, "latin1");
      return;
    }
    if (!text.isWellFormed()) throw new EncodingInvalidError("Text holds a lone surrogate.");
    this.#start -= size;
    this.#buffer.write(text, this.#start, size, "utf8");
  }

  #reserve(size: number): void {
    if (size <= this.#start) return;
    const used = this.length;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, used + size));
    this.#buffer.copy(grown, grown.length - used, this.#start);
    this.#start = grown.length - used;
    this.#buffer = grown;
  }
}
