import { X509Certificate } from "node:crypto";
import { bytesToUtf8 } from "@concordat/base";
import { BoundedCache } from "../bounded-cache.ts";
import { type DerValue, readDer, readDerChildren, readDerObjectIdentifier, TAG } from "../der/read.ts";
import { identityFault } from "../errors.ts";
import { attributesOf, FABRIC_ATTRIBUTES } from "./fabric-attributes.ts";
import { nameToFabricText } from "./names.ts";
import { certificateFromPem } from "./pem.ts";

export interface ClientCertificate {
  /** As Fabric's ClientIdentity.getID() prints it: `x509::<subject>::<issuer>`. */
  readonly id: string;
  /** Attributes of Fabric's extension; empty when there is none. Without a prototype: any name may be looked up in it. */
  readonly attributes: Readonly<Record<string, string>>;
}

const parsed = new BoundedCache<ClientCertificate>(4_096);

/**
 * Reads who a client certificate speaks for. It says nothing of the certificate's validity. Cached by text, because
 * every transaction of a principal carries the same certificate.
 * @throws ConcordatError CERTIFICATE_INVALID
 */
export function parseClientCertificate(pem: string): ClientCertificate {
  return parsed.get(pem, () => {
    const der = certificateFromPem(pem);
    try {
      // OpenSSL refuses malformed certificates; the reader below then finds two names and one extension.
      new X509Certificate(der);
      return readClientCertificate(der);
    } catch (cause) {
      throw identityFault("CERTIFICATE_INVALID", "The client certificate cannot be read.", { cause });
    }
  });
}

function readClientCertificate(der: Uint8Array): ClientCertificate {
  const [toBeSigned] = readDerChildren(readDer(der));
  const fields = toBeSigned === undefined ? [] : readDerChildren(toBeSigned);
  // version [0], serial number, algorithm, issuer, validity, subject, key, ..., extensions [3]
  const [, , , issuer, , subject] = fields;
  if (issuer === undefined || subject === undefined) throw new RangeError("The certificate has no names.");
  const extensions = fields.find((field) => field.tag === 0xa3);
  return {
    id: `x509::${nameToFabricText(subject)}::${nameToFabricText(issuer)}`,
    attributes: Object.assign(Object.create(null), extensions === undefined ? {} : readAttributes(extensions)),
  };
}

function readAttributes(extensions: DerValue): Readonly<Record<string, string>> {
  const list = readDerChildren(extensions).flatMap((sequence) => readDerChildren(sequence));
  for (const entry of list) {
    const parts = readDerChildren(entry);
    const [identifier] = parts;
    const value = parts.at(-1);
    if (identifier === undefined || value?.tag !== TAG.octetString) throw new RangeError("Malformed extension.");
    if (readDerObjectIdentifier(identifier) === FABRIC_ATTRIBUTES) return attributesOf(bytesToUtf8(value.content));
  }
  return {};
}
