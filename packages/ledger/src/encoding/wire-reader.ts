import { EncodingInvalidError } from "./errors.ts";

const BYTES = 2;
const EMPTY = new Uint8Array(0);
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads protobuf in its one canonical form: fields in ascending order, each at most once unless repeated, default values left out,
 * shortest varints, no unknown fields. Whatever differs is refused, so two readers can never see two contents in the same bytes.
 * Callers ask for the fields of a message in order and then {@link leave} it. Byte fields are views, not copies.
 *
 * Every method either consumes bytes or throws, and no length is believed beyond the enclosing message: reading ends
 * after at most as many steps as there are bytes.
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #text: Buffer;
  #position = 0;
  #limit: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes;
    this.#text = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#limit = bytes.length;
  }

  /** The offset of the next byte. */
  get position(): number {
    return this.#position;
  }

  /** True, and the tag is consumed, when the next field is the given length-delimited one. */
  accept(field: number): boolean {
    return this.#acceptTag((field << 3) | BYTES);
  }

  /** Enters the length-delimited field that must come next; answers what {@link leave} needs. */
  enter(field: number): number {
    if (!this.accept(field)) throw this.#fault(`Field ${field} is missing`);
    return this.enterAccepted();
  }

  /** Enters the field whose tag was just accepted. */
  enterAccepted(): number {
    const length = this.#length();
    const outer = this.#limit;
    this.#limit = this.#position + length;
    return outer;
  }

  /** Leaves a message, which must have been read to its end. */
  leave(outer: number): void {
    this.end();
    this.#limit = outer;
  }

  /** @throws EncodingInvalidError unless everything up to the current message's end was read */
  end(): void {
    if (this.#position !== this.#limit) throw this.#fault("A field is unknown, repeated or out of order");
  }

  /** Passes over a length-delimited field that must come next; answers a view of its content. */
  required(field: number): Uint8Array {
    if (!this.accept(field)) throw this.#fault(`Field ${field} is missing`);
    return this.view();
  }

  /** As {@link required}, without making the view. */
  skip(field: number): void {
    if (!this.accept(field)) throw this.#fault(`Field ${field} is missing`);
    this.skipAccepted();
  }

  /** Passes over the length-delimited field if it comes next. */
  skipOptional(field: number): void {
    if (this.accept(field)) this.skipAccepted();
  }

  /** Passes over the length-delimited field whose tag was just accepted. */
  skipAccepted(): void {
    // The length comes first: it moves the position itself.
    const length = this.#length();
    this.#position += length;
  }

  /** The content of the length-delimited field whose tag was just accepted. */
  view(): Uint8Array {
    const length = this.#length();
    const start = this.#position;
    this.#position += length;
    return length === 0 ? EMPTY : this.#bytes.subarray(start, this.#position);
  }

  /** A singular `bytes` field; empty when left out. */
  bytes(field: number): Uint8Array {
    if (!this.accept(field)) return EMPTY;
    const bytes = this.view();
    if (bytes.length === 0) throw this.#fault("A default value is written out");
    return bytes;
  }

  /** A singular `string` field; "" when left out. */
  string(field: number): string {
    if (!this.accept(field)) return "";
    const text = this.text();
    if (text === "") throw this.#fault("A default value is written out");
    return text;
  }

  /** The text of the length-delimited field whose tag was just accepted. */
  text(): string {
    const length = this.#length();
    const start = this.#position;
    const end = start + length;
    this.#position = end;
    for (let index = start; index < end; index++) {
      if ((this.#bytes[index] ?? 0) >= 0x80) return this.#unicode(start, end);
    }
    return this.#text.toString("latin1", start, end);
  }

  /** A singular unsigned integer up to 2^53 - 1; 0 when left out. */
  varint(field: number): number {
    if (!this.#acceptTag(field << 3)) return 0;
    const value = this.#varint();
    if (value === 0) throw this.#fault("A default value is written out");
    return value;
  }

  boolean(field: number): boolean {
    const value = this.varint(field);
    if (value > 1) throw this.#fault("A boolean is neither 0 nor 1");
    return value === 1;
  }

  #acceptTag(tag: number): boolean {
    if (this.#position >= this.#limit || this.#bytes[this.#position] !== tag) return false;
    this.#position++;
    return true;
  }

  #length(): number {
    const length = this.#varint();
    if (length > this.#limit - this.#position) throw this.#fault("A length exceeds its message");
    return length;
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      if (this.#position >= this.#limit) throw this.#fault("The input ends inside a field");
      const byte = this.#bytes[this.#position++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw this.#fault("An integer exceeds 2^53 - 1");
      if (byte < 0x80) {
        if (byte === 0 && scale > 1) throw this.#fault("An integer is not in its shortest form");
        return value;
      }
      scale *= 0x80;
      if (scale > Number.MAX_SAFE_INTEGER) throw this.#fault("An integer exceeds 2^53 - 1");
    }
  }

  #unicode(start: number, end: number): string {
    try {
      return strictDecoder.decode(this.#bytes.subarray(start, end));
    } catch (cause) {
      throw this.#fault("Text is not UTF-8", cause);
    }
  }

  #fault(what: string, cause?: unknown): EncodingInvalidError {
    return new EncodingInvalidError(`${what}, before or at byte ${this.#position}.`, { offset: this.#position }, cause);
  }
}
