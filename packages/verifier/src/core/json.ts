import { base64ToBytes, hexToBytes } from "./bytes.ts";
import { Fault, faultUnless } from "./fault.ts";

/*
 * Strict readers of parsed JSON. `where` names the field in the reader's own terms; every one throws a Fault with it.
 */

export type JsonObject = Readonly<Record<string, unknown>>;

/** An object with all of `required`, any of `optional`, and nothing else. */
export function readObject(
  value: unknown,
  where: string,
  required: readonly string[],
  optional: readonly string[] = [],
): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Fault(`${where} is not an object`);
  for (const name of required) faultUnless(Object.hasOwn(value, name), `${where} has no field "${name}"`);
  for (const name of Object.keys(value)) {
    faultUnless(required.includes(name) || optional.includes(name), `${where} has an unknown field "${name}"`);
  }
  return value as JsonObject;
}

export function readArray(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Fault(`${where} is not a list`);
  return value;
}

export function readText(value: unknown, where: string): string {
  if (typeof value !== "string") throw new Fault(`${where} is not text`);
  return value;
}

/** A whole number from 0 to `max`. */
export function readCount(value: unknown, where: string, max: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > max || Object.is(value, -0)) {
    throw new Fault(`${where} is not a whole number from 0 to ${max}`);
  }
  return value;
}

export function readBase64(value: unknown, where: string, length?: number): Uint8Array {
  const bytes = base64ToBytes(readText(value, where));
  if (bytes === undefined) throw new Fault(`${where} is not canonical base64`);
  if (length !== undefined && bytes.length !== length) throw new Fault(`${where} does not have ${length} bytes`);
  return bytes;
}

export function readHex(value: unknown, where: string, length: number): Uint8Array {
  const bytes = hexToBytes(readText(value, where));
  if (bytes?.length !== length) throw new Fault(`${where} is not ${2 * length} lower-case hex digits`);
  return bytes;
}
