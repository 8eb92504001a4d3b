/**
 * Reads DER (X.690), so that who a transaction speaks for can be told from its certificate inside a ledger worker, at
 * once and without loading the library that issues certificates. node:crypto shows neither extensions it does not know
 * (Fabric's attributes) nor names attribute by attribute in their order.
 */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  teletexString: 0x14,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

export interface DerValue {
  readonly tag: number;
  /** The content octets. */
  readonly content: Uint8Array;
  /** Tag, length and content. */
  readonly whole: Uint8Array;
}

/**
 * Reads one value that fills `bytes`. Lengths must be definite, minimal and inside the input.
 * @throws RangeError otherwise
 */
export function readDer(bytes: Uint8Array): DerValue {
  const value = readAt(bytes, 0);
  if (value.whole.length !== bytes.length) throw new RangeError("Bytes follow the DER value.");
  return value;
}

/** The values inside a constructed value, in order. */
export function readDerChildren(value: DerValue): readonly DerValue[] {
  const children: DerValue[] = [];
  for (let offset = 0; offset < value.content.length; ) {
    const child = readAt(value.content, offset);
    children.push(child);
    offset += child.whole.length;
  }
  return children;
}

/** @throws RangeError when the value is no object identifier */
export function readDerObjectIdentifier(value: DerValue): string {
  if (value.tag !== TAG.objectIdentifier || value.content.length === 0)
    throw new RangeError("Not an object identifier.");
  const arcs: number[] = [];
  let arc = 0;
  if ((value.content.at(-1) ?? 0) >= 0x80) throw new RangeError("An object identifier is cut short.");
  for (const byte of value.content) {
    arc = arc * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [joined = 0, ...rest] = arcs;
  const first = Math.min(2, Math.floor(joined / 40));
  return [first, joined - first * 40, ...rest].join(".");
}

function readAt(bytes: Uint8Array, offset: number): DerValue {
  const tag = byteAt(bytes, offset);
  if ((tag & 0x1f) === 0x1f) throw new RangeError("Multi-byte DER tags are not used in X.509.");
  const first = byteAt(bytes, offset + 1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 4) throw new RangeError("Indefinite or oversized DER length.");
  let length = first;
  if (lengthBytes > 0) {
    length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + byteAt(bytes, offset + 2 + i);
    if (length < 0x80 || length < 256 ** (lengthBytes - 1)) throw new RangeError("DER length is not minimal.");
  }
  const start = offset + 2 + lengthBytes;
  if (start + length > bytes.length) throw new RangeError("DER value is cut short.");
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(offset, start + length) };
}

function byteAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset];
  if (byte === undefined) throw new RangeError("DER value is cut short.");
  return byte;
}
