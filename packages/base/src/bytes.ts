const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8ToBytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** @throws TypeError when the bytes are not valid UTF-8 */
export function bytesToUtf8(bytes: Uint8Array): string {
  return strictDecoder.decode(bytes);
}

export function bytesToHex(bytes: Uint8Array): string {
  return view(bytes).toString("hex");
}

/** @throws TypeError when the text is not an even number of hex digits */
export function hexToBytes(hex: string): Uint8Array {
  if (hex.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(hex)) throw new TypeError("Not a hex string.");
  return new Uint8Array(Buffer.from(hex, "hex"));
}

export function bytesToBase64(bytes: Uint8Array): string {
  return view(bytes).toString("base64");
}

/** @throws TypeError when the text is not canonical, padded standard base64 */
export function base64ToBytes(base64: string): Uint8Array {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) throw new TypeError("Not a base64 string.");
  return new Uint8Array(bytes);
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && view(a).equals(b);
}

/** Unsigned lexicographic order. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
