/**
 * The classes in which the Peculiar libraries describe X.509, and the encoder for them. Loaded when the first certificate
 * is issued and not before: loading costs 40 to 130 ms and 15 MB, and neither a server's normal start nor a ledger worker
 * issues anything. That is why other files import them as types only.
 */
export interface CertificateSchema {
  readonly asn1: typeof import("@peculiar/asn1-schema");
  readonly x509: typeof import("@peculiar/asn1-x509");
}

export async function loadCertificateSchema(): Promise<CertificateSchema> {
  const [asn1, x509] = await Promise.all([import("@peculiar/asn1-schema"), import("@peculiar/asn1-x509")]);
  return { asn1, x509 };
}
