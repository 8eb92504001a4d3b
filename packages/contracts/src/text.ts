import { hash } from "node:crypto";

/** Hex in lower case, of the text's UTF-8 bytes. */
export function sha256Hex(text: string): string {
  return hash("sha256", text, "hex");
}

/** NaN unless the text is a plain decimal number of at most 15 digits. */
export function parseWhole(text: string): number {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

/** Whether the text has 1 to `charactersMax` visible ASCII characters. */
export function isVisibleAscii(text: string, charactersMax: number): boolean {
  return text.length <= charactersMax && /^[\x21-\x7e]+$/.test(text);
}

/** 16 decimal digits, the first not 0, that look random and that everyone computes alike. */
export function textToId(text: string): string {
  return String(10n ** 15n + (BigInt(`0x${sha256Hex(text).slice(0, 32)}`) % (9n * 10n ** 15n)));
}
