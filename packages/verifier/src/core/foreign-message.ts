import { bytesToUtf8 } from "./bytes.ts";
import { Fault } from "./fault.ts";

/** What a known field holds: a varint, one length-delimited value, or any number of those. */
export type FieldKind = "number" | "bytes" | "many";
/** The known fields of a message by number; all others are passed over. */
export type FieldKinds = Readonly<Record<number, FieldKind>>;

/** A length-delimited value: the bytes [start, end) of the message's `bytes`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;
const FIELD_MAX = 0x1fff_ffff;
const VARINT_BYTES_MAX = 10;
const TWO_32 = 2 ** 32;
const NOTHING: Span = { start: 0, end: 0 };

/**
 * A message that somebody else's software wrote: fields in any order, defaults written out or not, varints of any length, unknown fields
 * passed over. Malformed all the same, since readers would differ about it: a singular field twice, a known field of another wire
 * type than its own, and groups.
 * @source docs/reference/ledger-format.md section 10; the protobuf encoding guide
 */
export class ForeignMessage {
  readonly bytes: Uint8Array;
  readonly #spans = new Map<number, Span[]>();
  /** Low and high 32 bits. */
  readonly #numbers = new Map<number, readonly [number, number]>();

  /** @throws Fault when the bytes are no such message */
  constructor(bytes: Uint8Array, kinds: FieldKinds, { start, end }: Span = { start: 0, end: bytes.length }) {
    this.bytes = bytes;
    const reader = new ForeignReader(bytes, start, end);
    while (reader.next()) this.#keep(reader, kinds);
  }

  has(field: number): boolean {
    return this.#spans.has(field) || this.#numbers.has(field);
  }

  /** Absent means empty, as protobuf 3 has it. */
  span(field: number): Span {
    return this.#spans.get(field)?.[0] ?? NOTHING;
  }

  many(field: number): readonly Span[] {
    return this.#spans.get(field) ?? [];
  }

  /** Not copied. */
  slice({ start, end }: Span): Uint8Array {
    return this.bytes.subarray(start, end);
  }

  value(field: number): Uint8Array {
    return this.slice(this.span(field));
  }

  /** @throws Fault when it is not UTF-8 */
  text(field: number): string {
    const text = bytesToUtf8(this.value(field));
    if (text === undefined) throw new Fault("a text of a message is not valid UTF-8");
    return text;
  }

  /** An unsigned number. @throws Fault when it is past 2^53 */
  uint(field: number): number {
    const [low, high] = this.#numbers.get(field) ?? [0, 0];
    const value = high * TWO_32 + low;
    if (!Number.isSafeInteger(value)) throw new Fault("a message holds a number past 2^53");
    return value;
  }

  /** An int32 or an enum: the low 32 bits, signed. */
  int32(field: number): number {
    return (this.#numbers.get(field)?.[0] ?? 0) | 0;
  }

  isZero(field: number): boolean {
    const [low, high] = this.#numbers.get(field) ?? [0, 0];
    return low === 0 && high === 0;
  }

  message(field: number, kinds: FieldKinds): ForeignMessage {
    return new ForeignMessage(this.bytes, kinds, this.span(field));
  }

  messages(field: number, kinds: FieldKinds): readonly ForeignMessage[] {
    return this.many(field).map((span) => new ForeignMessage(this.bytes, kinds, span));
  }

  #keep({ field, wire, span, low, high }: ForeignReader, kinds: FieldKinds): void {
    const kind = kinds[field];
    if (kind === undefined) return;
    if (wire !== (kind === "number" ? WIRE_VARINT : WIRE_BYTES))
      throw new Fault(`field ${field} of a message has the wrong wire type`);
    if (kind !== "many" && this.has(field)) throw new Fault(`field ${field} of a message stands twice`);
    if (kind === "number") {
      this.#numbers.set(field, [low, high]);
      return;
    }
    const spans = this.#spans.get(field);
    if (spans === undefined) this.#spans.set(field, [span]);
    else spans.push(span);
  }
}

/** As `readMessage` of protobuf.ts, for messages that others wrote; numbers past 2^53 lose their last digits. @throws Fault */
export function readForeignMessage(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const fields = new Map<number, (number | Uint8Array)[]>();
  const reader = new ForeignReader(bytes, 0, bytes.length);
  while (reader.next()) {
    const { field, wire, span, low, high } = reader;
    const values = fields.get(field) ?? [];
    values.push(wire === WIRE_VARINT ? high * TWO_32 + low : bytes.subarray(span.start, span.end));
    fields.set(field, values);
  }
  return fields;
}

/** Walks the fields; after `next()` answers true the properties say which it is and what it holds. */
class ForeignReader {
  field = 0;
  wire = 0;
  /** Of a varint, unsigned: its low and its high 32 bits. */
  low = 0;
  high = 0;
  span: Span = NOTHING;
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** @throws Fault */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    this.#varint();
    const field = this.low >>> 3;
    if (this.high !== 0 || field === 0 || field > FIELD_MAX)
      throw new Fault("a message holds an impossible field number");
    this.field = field;
    this.wire = this.low & 7;
    if (this.wire === WIRE_VARINT) this.#varint();
    else this.#takeBytes();
    return true;
  }

  #takeBytes(): void {
    let length = this.wire === WIRE_FIXED64 ? 8 : 4;
    if (this.wire === WIRE_BYTES) {
      this.#varint();
      length = this.high * TWO_32 + this.low;
    } else if (this.wire !== WIRE_FIXED64 && this.wire !== WIRE_FIXED32) {
      throw new Fault("a message holds a group or an unknown wire type");
    }
    const start = this.#at;
    if (length > this.#end - start) throw new Fault("a field reaches past the end of its message");
    this.#at += length;
    this.span = { start, end: this.#at };
  }

  /** Into `low` and `high`. */
  #varint(): void {
    let low = 0;
    let high = 0;
    for (let count = 0; count < VARINT_BYTES_MAX; count += 1) {
      if (this.#at >= this.#end) throw new Fault("a message ends inside a number");
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      const bits = byte & 0x7f;
      if (count < 4) low |= bits << (7 * count);
      else if (count === 4) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (7 * count - 32);
      if (byte >= 0x80) continue;
      if (count === VARINT_BYTES_MAX - 1 && byte > 1) break;
      this.low = low >>> 0;
      this.high = high >>> 0;
      return;
    }
    throw new Fault("a message holds a number past 2^64");
  }
}
