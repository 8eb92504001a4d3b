import type { RandomSource } from "@concordat/base";
import { readDer, readDerChildren } from "../der/read.ts";
import { derBitString, derElement, derInteger, derObjectIdentifier, derSequence, derTime } from "../der/write.ts";
import { type PrivateKey, type PublicKey, publicKeyToDer, signMessage } from "../keys.ts";
import { authorityKeyExtension, keyIdentifier, subjectKeyExtension } from "./extensions.ts";
import { type DistinguishedName, encodeName } from "./names.ts";

export interface CertificateRequest {
  readonly subject: DistinguishedName;
  readonly publicKey: PublicKey;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Beside the key identifiers, which every certificate has. */
  readonly extensions: readonly Uint8Array[];
}

export interface Issuer {
  /** The encoded name, byte for byte that of the authority's certificate. */
  readonly nameDer: Uint8Array;
  readonly key: PrivateKey;
}

const SIGNATURE_ALGORITHMS = { "P-256": "1.2.840.10045.4.3.2", Ed25519: "1.3.101.112" } as const;

/**
 * Signs a version 3 certificate and answers its DER. Self-signed when `issuer.key` is the private half of the
 * subject's key and the names are equal. The serial number is 128 random bits, encoded as a positive integer.
 * @source RFC 5280 section 4.1
 */
export function issueCertificate(
  request: CertificateRequest,
  issuer: Issuer,
  dependencies: { readonly random: RandomSource },
): Uint8Array {
  const algorithm = derSequence(derObjectIdentifier(SIGNATURE_ALGORITHMS[issuer.key.algorithm]));
  const publicKeyDer = publicKeyToDer(request.publicKey);
  const toBeSigned = derSequence(
    derElement(0xa0, derInteger(Uint8Array.of(2))),
    derInteger(dependencies.random.bytes(16)),
    algorithm,
    issuer.nameDer,
    derSequence(derTime(request.notBeforeMs), derTime(request.notAfterMs)),
    encodeName(request.subject),
    publicKeyDer,
    derElement(
      0xa3,
      derSequence(
        ...request.extensions,
        subjectKeyExtension(keyIdentifier(publicKeyBits(publicKeyDer))),
        authorityKeyExtension(keyIdentifier(publicKeyBits(publicKeyToDer(issuer.key.publicKey)))),
      ),
    ),
  );
  return derSequence(toBeSigned, algorithm, derBitString(signMessage(issuer.key, toBeSigned)));
}

/** The content of the BIT STRING inside a SubjectPublicKeyInfo, without its count of unused bits. */
function publicKeyBits(publicKeyDer: Uint8Array): Uint8Array {
  const bits = readDerChildren(readDer(publicKeyDer))[1];
  if (bits === undefined) throw new RangeError("A public key has an algorithm and bits.");
  return bits.content.subarray(1);
}
