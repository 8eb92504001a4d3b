import { bytesToHex, type RandomSource } from "@concordat/base";
import type { Name } from "@peculiar/asn1-x509";
import { type PrivateKey, type PublicKey, publicKeyToDer, signMessage } from "../keys.ts";
import { type Sm2PublicKey, sm2PublicKeyToDer } from "../sm2.ts";
import { type CertificatePurpose, extensionsOf } from "./extensions.ts";
import { checkName, type DistinguishedName, schemaName } from "./names.ts";
import { type CertificateSchema, loadCertificateSchema } from "./schema.ts";

/** A key that a certificate can be issued for. Issuers themselves never sign with SM2. */
export type CertifiedKey = PublicKey | Sm2PublicKey;

export interface CertificateRequest {
  readonly subject: DistinguishedName;
  readonly publicKey: CertifiedKey;
  /** Cut to whole seconds, as is `notAfterMs`. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly purpose: CertificatePurpose;
}

export interface Issuer {
  /** DER. Its subject becomes the issuer's name. Left out, the certificate is self-signed and carries its own name. */
  readonly certificate?: Uint8Array;
  readonly key: PrivateKey;
}

const SIGNATURE_ALGORITHMS = { "P-256": "1.2.840.10045.4.3.2", Ed25519: "1.3.101.112" } as const;

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
  const keyOf = (key: CertifiedKey) =>
    asn1.AsnConvert.parse(
      key.algorithm === "SM2" ? sm2PublicKeyToDer(key) : publicKeyToDer(key),
      x509.SubjectPublicKeyInfo,
    );
  const subject = schemaName(schema, request.subject);
  const publicKey = keyOf(request.publicKey);
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: SIGNATURE_ALGORITHMS[issuer.key.algorithm] });
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: serialNumber(schema, dependencies.random.bytes(16)),
    signature: algorithm,
    issuer: issuer.certificate === undefined ? subject : subjectOf(schema, issuer.certificate),
    validity: new x509.Validity({
      notBefore: new Date(request.notBeforeMs),
      notAfter: new Date(request.notAfterMs),
    }),
    subject,
    subjectPublicKeyInfo: publicKey,
    extensions: extensionsOf(schema, request.purpose, { subject: publicKey, issuer: keyOf(issuer.key.publicKey) }),
  });
  const signature = signMessage(issuer.key, new Uint8Array(asn1.AsnConvert.serialize(tbsCertificate)));
  const signatureValue = new Uint8Array(signature).buffer;
  const certificate = new x509.Certificate({ tbsCertificate, signatureAlgorithm: algorithm, signatureValue });
  return new Uint8Array(asn1.AsnConvert.serialize(certificate));
}

function subjectOf({ asn1, x509 }: CertificateSchema, certificate: Uint8Array): Name {
  return asn1.AsnConvert.parse(certificate, x509.Certificate).tbsCertificate.subject;
}

/** The content octets of a positive INTEGER: minimal, with a zero before a leading one bit. */
function serialNumber({ asn1 }: CertificateSchema, random: Uint8Array): ArrayBuffer {
  const integer = asn1.AsnIntegerBigIntConverter.toASN(BigInt(`0x${bytesToHex(random)}`));
  return new Uint8Array(integer.valueBlock.valueHexView).buffer;
}
