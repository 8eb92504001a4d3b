import { bytesToUtf8 } from "@concordat/base";
import { DerFields } from "../der/fields.ts";
import { type DerValue, readDerChildren, readDerObjectIdentifier, TAG } from "../der/read.ts";
import { NAME_TYPES } from "./names.ts";

export interface NamePart {
  /** A short name as in {@link NAME_TYPES}, else the object identifier. */
  readonly type: string;
  readonly value: string;
}

/** A name as a certificate carries it: relative names, most significant first, each of one part or more. */
export interface ReadName {
  readonly relative: readonly (readonly NamePart[])[];
  /** DER: names are compared byte for byte. */
  readonly der: Uint8Array;
}

/** @throws RangeError or TypeError */
export function readName(name: DerValue): ReadName {
  const relative = new DerFields(name).rest().map((set) => {
    if (set.tag !== TAG.set || set.content.length === 0) throw new RangeError("A relative name is no SET.");
    return readDerChildren(set).map(readPart);
  });
  return { relative, der: name.whole };
}

function readPart(attribute: DerValue): NamePart {
  const fields = new DerFields(attribute);
  const identifier = readDerObjectIdentifier(fields.take(TAG.objectIdentifier));
  const value = readText(fields.take());
  fields.end();
  return { type: NAME_TYPES.get(identifier) ?? identifier, value };
}

/** The string types of DirectoryString, and IA5String. */
function readText({ tag, content }: DerValue): string {
  if (tag === TAG.bmpString) return Buffer.from(content).swap16().toString("utf16le");
  if (tag === TAG.teletexString) return Buffer.from(content).toString("latin1");
  return bytesToUtf8(content);
}

/** Values of a type anywhere in the name, most significant first. */
export function nameValues(name: ReadName, type: string): readonly string[] {
  return name.relative.flatMap((parts) => parts.flatMap((part) => (part.type === type ? [part.value] : [])));
}

/** As RFC 4514 writes it: least significant first, `CN=a,OU=b`. */
export function nameToText(name: ReadName): string {
  const texts = name.relative.map((parts) => parts.map(({ type, value }) => `${type}=${escapeValue(value)}`).join("+"));
  return texts.reverse().join(",");
}

function escapeValue(value: string): string {
  return value.replace(/["+,;<>\\]|^[ #]| $/g, "\\$&").replaceAll("\0", "\\00");
}
