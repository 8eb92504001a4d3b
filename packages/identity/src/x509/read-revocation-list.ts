import { DerFields } from "../der/fields.ts";
import { type DerValue, readDer, TAG } from "../der/read.ts";
import { readDerInteger, readDerTime } from "../der/scalars.ts";
import { identityFault } from "../errors.ts";
import { readAlgorithm, readSerialNumber, readSigned, readTime, refusing, type SignedPart } from "./certificate.ts";
import {
  EXTENSION,
  explicitExtensions,
  type ReadExtensionMap,
  readAuthorityKeyIdentifier,
  readExtensions,
  unknownCritical,
} from "./extension-list.ts";
import type { RevocationEntry } from "./issue-revocation-list.ts";
import { pemToDer } from "./pem.ts";
import { nameToText, type ReadName, readName } from "./read-name.ts";

/** What a revocation list says; {@link verifyRevocationList} tells whether an authority said it. */
export interface RevocationList {
  /** RFC 4514. */
  readonly issuer: string;
  /** Lower-case hex. */
  readonly authorityKeyIdentifier: string | undefined;
  readonly number: bigint | undefined;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number | undefined;
  readonly entries: readonly RevocationEntry[];
}

/** With the parts that a check of its signature needs. */
export interface ReadRevocationList extends RevocationList {
  readonly issuerName: ReadName;
  readonly signed: SignedPart;
}

/** @throws ConcordatError CERTIFICATE_INVALID, for delta lists and other critical extensions too */
export function parseRevocationList(pem: string): RevocationList {
  const { issuerName, signed, ...list } = readRevocationList(pem);
  return list;
}

/** @throws ConcordatError CERTIFICATE_INVALID */
export function readRevocationList(pem: string): ReadRevocationList {
  const der = pemToDer("X509 CRL", pem);
  if (der === undefined) throw identityFault("CERTIFICATE_INVALID", "The text holds no PEM revocation list.");
  return refusing("The revocation list cannot be read.", () => readListDer(der));
}

function readListDer(der: Uint8Array): ReadRevocationList {
  const { fields, signed } = readSigned(der);
  if (readDerInteger(fields.take(TAG.integer)) !== 1n) throw new RangeError("Not a version 2 list.");
  if (readAlgorithm(fields) !== signed.algorithm) throw new RangeError("The list names two algorithms.");
  const issuerName = readName(fields.take(TAG.sequence));
  const thisUpdateMs = readTime(fields);
  const next = fields.optional(TAG.utcTime, TAG.generalizedTime);
  const entries = fields.optional(TAG.sequence);
  const extensions = readExtensions(explicitExtensions(fields.optional(0xa0)));
  fields.end();
  refuseUnknown(extensions, []);
  return {
    issuer: nameToText(issuerName),
    issuerName,
    signed,
    authorityKeyIdentifier: readAuthorityKeyIdentifier(extensions),
    number: readNumber(extensions),
    thisUpdateMs,
    nextUpdateMs: next && readDerTime(next),
    entries: entries === undefined ? [] : new DerFields(entries).rest().map(readEntry),
  };
}

function readEntry(value: DerValue): RevocationEntry {
  const fields = new DerFields(value);
  const serialNumber = readSerialNumber(fields);
  const revokedAtMs = readTime(fields);
  const extensions = readExtensions(fields.optional(TAG.sequence));
  fields.end();
  refuseUnknown(extensions, [EXTENSION.reasonCode]);
  const reason = extensions.get(EXTENSION.reasonCode);
  return {
    serialNumber,
    revokedAtMs,
    reason: reason === undefined ? 0 : Number(readDerInteger(readDer(reason.value))),
  };
}

function readNumber(extensions: ReadExtensionMap): bigint | undefined {
  const number = extensions.get(EXTENSION.crlNumber);
  return number && readDerInteger(readDer(number.value));
}

/** A list with a condition that is not understood (a delta, a part of the certificates only) says less than it seems to. */
function refuseUnknown(extensions: ReadExtensionMap, known: readonly string[]): void {
  if (unknownCritical(extensions, known).length > 0)
    throw new RangeError("The list has an unknown critical extension.");
}
