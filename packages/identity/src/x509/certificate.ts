import { DerFields } from "../der/fields.ts";
import { readDer, readDerObjectIdentifier, TAG } from "../der/read.ts";
import { readDerBits, readDerInteger, readDerTime } from "../der/scalars.ts";
import { identityFault } from "../errors.ts";
import { type CertifiedKey, certifiedKeyFromDer } from "../signing-keys.ts";
import { explicitExtensions, readExtensions } from "./extension-list.ts";
import { certificateFromPem } from "./pem.ts";
import { type CertificateExtensions, interpretExtensions } from "./read-extensions.ts";
import { type ReadName, readName } from "./read-name.ts";

/** What an authority has signed: the bytes themselves, the algorithm's object identifier and the signature. */
export interface SignedPart {
  readonly bytes: Uint8Array;
  readonly algorithm: string;
  readonly signature: Uint8Array;
}

/** A certificate taken apart. Says nothing of its validity. */
export interface ReadCertificate {
  readonly der: Uint8Array;
  readonly signed: SignedPart;
  /** Lower-case hex without leading zeros. */
  readonly serialNumber: string;
  readonly issuer: ReadName;
  readonly subject: ReadName;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Undefined for a kind of key that is not used here, RSA for instance. */
  readonly publicKey: CertifiedKey | undefined;
  readonly extensions: CertificateExtensions;
}

/** @throws ConcordatError CERTIFICATE_INVALID */
export function readCertificate(pem: string): ReadCertificate {
  const der = certificateFromPem(pem);
  return refusing("The certificate cannot be read.", () => readCertificateDer(der));
}

/** Damaged DER ends here, whatever the readers beneath stumbled over. @throws ConcordatError CERTIFICATE_INVALID */
export function refusing<Result>(summary: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw identityFault("CERTIFICATE_INVALID", summary, { cause });
  }
}

/** Takes SEQUENCE { what is signed, algorithm, BIT STRING } apart. @throws RangeError */
export function readSigned(der: Uint8Array): { readonly fields: DerFields; readonly signed: SignedPart } {
  const outer = new DerFields(readDer(der));
  const signedValue = outer.take(TAG.sequence);
  const algorithm = readAlgorithm(outer);
  const signature = readDerBits(outer.take(TAG.bitString));
  outer.end();
  return { fields: new DerFields(signedValue), signed: { bytes: signedValue.whole, algorithm, signature } };
}

/** The object identifier of the next field, an AlgorithmIdentifier; its parameters are those of the key, or none. */
export function readAlgorithm(fields: DerFields): string {
  return readDerObjectIdentifier(new DerFields(fields.take(TAG.sequence)).take(TAG.objectIdentifier));
}

/** @throws RangeError when it is not positive */
export function readSerialNumber(fields: DerFields): string {
  const serial = readDerInteger(fields.take(TAG.integer));
  if (serial <= 0n) throw new RangeError("A serial number is positive.");
  return serial.toString(16);
}

export function readTime(fields: DerFields): number {
  return readDerTime(fields.take());
}

function readCertificateDer(der: Uint8Array): ReadCertificate {
  const { fields, signed } = readSigned(der);
  const [version] = new DerFields(fields.take(0xa0), 0xa0).rest();
  if (version === undefined || readDerInteger(version) !== 2n) throw new RangeError("Not a version 3 certificate.");
  const serialNumber = readSerialNumber(fields);
  if (readAlgorithm(fields) !== signed.algorithm) throw new RangeError("The certificate names two algorithms.");
  const issuer = readName(fields.take(TAG.sequence));
  const validity = new DerFields(fields.take(TAG.sequence));
  const [notBeforeMs, notAfterMs] = [readTime(validity), readTime(validity)];
  validity.end();
  const subject = readName(fields.take(TAG.sequence));
  const publicKey = readPublicKey(fields.take(TAG.sequence).whole);
  fields.optional(0x81); // Unique identifiers of issuer and subject, which nobody uses.
  fields.optional(0x82);
  const extensions = interpretExtensions(readExtensions(explicitExtensions(fields.optional(0xa3))));
  fields.end();
  return { der, signed, serialNumber, issuer, subject, notBeforeMs, notAfterMs, publicKey, extensions };
}

function readPublicKey(der: Uint8Array): CertifiedKey | undefined {
  try {
    return certifiedKeyFromDer(der);
  } catch {
    return undefined;
  }
}
