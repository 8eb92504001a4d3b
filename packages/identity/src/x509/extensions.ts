import { createHash } from "node:crypto";
import { isIP, isIPv6 } from "node:net";
import { utf8ToBytes } from "@concordat/base";
import type { Extension, Extensions, GeneralName, SubjectPublicKeyInfo } from "@peculiar/asn1-x509";
import type { CertificateSchema } from "./schema.ts";

/** Fabric's extension for the attributes of a client: JSON `{"attrs": {name: text}}`. */
export const FABRIC_ATTRIBUTES = "1.2.3.4.5.6.7.8.1";

/** What a certificate is good for. The key identifiers are not among it: every certificate has them. */
export type CertificatePurpose =
  | { readonly kind: "authority" }
  /** Left out, the certificate has no attributes' extension. */
  | { readonly kind: "identity"; readonly attributes: Readonly<Record<string, string>> | undefined }
  /** TLS server, and client towards other servers of the installation. DNS names and IP addresses in text form. */
  | { readonly kind: "server"; readonly hosts: readonly string[] };

export function extensionsOf(
  schema: CertificateSchema,
  purpose: CertificatePurpose,
  keys: { readonly subject: SubjectPublicKeyInfo; readonly issuer: SubjectPublicKeyInfo },
): Extensions {
  const { x509 } = schema;
  const subjectKey = new x509.SubjectKeyIdentifier(keyIdentifier(keys.subject));
  const authorityKey = new x509.AuthorityKeyIdentifier({
    keyIdentifier: new x509.KeyIdentifier(keyIdentifier(keys.issuer)),
  });
  return new x509.Extensions([
    ...purposeExtensions(schema, purpose),
    extension(schema, x509.id_ce_subjectKeyIdentifier, subjectKey),
    extension(schema, x509.id_ce_authorityKeyIdentifier, authorityKey),
  ]);
}

function purposeExtensions(schema: CertificateSchema, purpose: CertificatePurpose): readonly Extension[] {
  const { x509 } = schema;
  const { digitalSignature, keyCertSign, cRLSign } = x509.KeyUsageFlags;
  const authority = purpose.kind === "authority";
  const usage = new x509.KeyUsage(authority ? digitalSignature | keyCertSign | cRLSign : digitalSignature);
  return [
    critical(extension(schema, x509.id_ce_basicConstraints, new x509.BasicConstraints({ cA: authority }))),
    critical(extension(schema, x509.id_ce_keyUsage, usage)),
    ...(purpose.kind === "server" ? serverExtensions(schema, purpose.hosts) : []),
    ...(purpose.kind === "identity" && purpose.attributes !== undefined
      ? [fabricAttributes(schema, purpose.attributes)]
      : []),
  ];
}

function serverExtensions(schema: CertificateSchema, hosts: readonly string[]): readonly Extension[] {
  const { x509 } = schema;
  const usage = new x509.ExtendedKeyUsage([x509.id_kp_serverAuth, x509.id_kp_clientAuth]);
  const names = new x509.SubjectAlternativeName(hosts.map((host) => generalName(schema, host)));
  return [extension(schema, x509.id_ce_extKeyUsage, usage), extension(schema, x509.id_ce_subjectAltName, names)];
}

/** The value is the JSON itself and no DER value, as Fabric's CA writes it. */
function fabricAttributes({ asn1, x509 }: CertificateSchema, attributes: Readonly<Record<string, string>>): Extension {
  const json = utf8ToBytes(JSON.stringify({ attrs: attributes }));
  return new x509.Extension({ extnID: FABRIC_ATTRIBUTES, extnValue: new asn1.OctetString(json) });
}

function extension({ asn1, x509 }: CertificateSchema, identifier: string, value: object): Extension {
  return new x509.Extension({
    extnID: identifier,
    extnValue: new asn1.OctetString(asn1.AsnConvert.serialize(value)),
  });
}

function critical(entry: Extension): Extension {
  entry.critical = true;
  return entry;
}

function generalName({ x509 }: CertificateSchema, host: string): GeneralName {
  if (isIP(host) === 0) return new x509.GeneralName({ dNSName: host });
  return new x509.GeneralName({ iPAddress: isIPv6(host) ? plainIPv6(host) : host });
}

/** Without a zone and in hexadecimal groups only: the library misreads addresses that end in an IPv4 address. */
function plainIPv6(address: string): string {
  return new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname.slice(1, -1);
}

/** RFC 7093 method 1: the left 160 bits of SHA-256 of the key's bits. */
function keyIdentifier(key: SubjectPublicKeyInfo): Uint8Array {
  const bits = new Uint8Array(key.subjectPublicKey);
  return new Uint8Array(createHash("sha256").update(bits).digest().subarray(0, 20));
}
