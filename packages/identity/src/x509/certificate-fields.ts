import { X509Certificate } from "node:crypto";
import { readDer, readDerChildren } from "../der/read.ts";
import { identityFault } from "../errors.ts";
import { certificateFromPem } from "./pem.ts";

export interface CertificateFields {
  readonly subjectDer: Uint8Array;
  readonly notAfterMs: number;
}

/** @throws ConcordatError CERTIFICATE_INVALID */
export function readCertificateFields(pem: string): CertificateFields {
  const der = certificateFromPem(pem);
  try {
    const notAfterMs = new X509Certificate(der).validToDate.getTime();
    const [toBeSigned] = readDerChildren(readDer(der));
    const subject = toBeSigned === undefined ? undefined : readDerChildren(toBeSigned)[5];
    if (subject === undefined) throw new RangeError("The certificate has no subject.");
    return { subjectDer: subject.whole, notAfterMs };
  } catch (cause) {
    throw identityFault("CERTIFICATE_INVALID", "The certificate cannot be read.", { cause });
  }
}
