import { EncodingInvalidError } from "../encoding/errors.ts";

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const VARINT_BYTES_MAX = 10;
const FIELD_MAX = 0x1fffffff;
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The set of a message's singular fields, for {@link FieldReader}. Numbers from 1 to 31. */
export function singular(...fields: readonly number[]): number {
  return fields.reduce((mask, field) => mask | (1 << field), 0);
}

/** The same bytes twice: plain views are cut from one, text is decoded from the other. */
interface Source {
  readonly bytes: Uint8Array;
  readonly text: Buffer;
}

/**
 * Reads protobuf that others wrote: fields in any order, defaults written out or not, unknown fields passed over, varints of any length.
 * Stricter than protobuf in two things, so that two readers never see two contents in the same bytes: a singular field that occurs twice, and
 * a known field of another wire type than its own, make the message malformed. Groups, which proto3 does not have, do so too.
 *
 * Call {@link next} until it answers 0, and one of the value methods for each field that matters. Byte values are views. Every step
 * consumes bytes or throws, and no length reaches beyond the message.
 */
export class FieldReader {
  readonly #source: Source;
  readonly #singular: number;
  readonly #end: number;
  #position: number;
  #seen = 0;
  #wire = VARINT;
  /** Of a length-delimited value. */
  #valueStart = 0;
  #valueEnd = 0;
  /** Of a varint: its low and its high 32 bits. */
  #low = 0;
  #high = 0;

  private constructor(source: Source, start: number, end: number, singularFields: number) {
    this.#source = source;
    this.#position = start;
    this.#end = end;
    this.#singular = singularFields;
  }

  /** @param singularFields what {@link singular} made of the message's singular fields */
  static of(bytes: Uint8Array, singularFields: number): FieldReader {
    const { buffer, byteOffset, length } = bytes;
    const plain = Buffer.isBuffer(bytes) ? new Uint8Array(buffer, byteOffset, length) : bytes;
    return new FieldReader({ bytes: plain, text: Buffer.from(buffer, byteOffset, length) }, 0, length, singularFields);
  }

  /** The number of the next field; 0 at the end. @throws EncodingInvalidError */
  next(): number {
    if (this.#position >= this.#end) return 0;
    this.#varint();
    if (this.#high !== 0) throw this.#fault("A field number is too large");
    const field = this.#low >>> 3;
    this.#wire = this.#low & 7;
    if (field === 0 || field > FIELD_MAX) throw this.#fault("A field number is out of range");
    if (field < 32) {
      const bit = 1 << field;
      if ((this.#seen & this.#singular & bit) !== 0) throw this.#fault("A singular field occurs twice");
      this.#seen |= bit;
    }
    this.#take();
    return field;
  }

  /** Whether a field from 1 to 31 has occurred. */
  saw(field: number): boolean {
    return (this.#seen & (1 << field)) !== 0;
  }

  /** A `bytes` value. */
  view(): Uint8Array {
    this.#expect(BYTES);
    return this.#source.bytes.subarray(this.#valueStart, this.#valueEnd);
  }

  /** A message. */
  message(singularFields: number): FieldReader {
    this.#expect(BYTES);
    return new FieldReader(this.#source, this.#valueStart, this.#valueEnd, singularFields);
  }

  /** A `string` value. */
  string(): string {
    this.#expect(BYTES);
    const { bytes, text } = this.#source;
    for (let index = this.#valueStart; index < this.#valueEnd; index++) {
      if ((bytes[index] ?? 0) >= 0x80) return this.#unicode();
    }
    return text.toString("latin1", this.#valueStart, this.#valueEnd);
  }

  /** A `uint64` or `uint32` value up to 2^53 - 1. */
  uint(): number {
    this.#expect(VARINT);
    if (this.#high >>> 21 !== 0) throw this.#fault("An integer exceeds 2^53 - 1");
    return (this.#high >>> 0) * 2 ** 32 + (this.#low >>> 0);
  }

  uint64(): bigint {
    this.#expect(VARINT);
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  /** An `int32` or enum value: as protobuf does, the low 32 bits count. */
  int32(): number {
    this.#expect(VARINT);
    return this.#low | 0;
  }

  boolean(): boolean {
    this.#expect(VARINT);
    return (this.#low | this.#high) !== 0;
  }

  #take(): void {
    if (this.#wire === VARINT) {
      this.#varint();
    } else if (this.#wire === BYTES) {
      this.#varint();
      const length = this.#low >>> 0;
      if (this.#high !== 0 || length > this.#end - this.#position) throw this.#fault("A length exceeds its message");
      this.#valueStart = this.#position;
      this.#position += length;
      this.#valueEnd = this.#position;
    } else {
      const length = this.#wire === FIXED64 ? 8 : 4;
      if (this.#wire !== FIXED64 && this.#wire !== FIXED32) throw this.#fault("A field has no known wire type");
      if (length > this.#end - this.#position) throw this.#fault("The message ends inside a field");
      this.#position += length;
    }
  }

  #varint(): void {
    const { bytes } = this.#source;
    let low = 0;
    let high = 0;
    for (let count = 0; count < VARINT_BYTES_MAX; count++) {
      if (this.#position >= this.#end) throw this.#fault("The message ends inside a field");
      const byte = bytes[this.#position++] ?? 0;
      const bits = byte & 0x7f;
      if (count < 4) low |= bits << (7 * count);
      else if (count === 4) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (7 * count - 32);
      if (byte < 0x80) {
        if (count === VARINT_BYTES_MAX - 1 && byte > 1) break;
        this.#low = low;
        this.#high = high;
        return;
      }
    }
    throw this.#fault("An integer exceeds 64 bits");
  }

  #expect(wire: number): void {
    if (this.#wire !== wire) throw this.#fault("A field has another wire type than its own");
  }

  #unicode(): string {
    try {
      return strictDecoder.decode(this.#source.bytes.subarray(this.#valueStart, this.#valueEnd));
    } catch (cause) {
      throw this.#fault("Text is not UTF-8", cause);
    }
  }

  #fault(what: string, cause?: unknown): EncodingInvalidError {
    return new EncodingInvalidError(`${what}, before or at byte ${this.#position}.`, { offset: this.#position }, cause);
  }
}

/** What `read` answers, or undefined when the bytes are malformed. */
export function readOrUndefined<Value>(read: () => Value | undefined): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof EncodingInvalidError) return undefined;
    throw error;
  }
}
