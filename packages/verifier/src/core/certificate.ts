import { bytesToUtf8 } from "./bytes.ts";
import { Fault, faultUnless } from "./fault.ts";

/** What a creator's certificate says about its holder. Nothing here checks who issued it. */
export interface CertificateFacts {
  readonly commonName: string | undefined;
  /** Fabric's attribute extension, as the organization's CA wrote it. */
  readonly attributes: Readonly<Record<string, string>>;
}

interface DerValue {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;
const OID_COMMON_NAME = "550403";
/** 1.2.3.4.5.6.7.8.1, where Fabric's CA puts attributes as JSON. */
const OID_FABRIC_ATTRIBUTES = "2a03040506070801";
const EXTENSIONS_TAG = 0xa3;
const NO_FACTS: CertificateFacts = { commonName: undefined, attributes: {} };

/** Reads the subject's common name and Fabric's attributes; what cannot be read is left out. */
export function certificateFacts(pem: string): CertificateFacts {
  const match = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem);
  if (match?.[1] === undefined) return NO_FACTS;
  try {
    return readCertificate(Uint8Array.from(atob(match[1].replace(/\s/g, "")), (character) => character.charCodeAt(0)));
  } catch {
    return NO_FACTS;
  }
}

function readCertificate(der: Uint8Array): CertificateFacts {
  const [certificate] = children(der, 0, der.length);
  const [toBeSigned] = childrenOf(der, certificate);
  const fields = childrenOf(der, toBeSigned);
  // version [0] stands first in version 3; then serial, algorithm, issuer, validity, subject.
  const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4];
  const [extensions] = childrenOf(
    der,
    fields.find((field) => field.tag === EXTENSIONS_TAG),
  );
  return { commonName: commonNameOf(der, subject), attributes: attributesOf(der, extensions) };
}

function commonNameOf(der: Uint8Array, subject: DerValue | undefined): string | undefined {
  for (const relative of childrenOf(der, subject)) {
    for (const pair of childrenOf(der, relative)) {
      const [type, value] = childrenOf(der, pair);
      if (isOid(der, type, OID_COMMON_NAME) && value !== undefined) return bytesToUtf8(contents(der, value));
    }
  }
  return undefined;
}

function attributesOf(der: Uint8Array, extensions: DerValue | undefined): Readonly<Record<string, string>> {
  for (const extension of childrenOf(der, extensions)) {
    const parts = childrenOf(der, extension);
    const value = parts.at(-1);
    if (!isOid(der, parts[0], OID_FABRIC_ATTRIBUTES) || value === undefined) continue;
    const parsed: unknown = JSON.parse(bytesToUtf8(contents(der, value)) ?? "");
    if (typeof parsed !== "object" || parsed === null || !("attrs" in parsed)) continue;
    const { attrs } = parsed;
    if (typeof attrs !== "object" || attrs === null) continue;
    return Object.fromEntries(
      Object.entries(attrs).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  }
  return {};
}

function isOid(der: Uint8Array, value: DerValue | undefined, hex: string): boolean {
  if (value?.tag !== OBJECT_IDENTIFIER) return false;
  return [...contents(der, value)].map((byte) => byte.toString(16).padStart(2, "0")).join("") === hex;
}

function contents(der: Uint8Array, value: DerValue): Uint8Array {
  return der.subarray(value.start, value.end);
}

function childrenOf(der: Uint8Array, value: DerValue | undefined): DerValue[] {
  if (value === undefined) return [];
  faultUnless(value.tag === SEQUENCE || value.tag === 0x31 || value.tag >= 0xa0, "the certificate is malformed");
  return children(der, value.start, value.end);
}

function children(der: Uint8Array, start: number, end: number): DerValue[] {
  const values: DerValue[] = [];
  let at = start;
  while (at < end) {
    const tag = byteAt(der, at);
    let length = byteAt(der, at + 1);
    at += 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      length = 0;
      for (let digit = 0; digit < count; digit += 1) length = length * 256 + byteAt(der, at + digit);
      at += count;
    }
    faultUnless(at + length <= end, "the certificate is malformed");
    values.push({ tag, start: at, end: at + length });
    at += length;
  }
  return values;
}

function byteAt(der: Uint8Array, at: number): number {
  const byte = der[at];
  if (byte === undefined) throw new Fault("the certificate ends early");
  return byte;
}
