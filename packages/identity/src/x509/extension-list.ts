import { bytesToHex } from "@concordat/base";
import { DerFields } from "../der/fields.ts";
import { type DerValue, readDer, readDerChildren, readDerObjectIdentifier, TAG } from "../der/read.ts";
import { readDerBoolean } from "../der/scalars.ts";
import { FABRIC_ATTRIBUTES } from "./fabric-attributes.ts";

/** Object identifiers of the extensions that are read here. @source RFC 5280 section 4.2 */
export const EXTENSION = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAlternativeName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  crlNumber: "2.5.29.20",
  reasonCode: "2.5.29.21",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  fabricAttributes: FABRIC_ATTRIBUTES,
} as const;

export interface ReadExtension {
  readonly critical: boolean;
  /** The content of the OCTET STRING. */
  readonly value: Uint8Array;
}

export type ReadExtensionMap = ReadonlyMap<string, ReadExtension>;

/** @throws RangeError for a malformed list or an extension that comes twice */
export function readExtensions(sequence: DerValue | undefined): ReadExtensionMap {
  const extensions = new Map<string, ReadExtension>();
  if (sequence === undefined) return extensions;
  for (const entry of new DerFields(sequence).rest()) {
    const fields = new DerFields(entry);
    const identifier = readDerObjectIdentifier(fields.take(TAG.objectIdentifier));
    const critical = fields.optional(TAG.boolean);
    const { content } = fields.take(TAG.octetString);
    fields.end();
    if (extensions.has(identifier)) throw new RangeError("An extension comes twice.");
    extensions.set(identifier, { critical: critical !== undefined && readDerBoolean(critical), value: content });
  }
  return extensions;
}

/** Identifiers of critical extensions outside `known`: whoever does not understand one must refuse the whole. */
export function unknownCritical(extensions: ReadExtensionMap, known: readonly string[]): readonly string[] {
  return [...extensions].filter(([id, { critical }]) => critical && !known.includes(id)).map(([id]) => id);
}

/** Lower-case hex. */
export function readAuthorityKeyIdentifier(extensions: ReadExtensionMap): string | undefined {
  const extension = extensions.get(EXTENSION.authorityKeyIdentifier);
  if (extension === undefined) return undefined;
  const identifier = new DerFields(readDer(extension.value)).optional(0x80);
  return identifier === undefined ? undefined : bytesToHex(identifier.content);
}

/** The list inside `[n] EXPLICIT SEQUENCE OF Extension`. @throws RangeError */
export function explicitExtensions(tagged: DerValue | undefined): DerValue | undefined {
  if (tagged === undefined) return undefined;
  const [sequence, ...more] = readDerChildren(tagged);
  if (sequence === undefined || more.length > 0) throw new RangeError("Malformed extensions.");
  return sequence;
}
