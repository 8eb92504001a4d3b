import type { Extension, RevokedCertificate } from "@peculiar/asn1-x509";
import { identityFault } from "../errors.ts";
import { SIGNATURE_ALGORITHMS, signForX509 } from "../signing-keys.ts";
import { authorityKeyExtension, extension } from "./extensions.ts";
import { type Issuer, issuerKeyIdentifier, schemaSubjectOf } from "./issue.ts";
import { derToPem } from "./pem.ts";
import { isRevocationReason, REVOCATION_REASON } from "./revocation-reasons.ts";
import { type CertificateSchema, loadCertificateSchema } from "./schema.ts";
import { BACKDATED_MS, DAY_MS } from "./validity.ts";

export interface RevocationEntry {
  /** Hex, as in a certificate's summary. */
  readonly serialNumber: string;
  /** Cut to whole seconds. */
  readonly revokedAtMs: number;
  /** A code of {@link REVOCATION_REASON}; 6 for a frozen certificate. */
  readonly reason: number;
}

export interface RevocationListRequest {
  /** Grows with each list of an authority: of two lists the one with the greater number counts. Not negative. */
  readonly number: bigint;
  /** All that are revoked or frozen now: lists are complete, never deltas. */
  readonly entries: readonly RevocationEntry[];
  /** Until the next list is due; 7 when left out. */
  readonly validDays?: number;
}

const VALID_DAYS = 7;

/**
 * Signs a version 2 revocation list and answers its PEM. It is dated ten minutes back, as certificates are.
 * @source RFC 5280 section 5
 * @throws ConcordatError REVOCATION_ENTRY_INVALID or CERTIFICATE_VALIDITY_INVALID
 */
export async function issueRevocationList(
  request: RevocationListRequest,
  issuer: Required<Issuer>,
  nowMs: number,
): Promise<string> {
  const { validDays = VALID_DAYS } = request;
  if (!(validDays > 0 && Number.isFinite(validDays))) {
    throw identityFault("CERTIFICATE_VALIDITY_INVALID", "A revocation list is valid for a positive number of days.");
  }
  const schema = await loadCertificateSchema();
  const { asn1, x509 } = schema;
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: SIGNATURE_ALGORITHMS[issuer.key.algorithm] });
  const entries = request.entries.map((entry) => schemaEntry(schema, entry));
  const tbsCertList = new x509.TBSCertList({
    version: x509.Version.v2,
    signature: algorithm,
    issuer: schemaSubjectOf(schema, issuer.certificate),
    thisUpdate: new x509.Time(new Date(nowMs - BACKDATED_MS)),
    nextUpdate: new x509.Time(new Date(nowMs + validDays * DAY_MS)),
    // An empty list has no such field at all.
    ...(entries.length > 0 ? { revokedCertificates: entries } : {}),
    crlExtensions: listExtensions(schema, request.number, issuer),
  });
  const signature = signForX509(issuer.key, new Uint8Array(asn1.AsnConvert.serialize(tbsCertList)));
  const list = new x509.CertificateList({
    tbsCertList,
    signatureAlgorithm: algorithm,
    signature: new Uint8Array(signature).buffer,
  });
  return derToPem("X509 CRL", new Uint8Array(asn1.AsnConvert.serialize(list)));
}

function listExtensions(schema: CertificateSchema, number: bigint, issuer: Issuer): Extension[] {
  const { asn1, x509 } = schema;
  if (number < 0n) throw identityFault("REVOCATION_ENTRY_INVALID", "A revocation list's number is not negative.");
  const listNumber = new x509.Extension({
    extnID: x509.id_ce_cRLNumber,
    extnValue: new asn1.OctetString(asn1.AsnIntegerBigIntConverter.toASN(number).toBER()),
  });
  return [authorityKeyExtension(schema, issuerKeyIdentifier(issuer)), listNumber];
}

function schemaEntry(schema: CertificateSchema, entry: RevocationEntry): RevokedCertificate {
  const { asn1, x509 } = schema;
  const { serialNumber, revokedAtMs, reason } = entry;
  if (!/^[0-9a-f]{1,40}$/i.test(serialNumber) || /^0+$/.test(serialNumber) || !isRevocationReason(reason)) {
    throw identityFault("REVOCATION_ENTRY_INVALID", "An entry has a serial number in hex and a reason of RFC 5280.");
  }
  const serial = asn1.AsnIntegerBigIntConverter.toASN(BigInt(`0x${serialNumber}`));
  // "Unspecified" is said by saying nothing.
  const stated = reason !== REVOCATION_REASON.unspecified;
  return new x509.RevokedCertificate({
    userCertificate: new Uint8Array(serial.valueBlock.valueHexView).buffer,
    // As a date: the library takes the number 0 for no time at all.
    revocationDate: new x509.Time(new Date(revokedAtMs)),
    ...(stated ? { crlEntryExtensions: [extension(schema, x509.id_ce_cRLReasons, new x509.CRLReason(reason))] } : {}),
  });
}
