import { bytesToHex, hexToBytes, type RandomSource } from "@concordat/base";
import type { Name } from "@peculiar/asn1-x509";
import {
  type CertifiedKey,
  certifiedKeyToDer,
  SIGNATURE_ALGORITHMS,
  type SigningKey,
  signForX509,
} from "../signing-keys.ts";
import type { ReadCertificate } from "./certificate.ts";
import { type CertificatePurpose, extensionsOf, keyIdentifier } from "./extensions.ts";
import { checkName, type DistinguishedName, schemaName } from "./names.ts";
import { type CertificateSchema, loadCertificateSchema } from "./schema.ts";

export interface CertificateRequest {
  readonly subject: DistinguishedName;
  readonly publicKey: CertifiedKey;
  /** Cut to whole seconds, as is `notAfterMs`. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly purpose: CertificatePurpose;
}

export interface Issuer {
  /** Its subject becomes the issuer's name. Left out, the certificate is self-signed and carries its own name. */
  readonly certificate?: ReadCertificate;
  readonly key: SigningKey;
}

/**
 * Signs a version 3 certificate and answers its DER. The serial number is 128 random bits, encoded as a positive integer.
 * @source RFC 5280 section 4.1
 * @throws ConcordatError CERTIFICATE_NAME_INVALID
 */
export async function issueCertificate(
  request: CertificateRequest,
  issuer: Issuer,
  dependencies: { readonly random: RandomSource },
): Promise<Uint8Array> {
  checkName(request.subject);
  const schema = await loadCertificateSchema();
  const { asn1, x509 } = schema;
  const subject = schemaName(schema, request.subject);
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: SIGNATURE_ALGORITHMS[issuer.key.algorithm] });
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: serialNumber(schema, dependencies.random.bytes(16)),
    signature: algorithm,
    issuer: issuer.certificate === undefined ? subject : schemaSubjectOf(schema, issuer.certificate),
    validity: new x509.Validity({
      notBefore: new Date(request.notBeforeMs),
      notAfter: new Date(request.notAfterMs),
    }),
    subject,
    subjectPublicKeyInfo: asn1.AsnConvert.parse(certifiedKeyToDer(request.publicKey), x509.SubjectPublicKeyInfo),
    extensions: extensionsOf(schema, request.purpose, {
      subject: keyIdentifier(request.publicKey),
      issuer: issuerKeyIdentifier(issuer),
    }),
  });
  const signature = signForX509(issuer.key, new Uint8Array(asn1.AsnConvert.serialize(tbsCertificate)));
  const signatureValue = new Uint8Array(signature).buffer;
  const certificate = new x509.Certificate({ tbsCertificate, signatureAlgorithm: algorithm, signatureValue });
  return new Uint8Array(asn1.AsnConvert.serialize(certificate));
}

/** The subject of a certificate, to be written as an issuer's name. */
export function schemaSubjectOf({ asn1, x509 }: CertificateSchema, certificate: ReadCertificate): Name {
  return asn1.AsnConvert.parse(certificate.subject.der, x509.Name);
}

/** As the issuer's certificate gives it, whoever made that; computed where it gives none. */
export function issuerKeyIdentifier({ certificate, key }: Issuer): Uint8Array {
  const given = certificate?.extensions.subjectKeyIdentifier;
  return given === undefined ? keyIdentifier(key.publicKey) : hexToBytes(given);
}

/** The content octets of a positive INTEGER: minimal, with a zero before a leading one bit. */
function serialNumber({ asn1 }: CertificateSchema, random: Uint8Array): ArrayBuffer {
  const integer = asn1.AsnIntegerBigIntConverter.toASN(BigInt(`0x${bytesToHex(random)}`));
  return new Uint8Array(integer.valueBlock.valueHexView).buffer;
}
