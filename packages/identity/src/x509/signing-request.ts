import { DerFields } from "../der/fields.ts";
import { type DerValue, readDerChildren, readDerObjectIdentifier, TAG } from "../der/read.ts";
import { readDerInteger } from "../der/scalars.ts";
import { identityFault } from "../errors.ts";
import { type CertifiedKey, certifiedKeyFromDer, verifyForX509 } from "../signing-keys.ts";
import { readSigned } from "./certificate.ts";
import { readExtensions } from "./extension-list.ts";
import { pemToDer } from "./pem.ts";
import { readHosts } from "./read-extensions.ts";
import { nameToText, nameValues, readName } from "./read-name.ts";

/** What somebody who holds a key asks for. Role and attributes are the authority's to give: what a request says of them is not read. */
export interface SigningRequest {
  /** RFC 4514. */
  readonly subject: string;
  /** The least significant common name. */
  readonly commonName: string | undefined;
  readonly publicKey: CertifiedKey;
  /** DNS names and addresses that it asks for. */
  readonly hosts: readonly string[];
}

/** PKCS#9 extensionRequest. */
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

/**
 * Reads a PKCS#10 request and checks its signature, which shows that the asker holds the private key. P-256 with SHA-256, Ed25519, and
 * SM2 with SM3 under the default user id.
 * @source RFC 2986
 * @throws ConcordatError CERTIFICATE_REQUEST_INVALID
 */
export function parseSigningRequest(pem: string): SigningRequest {
  // Older tools write NEW in the label.
  const der = pemToDer("CERTIFICATE REQUEST", pem) ?? pemToDer("NEW CERTIFICATE REQUEST", pem);
  if (der === undefined) throw refusal("The text holds no PEM certificate request.");
  const { request, holds } = readRequest(der);
  if (!holds) throw refusal("The request is not signed with the key that it names.");
  return request;
}

function refusal(summary: string, cause?: unknown) {
  return identityFault("CERTIFICATE_REQUEST_INVALID", summary, {
    remedy: "Make a PKCS#10 request for a key of P-256, Ed25519 or SM2.",
    cause,
  });
}

function readRequest(der: Uint8Array): { readonly request: SigningRequest; readonly holds: boolean } {
  try {
    const { fields, signed } = readSigned(der);
    if (readDerInteger(fields.take(TAG.integer)) !== 0n) throw new RangeError("Not a version 1 request.");
    const name = readName(fields.take(TAG.sequence));
    const publicKey = certifiedKeyFromDer(fields.take(TAG.sequence).whole);
    const hosts = readRequestedHosts(fields.optional(0xa0));
    fields.end();
    const request = { subject: nameToText(name), commonName: nameValues(name, "CN").at(-1), publicKey, hosts };
    return { request, holds: verifyForX509(publicKey, signed.algorithm, signed.bytes, signed.signature) };
  } catch (cause) {
    throw refusal("The certificate request cannot be read.", cause);
  }
}

function readRequestedHosts(attributes: DerValue | undefined): readonly string[] {
  return (attributes === undefined ? [] : readDerChildren(attributes)).flatMap((attribute) => {
    const fields = new DerFields(attribute);
    const identifier = readDerObjectIdentifier(fields.take(TAG.objectIdentifier));
    const [value] = new DerFields(fields.take(TAG.set), TAG.set).rest();
    fields.end();
    return identifier === EXTENSION_REQUEST ? readHosts(readExtensions(value)) : [];
  });
}
