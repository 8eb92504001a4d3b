import type { Clock, RandomSource } from "@concordat/base";
import { generatePrivateKey, type PrivateKey, type PublicKey, privateKeyFromDer, privateKeyToDer } from "../keys.ts";
import { readCertificateFields } from "./certificate-fields.ts";
import {
  alternativeNamesExtension,
  authorityExtension,
  fabricAttributesExtension,
  keyUsageExtension,
  leafExtension,
  tlsUsageExtension,
} from "./extensions.ts";
import { type Issuer, issueCertificate } from "./issue.ts";
import { type DistinguishedName, encodeName } from "./names.ts";
import { derToPem } from "./pem.ts";

export interface IdentityDependencies {
  readonly clock: Pick<Clock, "nowMs">;
  readonly random: RandomSource;
}

/** A certificate and its key as they are stored: the key is to be sealed. */
export interface KeyedCertificate {
  readonly certificatePem: string;
  /** PKCS#8. */
  readonly privateKeyDer: Uint8Array;
}

/** Roles that Fabric reads from the OU of a certificate (NodeOUs), and `checkpoint`, which is ours. */
export type CertificateRole = "client" | "admin" | "checkpoint";

export interface LeafRequest {
  readonly role: CertificateRole;
  readonly commonName: string;
  readonly publicKey: PublicKey;
  /** Fabric's client attributes; left out, the certificate has no such extension. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface CertificateAuthority {
  readonly certificatePem: string;
  /** Valid as long as the authority. PEM. */
  issue(request: LeafRequest): string;
  /** A TLS certificate for these host names and addresses. */
  issueServer(request: {
    readonly hosts: readonly [string, ...string[]];
    readonly publicKey: PublicKey;
    readonly validDays: number;
  }): string;
}

const DAY_MS = 86_400_000;
const AUTHORITY_VALID_DAYS = 20 * 365.25;
/** Certificates start in the past, so that a peer whose clock is slow takes them at once. */
const BACKDATED_MS = 10 * 60_000;

/** A self-signed P-256 authority that is valid for 20 years. */
export async function createCertificateAuthority(
  subject: DistinguishedName,
  dependencies: IdentityDependencies,
): Promise<KeyedCertificate> {
  const key = await generatePrivateKey("P-256");
  const nowMs = dependencies.clock.nowMs();
  const certificate = issueCertificate(
    {
      subject,
      publicKey: key.publicKey,
      notBeforeMs: nowMs - BACKDATED_MS,
      notAfterMs: nowMs + AUTHORITY_VALID_DAYS * DAY_MS,
      extensions: [authorityExtension(), keyUsageExtension("digitalSignature", "keyCertSign", "cRLSign")],
    },
    { nameDer: encodeName(subject), key },
    dependencies,
  );
  return { certificatePem: derToPem("CERTIFICATE", certificate), privateKeyDer: privateKeyToDer(key) };
}

/** @throws ConcordatError CERTIFICATE_INVALID or KEY_INVALID */
export function openCertificateAuthority(
  stored: KeyedCertificate,
  dependencies: IdentityDependencies,
): CertificateAuthority {
  const fields = readCertificateFields(stored.certificatePem);
  const issuer: Issuer = { nameDer: fields.subjectDer, key: privateKeyFromDer(stored.privateKeyDer) };
  const notBeforeMs = () => dependencies.clock.nowMs() - BACKDATED_MS;
  return {
    certificatePem: stored.certificatePem,
    issue({ role, commonName, publicKey, attributes }) {
      const request = {
        subject: [
          { type: "OU", value: role },
          { type: "CN", value: commonName },
        ] as const,
        publicKey,
        notBeforeMs: notBeforeMs(),
        notAfterMs: fields.notAfterMs,
        extensions: [
          leafExtension(),
          keyUsageExtension("digitalSignature"),
          ...(attributes === undefined ? [] : [fabricAttributesExtension(attributes)]),
        ],
      };
      return derToPem("CERTIFICATE", issueCertificate(request, issuer, dependencies));
    },
    issueServer({ hosts, publicKey, validDays }) {
      const request = {
        // Clients read the alternative names; a common name has room for 64 characters only.
        subject: [{ type: "CN", value: hosts[0].slice(0, 64) }] as const,
        publicKey,
        notBeforeMs: notBeforeMs(),
        notAfterMs: Math.min(fields.notAfterMs, dependencies.clock.nowMs() + validDays * DAY_MS),
        extensions: [
          leafExtension(),
          keyUsageExtension("digitalSignature"),
          tlsUsageExtension(),
          alternativeNamesExtension(hosts),
        ],
      };
      return derToPem("CERTIFICATE", issueCertificate(request, issuer, dependencies));
    },
  };
}

/** A fresh P-256 key and its certificate: what a principal or an administrator holds. */
export async function issueKeyedCertificate(
  authority: CertificateAuthority,
  request: Omit<LeafRequest, "publicKey">,
): Promise<KeyedCertificate> {
  const key: PrivateKey = await generatePrivateKey("P-256");
  return {
    certificatePem: authority.issue({ ...request, publicKey: key.publicKey }),
    privateKeyDer: privateKeyToDer(key),
  };
}

/** As {@link issueKeyedCertificate}, for a TLS server. */
export async function issueKeyedServerCertificate(
  authority: CertificateAuthority,
  request: { readonly hosts: readonly [string, ...string[]]; readonly validDays: number },
): Promise<KeyedCertificate> {
  const key = await generatePrivateKey("P-256");
  return {
    certificatePem: authority.issueServer({ ...request, publicKey: key.publicKey }),
    privateKeyDer: privateKeyToDer(key),
  };
}
