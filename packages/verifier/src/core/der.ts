import { bytesToUtf8 } from "./bytes.ts";
import { Fault, faultUnless } from "./fault.ts";

/** One DER value of `der`: its contents are [start, end), the whole with tag and length begins at `from`. */
export interface DerValue {
  readonly tag: number;
  readonly from: number;
  readonly start: number;
  readonly end: number;
}

export const DER = { integer: 0x02, bitString: 0x03, objectIdentifier: 0x06, sequence: 0x30, set: 0x31 } as const;
const BMP_STRING = 0x1e;
const TELETEX_STRING = 0x14;
const CONSTRUCTED_CONTEXT = 0xa0;

/** The values that stand in [start, end), one after the other. @throws Fault */
export function derValues(der: Uint8Array, start = 0, end = der.length): DerValue[] {
  const values: DerValue[] = [];
  let at = start;
  while (at < end) {
    const from = at;
    const tag = byteAt(der, at);
    let length = byteAt(der, at + 1);
    at += 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      length = 0;
      for (let digit = 0; digit < count; digit += 1) length = length * 256 + byteAt(der, at + digit);
      at += count;
    }
    faultUnless(at + length <= end, "a certificate or list is malformed");
    values.push({ tag, from, start: at, end: at + length });
    at += length;
  }
  return values;
}

/** The values inside a constructed one; none inside of undefined. @throws Fault */
export function derChildren(der: Uint8Array, value: DerValue | undefined): DerValue[] {
  if (value === undefined) return [];
  const isConstructed = value.tag === DER.sequence || value.tag === DER.set || value.tag >= CONSTRUCTED_CONTEXT;
  faultUnless(isConstructed, "a certificate or list is malformed");
  return derValues(der, value.start, value.end);
}

export function derContents(der: Uint8Array, value: DerValue): Uint8Array {
  return der.subarray(value.start, value.end);
}

/** Tag and length included. */
export function derWhole(der: Uint8Array, value: DerValue): Uint8Array {
  return der.subarray(value.from, value.end);
}

/** Whether it is this object identifier, given as the hex of its contents. */
export function isDerOid(der: Uint8Array, value: DerValue | undefined, hex: string): boolean {
  return value?.tag === DER.objectIdentifier && derHex(der, value) === hex;
}

export function derHex(der: Uint8Array, value: DerValue): string {
  return [...derContents(der, value)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The values of one attribute type (hex of its identifier) in a Name, in their order; what is no text is left out. */
export function derNameTexts(der: Uint8Array, name: DerValue | undefined, typeHex: string): string[] {
  return derChildren(der, name).flatMap((relative) =>
    derChildren(der, relative).flatMap((pair) => {
      const [type, value] = derChildren(der, pair);
      const text = value && isDerOid(der, type, typeHex) ? derText(der, value) : undefined;
      return text === undefined ? [] : [text];
    }),
  );
}

function derText(der: Uint8Array, value: DerValue): string | undefined {
  const bytes = derContents(der, value);
  if (value.tag === TELETEX_STRING) return String.fromCharCode(...bytes);
  if (value.tag !== BMP_STRING) return bytesToUtf8(bytes);
  let text = "";
  for (let at = 0; at + 1 < bytes.length; at += 2)
    text += String.fromCharCode((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0));
  return text;
}

function byteAt(der: Uint8Array, at: number): number {
  const byte = der[at];
  if (byte === undefined) throw new Fault("a certificate or list ends early");
  return byte;
}
