import { bytesToHex, bytesToUtf8 } from "@concordat/base";
import { DerFields } from "../der/fields.ts";
import { type DerValue, readDer, readDerObjectIdentifier, TAG } from "../der/read.ts";
import { readDerBoolean, readDerFlags } from "../der/scalars.ts";
import { EXTENSION, type ReadExtensionMap, readAuthorityKeyIdentifier, unknownCritical } from "./extension-list.ts";
import { attributesOf } from "./fabric-attributes.ts";

export interface KeyUsage {
  readonly digitalSignature: boolean;
  readonly keyCertSign: boolean;
  readonly crlSign: boolean;
}

/** What a certificate's extensions say. */
export interface CertificateExtensions {
  /** Lower-case hex. */
  readonly subjectKeyIdentifier: string | undefined;
  /** Lower-case hex. */
  readonly authorityKeyIdentifier: string | undefined;
  readonly isAuthority: boolean;
  readonly keyUsage: KeyUsage;
  /** Object identifiers; undefined when the certificate does not restrict its purposes. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** DNS names and addresses; other kinds of alternative name are left out. */
  readonly hosts: readonly string[];
  /** Of Fabric's extension; empty when there is none. Without a prototype: any name may be looked up in it. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Whether a critical one is not understood here. */
  readonly hasUnknownCritical: boolean;
}

const KNOWN_CRITICAL = [
  EXTENSION.basicConstraints,
  EXTENSION.keyUsage,
  EXTENSION.extendedKeyUsage,
  EXTENSION.subjectAlternativeName,
];

/** @throws RangeError, TypeError or SyntaxError when a value is damaged */
export function interpretExtensions(extensions: ReadExtensionMap): CertificateExtensions {
  return {
    subjectKeyIdentifier: readSubjectKeyIdentifier(extensions),
    authorityKeyIdentifier: readAuthorityKeyIdentifier(extensions),
    isAuthority: readIsAuthority(extensions),
    keyUsage: readKeyUsage(extensions),
    extendedKeyUsage: readExtendedKeyUsage(extensions),
    hosts: readHosts(extensions),
    attributes: readFabricAttributes(extensions),
    hasUnknownCritical: unknownCritical(extensions, KNOWN_CRITICAL).length > 0,
  };
}

function readSubjectKeyIdentifier(extensions: ReadExtensionMap): string | undefined {
  const extension = extensions.get(EXTENSION.subjectKeyIdentifier);
  if (extension === undefined) return undefined;
  return bytesToHex(expectTag(readDer(extension.value), TAG.octetString).content);
}

function readIsAuthority(extensions: ReadExtensionMap): boolean {
  const extension = extensions.get(EXTENSION.basicConstraints);
  if (extension === undefined) return false;
  const flag = new DerFields(readDer(extension.value)).optional(TAG.boolean);
  return flag !== undefined && readDerBoolean(flag);
}

/** A certificate without the extension may be used for everything. */
function readKeyUsage(extensions: ReadExtensionMap): KeyUsage {
  const extension = extensions.get(EXTENSION.keyUsage);
  const flags = extension === undefined ? 0xff : readDerFlags(readDer(extension.value));
  return {
    digitalSignature: (flags & 0x80) !== 0,
    keyCertSign: (flags & 0x04) !== 0,
    crlSign: (flags & 0x02) !== 0,
  };
}

function readExtendedKeyUsage(extensions: ReadExtensionMap): readonly string[] | undefined {
  const extension = extensions.get(EXTENSION.extendedKeyUsage);
  return extension && new DerFields(readDer(extension.value)).rest().map(readDerObjectIdentifier);
}

export function readHosts(extensions: ReadExtensionMap): readonly string[] {
  const extension = extensions.get(EXTENSION.subjectAlternativeName);
  if (extension === undefined) return [];
  return new DerFields(readDer(extension.value)).rest().flatMap(({ tag, content }) => {
    if (tag === 0x82) return [bytesToUtf8(content)];
    return tag === 0x87 ? [addressToText(content)] : [];
  });
}

function readFabricAttributes(extensions: ReadExtensionMap): Readonly<Record<string, string>> {
  const extension = extensions.get(EXTENSION.fabricAttributes);
  const attributes = extension === undefined ? {} : attributesOf(bytesToUtf8(extension.value));
  return Object.assign(Object.create(null), attributes);
}

function addressToText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) throw new RangeError("An address has 4 or 16 bytes.");
  const groups = bytesToHex(bytes).match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function expectTag(value: DerValue, tag: number): DerValue {
  if (value.tag !== tag) throw new RangeError("An extension's value has another type.");
  return value;
}
