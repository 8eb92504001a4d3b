import { Fault } from "./fault.ts";

export const WIRE_VARINT = 0;
export const WIRE_BYTES = 2;

/**
 * Walks the fields of one protobuf message without making an object for any of them. After `next()` answers true,
 * `field` and `wire` say which field it is; `value` holds a varint, `start` and `end` border a length-delimited one.
 * Stricter than protobuf where leniency would let two byte strings mean one message: varints are minimal,
 * and numbers past 2^53 are refused.
 */
export class FieldReader {
  field = 0;
  wire = 0;
  value = 0;
  start = 0;
  end = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #limit = 0;

  /** Begins with the message at [start, end) of `bytes`. */
  open(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.#bytes = bytes;
    this.#at = start;
    this.#limit = end;
    this.field = 0;
    return this;
  }

  /** @throws Fault when the bytes are not a message */
  next(): boolean {
    if (this.#at >= this.#limit) return false;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    this.wire = tag % 8;
    if (this.field === 0 || this.field > 536_870_911) throw new Fault("a message holds an impossible field number");
    switch (this.wire) {
      case WIRE_VARINT:
        this.value = this.#varint();
        break;
      case WIRE_BYTES: {
        const length = this.#varint();
        this.#skip(length);
        break;
      }
      case 1:
        this.#skip(8);
        break;
      case 5:
        this.#skip(4);
        break;
      default:
        throw new Fault("a message holds an unknown wire type");
    }
    return true;
  }

  /**
   * As `next`, for messages that must have one encoding only: fields in ascending order, none twice but those of `repeatable`
   * (bit n for field n, up to field 30).
   */
  nextAscending(repeatable: number): boolean {
    const before = this.field;
    if (!this.next()) return false;
    if (this.field > before || (this.field === before && this.field <= 30 && (repeatable >> this.field) % 2 === 1))
      return true;
    throw new Fault(`field ${this.field} of a message stands twice or out of order`);
  }

  /** Goes to the next field, which must be this length-delimited one. @throws Fault with the message */
  take(field: number, message: string): void {
    if (!this.next() || this.field !== field || this.wire !== WIRE_BYTES) throw new Fault(message);
  }

  /** The message must end here. @throws Fault with the message */
  finish(message: string): void {
    if (this.#at < this.#limit) throw new Fault(message);
  }

  /** The bytes of the present length-delimited field, not copied. */
  bytes(): Uint8Array {
    this.expect(WIRE_BYTES);
    return this.#bytes.subarray(this.start, this.end);
  }

  /** @throws Fault unless the present field has this wire type */
  expect(wire: number): void {
    if (this.wire !== wire) throw new Fault(`field ${this.field} of a message has the wrong wire type`);
  }

  #skip(length: number): void {
    this.start = this.#at;
    this.end = this.#at + length;
    if (this.end > this.#limit) throw new Fault("a field reaches past the end of its message");
    this.#at = this.end;
  }

  #varint(): number {
    const bytes = this.#bytes;
    let value = 0;
    let scale = 1;
    for (let count = 1; count <= 8; count += 1) {
      if (this.#at >= this.#limit) throw new Fault("a message ends inside a number");
      const byte = bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (byte === 0 && count > 1) throw new Fault("a number is not in its shortest form");
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
      scale *= 128;
    }
    throw new Fault("a message holds a number past 2^53");
  }
}

/** Fields of a small message by number, each with all its occurrences: for places where speed does not matter. */
export function readMessage(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const fields = new Map<number, (number | Uint8Array)[]>();
  const reader = new FieldReader().open(bytes);
  while (reader.next()) {
    const values = fields.get(reader.field) ?? [];
    values.push(reader.wire === WIRE_VARINT ? reader.value : bytes.subarray(reader.start, reader.end));
    fields.set(reader.field, values);
  }
  return fields;
}
