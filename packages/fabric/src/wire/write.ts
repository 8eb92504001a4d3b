/** One field of a message: `undefined`, and what equals proto3's default, is left out. */
export type WireField = readonly [number: number, value: Uint8Array | string | number | bigint | boolean | undefined];

/** A message field that is written even when it is empty: its being there says something. */
export interface PresentField {
  readonly present: number;
  readonly value: Uint8Array;
}

/** Writes a protobuf message; fields in the order given. Integers are written as unsigned 64-bit numbers. */
export function writeMessage(...fields: readonly (WireField | PresentField)[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const field of fields) {
    if ("present" in field) pushBytes(parts, field.present, field.value);
    else pushField(parts, field[0], field[1]);
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

/** What stands before `length` bytes of a length-delimited field. */
export function fieldHead(number: number, length: number): Uint8Array {
  // What nearly every field has: a tag of one byte and a length of at most two.
  if (number < 16 && length < 0x4000) {
    const tag = (number << 3) | 2;
    return Buffer.from(length < 0x80 ? [tag, length] : [tag, (length & 0x7f) | 0x80, length >> 7]);
  }
  return Buffer.from([...varintBytes(tagOf(number, 2n)), ...varintBytes(BigInt(length))]);
}

function pushField(parts: Uint8Array[], number: number, value: WireField[1]): void {
  if (value === undefined) return;
  if (typeof value === "string") {
    if (value.length > 0) pushBytes(parts, number, Buffer.from(value));
  } else if (value instanceof Uint8Array) {
    if (value.length > 0) pushBytes(parts, number, value);
  } else {
    const integer = BigInt.asUintN(64, BigInt(value));
    if (integer !== 0n) parts.push(Buffer.from([...varintBytes(tagOf(number, 0n)), ...varintBytes(integer)]));
  }
}

function pushBytes(parts: Uint8Array[], number: number, value: Uint8Array): void {
  parts.push(fieldHead(number, value.length), value);
}

/** Field numbers take up to 29 bits, so that a tag may not fit 32-bit arithmetic. */
function tagOf(number: number, wireType: bigint): bigint {
  return (BigInt(number) << 3n) | wireType;
}

function varintBytes(value: bigint): number[] {
  if (value < 0x80n) return [Number(value)];
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return bytes;
}
