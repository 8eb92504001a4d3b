import { bytesToUtf8 } from "@concordat/base";
import { isJsonObject, type Json, type JsonObject } from "./selector-query.ts";

/** SQLite refuses JSON nested deeper than 1000; deeper values are stored but match no query. */
const DEPTH_MAX = 500;
const OPENING_BRACE = 0x7b;
const SPACE = 0x20;

export interface StoredDocument {
  readonly document: JsonObject;
  /** The document as JSON.stringify writes it: no repeated names, numbers as doubles, one form for each text. */
  readonly canonical: string;
  /** The value's bytes are exactly the canonical form. */
  readonly isCanonical: boolean;
}

/** The JSON object that a value is, or undefined: like CouchDB attachments, other values are not seen by queries. */
export function documentOf(value: Uint8Array): StoredDocument | undefined {
  const first = value.find((byte) => byte > SPACE);
  if (first !== OPENING_BRACE) return undefined;
  try {
    const text = bytesToUtf8(value);
    const document: Json = JSON.parse(text);
    if (!isJsonObject(document) || isDeeper(document, DEPTH_MAX)) return undefined;
    const canonical = JSON.stringify(document);
    return { document, canonical, isCanonical: canonical === text };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((part: Json) => isDeeper(part, levels - 1));
}
