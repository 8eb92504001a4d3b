import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@concordat/base";

/** One DER value around others, so that tests can write what no library would. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...contents);
  const length = content.length.toString(16).padStart(content.length < 256 ? 2 : 4, "0");
  const head = content.length < 128 ? length : `8${length.length / 2}${length}`;
  return concatBytes(Uint8Array.of(tag), hexToBytes(head), content);
}

export const sequence = (...contents: readonly Uint8Array[]) => der(0x30, ...contents);
export const integer = (hex: string) => der(0x02, hexToBytes(hex));
export const octets = (...contents: readonly Uint8Array[]) => der(0x04, ...contents);
export const bits = (bytes: Uint8Array) => der(0x03, Uint8Array.of(0), bytes);
export const text = (value: string) => der(0x0c, utf8ToBytes(value));
export const utcTime = (value: string) => der(0x17, utf8ToBytes(value));

export function identifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const base128 = (arc: number): number[] =>
    arc < 128 ? [arc] : [...base128(Math.floor(arc / 128)).map((b) => b | 0x80), arc % 128];
  return der(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** A copy with other bytes in place of some. */
export function replaceBytes(bytes: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  return hexToBytes(bytesToHex(bytes).replace(bytesToHex(from), bytesToHex(to)));
}
