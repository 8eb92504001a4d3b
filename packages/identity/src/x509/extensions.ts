import { createHash } from "node:crypto";
import { isIP, isIPv6 } from "node:net";
import { utf8ToBytes } from "@concordat/base";
import type { Extension, Extensions, GeneralName } from "@peculiar/asn1-x509";
import { identityFault } from "../errors.ts";
import { type CertifiedKey, publicKeyBits } from "../signing-keys.ts";
import { FABRIC_ATTRIBUTES } from "./fabric-attributes.ts";
import type { CertificateSchema } from "./schema.ts";

/** What a certificate is good for. The key identifiers are not among it: every certificate has them. */
export type CertificatePurpose =
  | { readonly kind: "authority" }
  /** Left out, the certificate has no attributes' extension. */
  | { readonly kind: "identity"; readonly attributes: Readonly<Record<string, string>> | undefined }
  /** TLS server, and client towards other servers of the installation. DNS names and IP addresses in text form. */
  | { readonly kind: "server"; readonly hosts: readonly string[] };

/** Underscores too, which host names of machines have although DNS frowns on them; a star stands for one label. */
const DNS_NAME = /^[A-Za-z0-9_*.-]{1,253}$/;

/** @throws ConcordatError CERTIFICATE_NAME_INVALID for a host that is neither name nor address */
export function extensionsOf(
  schema: CertificateSchema,
  purpose: CertificatePurpose,
  keyIdentifiers: { readonly subject: Uint8Array; readonly issuer: Uint8Array },
): Extensions {
  const { x509 } = schema;
  const subjectKey = new x509.SubjectKeyIdentifier(keyIdentifiers.subject);
  return new x509.Extensions([
    ...purposeExtensions(schema, purpose),
    extension(schema, x509.id_ce_subjectKeyIdentifier, subjectKey),
    authorityKeyExtension(schema, keyIdentifiers.issuer),
  ]);
}

/** Says which of an issuer's keys has signed. */
export function authorityKeyExtension(schema: CertificateSchema, identifier: Uint8Array): Extension {
  const { x509 } = schema;
  const authorityKey = new x509.AuthorityKeyIdentifier({ keyIdentifier: new x509.KeyIdentifier(identifier) });
  return extension(schema, x509.id_ce_authorityKeyIdentifier, authorityKey);
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

export function extension({ asn1, x509 }: CertificateSchema, identifier: string, value: object): Extension {
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
  if (isIP(host) === 0) {
    if (!DNS_NAME.test(host)) throw identityFault("CERTIFICATE_NAME_INVALID", "A host is a DNS name or an IP address.");
    return new x509.GeneralName({ dNSName: host });
  }
  return new x509.GeneralName({ iPAddress: isIPv6(host) ? plainIPv6(host) : host });
}

/** Without a zone and in hexadecimal groups only: the library misreads addresses that end in an IPv4 address. */
function plainIPv6(address: string): string {
  return new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname.slice(1, -1);
}

/** RFC 7093 method 1: the left 160 bits of SHA-256 of the key's bits. */
export function keyIdentifier(key: CertifiedKey): Uint8Array {
  return new Uint8Array(createHash("sha256").update(publicKeyBits(key)).digest().subarray(0, 20));
}
