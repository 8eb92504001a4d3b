import { bytesToHex } from "@concordat/base";
import { type DerValue, TAG } from "./read.ts";

/** A whole number of either sign. @throws RangeError when it is no INTEGER or ENUMERATED in the shortest form */
export function readDerInteger({ tag, content }: DerValue): bigint {
  const [first, second] = content;
  if ((tag !== TAG.integer && tag !== TAG.enumerated) || first === undefined) throw new RangeError("Not an integer.");
  const padded = second !== undefined && ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (padded) throw new RangeError("An integer is not in its shortest form.");
  return BigInt.asIntN(content.length * 8, BigInt(`0x${bytesToHex(content)}`));
}

/** @throws RangeError */
export function readDerBoolean({ tag, content }: DerValue): boolean {
  const [value] = content;
  if (tag !== TAG.boolean || content.length !== 1 || (value !== 0x00 && value !== 0xff)) {
    throw new RangeError("Not a boolean.");
  }
  return value === 0xff;
}

/** Of a BIT STRING made of whole bytes. @throws RangeError */
export function readDerBits({ tag, content }: DerValue): Uint8Array {
  if (tag !== TAG.bitString || content[0] !== 0) throw new RangeError("Not a bit string of whole bytes.");
  return content.subarray(1);
}

/** The first eight named bits of a BIT STRING, bit 0 in the highest place. @throws RangeError */
export function readDerFlags({ tag, content }: DerValue): number {
  const [unused = 8, flags = 0] = content;
  if (tag !== TAG.bitString || unused > 7 || (unused > 0 && content.length === 1)) {
    throw new RangeError("Not a list of named bits.");
  }
  return flags;
}

const TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** UTCTime or GeneralizedTime in whole seconds of UTC, in milliseconds. @source RFC 5280 section 4.1.2.5 @throws RangeError */
export function readDerTime({ tag, content }: DerValue): number {
  const text = Buffer.from(content).toString("latin1");
  const century = Number(text.slice(0, 2)) >= 50 ? "19" : "20";
  const whole = tag === TAG.utcTime ? `${century}${text}` : text;
  const [, ...parts] = TIME.exec(whole) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  const timeMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const written = new Date(timeMs).toISOString().replace(/\D/g, "").slice(0, 14);
  if ((tag !== TAG.utcTime && tag !== TAG.generalizedTime) || `${written}Z` !== whole) {
    throw new RangeError("Not a time of a certificate.");
  }
  return timeMs;
}
