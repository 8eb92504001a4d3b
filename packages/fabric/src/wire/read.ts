const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const EMPTY = new Uint8Array(0);
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes that are no protobuf message, or not the one that was expected. */
export class WireError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "WireError";
  }
}

/**
 * A protobuf message read one level deep: its length-delimited fields are views that are read only when somebody asks. Requests carry envelopes inside
 * envelopes, of which most parts are handed on as they came. A singular field that occurs twice is refused, as the ledger refuses it.
 * Reading takes at most as many steps as there are bytes.
 */
export class WireMessage {
  readonly #fields: { readonly number: number; readonly value: Scalar | Uint8Array }[] = [];

  /** @throws WireError */
  constructor(bytes: Uint8Array) {
    const cursor = { bytes, position: 0 };
    while (cursor.position < bytes.length) {
      const tag = Number(readVarint(cursor));
      const number = Math.floor(tag / 8);
      if (number < 1 || number > 0x1fffffff) throw new WireError("cannot parse invalid wire-format data");
      const value = readValue(cursor, tag % 8);
      this.#fields.push({ number, value });
    }
  }

  has(number: number): boolean {
    return this.#fields.some((field) => field.number === number);
  }

  /** A singular `bytes` or message field; empty when left out. @throws WireError */
  bytes(number: number): Uint8Array {
    const value = this.#single(number);
    if (value === undefined) return EMPTY;
    if (isScalar(value)) throw new WireError(`field ${number} is no length-delimited field`);
    return value;
  }

  /** A singular `string` field; "" when left out. @throws WireError */
  text(number: number): string {
    return decodeText(this.bytes(number));
  }

  /** A singular integer, enum or boolean of at most 64 bits, unsigned; 0 when left out. @throws WireError */
  integer(number: number): bigint {
    const value = this.#single(number);
    if (value === undefined) return 0n;
    if (!isScalar(value)) throw new WireError(`field ${number} is no integer`);
    return BigInt(value);
  }

  /** An integer up to 2^53 - 1; larger ones, negative ones included, are refused. @throws WireError */
  number(number: number): number {
    const value = this.integer(number);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new WireError(`field ${number} is out of range`);
    return Number(value);
  }

  /** A singular message field. @throws WireError */
  message(number: number): WireMessage {
    return new WireMessage(this.bytes(number));
  }

  /** Every occurrence of a repeated length-delimited field. @throws WireError */
  all(number: number): readonly Uint8Array[] {
    return this.#fields.flatMap((field) => {
      if (field.number !== number) return [];
      if (isScalar(field.value)) throw new WireError(`field ${number} is no length-delimited field`);
      return [field.value];
    });
  }

  #single(number: number): Scalar | Uint8Array | undefined {
    let found: Scalar | Uint8Array | undefined;
    for (const field of this.#fields) {
      if (field.number !== number) continue;
      if (found !== undefined) throw new WireError(`field ${number} occurs twice`);
      found = field.value;
    }
    return found;
  }
}

/** @throws WireError when the bytes are not valid UTF-8 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    throw new WireError("string field contains invalid UTF-8");
  }
}

interface Cursor {
  readonly bytes: Uint8Array;
  position: number;
}

/** Numbers below 2^28, and bigints: most are small, and bigints cost an allocation each. */
type Scalar = number | bigint;

function isScalar(value: Scalar | Uint8Array): value is Scalar {
  return typeof value === "number" || typeof value === "bigint";
}

function readValue(cursor: Cursor, type: number): Scalar | Uint8Array {
  if (type === VARINT) return readVarint(cursor);
  const length = type === BYTES ? Number(readVarint(cursor)) : type === FIXED64 ? 8 : type === FIXED32 ? 4 : -1;
  if (length < 0 || length > cursor.bytes.length - cursor.position) {
    throw new WireError("cannot parse invalid wire-format data");
  }
  const start = cursor.position;
  cursor.position += length;
  const value = cursor.bytes.subarray(start, cursor.position);
  if (type === BYTES) return value;
  return value.reduceRight((whole, byte) => (whole << 8n) | BigInt(byte), 0n);
}

function readVarint(cursor: Cursor): Scalar {
  let small = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = cursor.bytes[cursor.position++];
    if (byte === undefined) throw new WireError("unexpected EOF");
    small |= (byte & 0x7f) << shift;
    if (byte < 0x80) return small;
  }
  let value = BigInt(small);
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.position++];
    if (byte === undefined) throw new WireError("unexpected EOF");
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw new WireError("variable length integer overflow");
}
