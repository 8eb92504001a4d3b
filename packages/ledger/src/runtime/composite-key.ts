const SEPARATOR = "\u0000";

/**
 * U+0000, object type, U+0000, each attribute followed by U+0000: Fabric's form, so that both homes read each other's state. Empty parts are
 * refused as fabric-shim refuses them, so that a contract that runs here runs there.
 */
export function createCompositeKey(objectType: string, attributes: readonly string[]): string {
  for (const part of [objectType, ...attributes]) {
    if (part === "") throw new TypeError("A part of a composite key is empty.");
    if (part.includes(SEPARATOR) || part.includes("\u{10ffff}")) {
      throw new TypeError("A part of a composite key holds U+0000 or U+10FFFF.");
    }
  }
  return SEPARATOR + [objectType, ...attributes].map((part) => part + SEPARATOR).join("");
}

export function splitCompositeKey(compositeKey: string): { objectType: string; attributes: string[] } {
  const [objectType, ...attributes] = compositeKey.slice(1, -1).split(SEPARATOR);
  if (!isCompositeKey(compositeKey) || !compositeKey.endsWith(SEPARATOR) || objectType === undefined) {
    throw new TypeError("Not a composite key.");
  }
  return { objectType, attributes };
}

export function isCompositeKey(key: string): boolean {
  return key.startsWith(SEPARATOR);
}

/** The half-open range of all keys that extend a partial composite key. */
export function compositeKeyRange(objectType: string, attributes: readonly string[]): { start: string; end: string } {
  const start = createCompositeKey(objectType, attributes);
  return { start, end: `${start}\u{10ffff}` };
}

/** Simple keys begin above U+0000, so an open start must step over the composite ones. */
export function simpleKeyRange(startKey: string, endKey: string): { start: string; end: string } {
  if (isCompositeKey(startKey) || isCompositeKey(endKey)) throw new TypeError("A range bound is a composite key.");
  return { start: startKey === "" ? "\u0001" : startKey, end: endKey };
}

/** Order of UTF-8 bytes, which is code point order; JavaScript's own `<` compares UTF-16 units and differs above U+FFFF. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      // Surrogates stand for code points above every other unit.
      const xSurrogate = x >= 0xd800 && x <= 0xdfff;
      const ySurrogate = y >= 0xd800 && y <= 0xdfff;
      return xSurrogate === ySurrogate ? x - y : xSurrogate ? 1 : -1;
    }
  }
  return a.length - b.length;
}
