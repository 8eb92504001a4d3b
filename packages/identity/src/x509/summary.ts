import { createHash } from "node:crypto";
import type { CertifiedAlgorithm } from "../signing-keys.ts";
import { type ReadCertificate, readCertificate } from "./certificate.ts";
import { nameToText, nameValues } from "./read-name.ts";
import { type CertificateRole, isCertificateRole } from "./roles.ts";

/** What a certificate says; whether it is true is {@link verifyCertificateChain}'s question. */
export interface CertificateSummary {
  /** Lower-case hex without leading zeros. */
  readonly serialNumber: string;
  /** RFC 4514: `CN=peer0,OU=peer`. */
  readonly subject: string;
  readonly issuer: string;
  /** The least significant common name of the subject. */
  readonly commonName: string | undefined;
  /** From the organizational unit; undefined when none is a role, or several are. */
  readonly role: CertificateRole | undefined;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Lower-case hex. */
  readonly subjectKeyIdentifier: string | undefined;
  readonly authorityKeyIdentifier: string | undefined;
  /** Undefined for a kind of key that is not used here. */
  readonly publicKeyAlgorithm: CertifiedAlgorithm | undefined;
  readonly isAuthority: boolean;
  /** DNS names and addresses of the alternative names. */
  readonly hosts: readonly string[];
  /** Fabric's attributes, without a prototype. */
  readonly attributes: Readonly<Record<string, string>>;
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
}

/** @throws ConcordatError CERTIFICATE_INVALID */
export function certificateSummary(pem: string): CertificateSummary {
  return summarize(readCertificate(pem));
}

export function summarize(certificate: ReadCertificate): CertificateSummary {
  const { extensions, issuer, subject } = certificate;
  return {
    serialNumber: certificate.serialNumber,
    subject: nameToText(subject),
    issuer: nameToText(issuer),
    commonName: nameValues(subject, "CN").at(-1),
    role: roleOf(certificate),
    notBeforeMs: certificate.notBeforeMs,
    notAfterMs: certificate.notAfterMs,
    subjectKeyIdentifier: extensions.subjectKeyIdentifier,
    authorityKeyIdentifier: extensions.authorityKeyIdentifier,
    publicKeyAlgorithm: certificate.publicKey?.algorithm,
    isAuthority: extensions.isAuthority,
    hosts: extensions.hosts,
    attributes: extensions.attributes,
    fingerprint: createHash("sha256").update(certificate.der).digest("hex"),
  };
}

/** Fabric refuses a certificate whose units say two roles, so that none of them counts. */
export function roleOf({ subject }: ReadCertificate): CertificateRole | undefined {
  const [role, ...more] = nameValues(subject, "OU").filter(isCertificateRole);
  return more.length === 0 ? role : undefined;
}
