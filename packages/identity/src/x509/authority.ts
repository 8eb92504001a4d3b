import { X509Certificate } from "node:crypto";
import type { Clock, RandomSource } from "@concordat/base";
import { identityFault } from "../errors.ts";
import { generatePrivateKey, type PrivateKey, type PublicKey, privateKeyFromDer, privateKeyToDer } from "../keys.ts";
import { type CertificateRequest, type CertifiedKey, type Issuer, issueCertificate } from "./issue.ts";
import type { DistinguishedName } from "./names.ts";
import { certificateFromPem, derToPem } from "./pem.ts";

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
  readonly publicKey: CertifiedKey;
  /** Fabric's client attributes; left out, the certificate has no such extension. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface CertificateAuthority {
  readonly certificatePem: string;
  /** Valid as long as the authority. PEM. */
  issue(request: LeafRequest): Promise<string>;
  /** A TLS certificate for these host names and addresses. */
  issueServer(request: {
    readonly hosts: readonly [string, ...string[]];
    readonly publicKey: PublicKey;
    readonly validDays: number;
  }): Promise<string>;
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
  const certificate = await issueCertificate(
    {
      subject,
      publicKey: key.publicKey,
      notBeforeMs: nowMs - BACKDATED_MS,
      notAfterMs: nowMs + AUTHORITY_VALID_DAYS * DAY_MS,
      purpose: { kind: "authority" },
    },
    { key },
    dependencies,
  );
  return { certificatePem: derToPem("CERTIFICATE", certificate), privateKeyDer: privateKeyToDer(key) };
}

/** @throws ConcordatError CERTIFICATE_INVALID or KEY_INVALID */
export function openCertificateAuthority(
  stored: KeyedCertificate,
  dependencies: IdentityDependencies,
): CertificateAuthority {
  const certificate = certificateFromPem(stored.certificatePem);
  const expiresMs = notAfterMs(certificate);
  const issuer: Issuer = { certificate, key: privateKeyFromDer(stored.privateKeyDer) };
  const issue = async (request: Omit<CertificateRequest, "notBeforeMs">) => {
    const dated = { ...request, notBeforeMs: dependencies.clock.nowMs() - BACKDATED_MS };
    return derToPem("CERTIFICATE", await issueCertificate(dated, issuer, dependencies));
  };
  return {
    certificatePem: stored.certificatePem,
    issue: ({ role, commonName, publicKey, attributes }) =>
      issue({
        subject: [
          { type: "OU", value: role },
          { type: "CN", value: commonName },
        ],
        publicKey,
        notAfterMs: expiresMs,
        purpose: { kind: "identity", attributes },
      }),
    issueServer: ({ hosts, publicKey, validDays }) =>
      issue({
        // Clients read the alternative names; a common name has room for 64 characters only.
        subject: [{ type: "CN", value: hosts[0].slice(0, 64) }],
        publicKey,
        notAfterMs: Math.min(expiresMs, dependencies.clock.nowMs() + validDays * DAY_MS),
        purpose: { kind: "server", hosts },
      }),
  };
}

function notAfterMs(certificate: Uint8Array): number {
  try {
    return new X509Certificate(certificate).validToDate.getTime();
  } catch (cause) {
    throw identityFault("CERTIFICATE_INVALID", "The authority's certificate cannot be read.", { cause });
  }
}

/** A fresh P-256 key and its certificate: what a principal or an administrator holds. */
export async function issueKeyedCertificate(
  authority: CertificateAuthority,
  request: Omit<LeafRequest, "publicKey">,
): Promise<KeyedCertificate> {
  const key: PrivateKey = await generatePrivateKey("P-256");
  return {
    certificatePem: await authority.issue({ ...request, publicKey: key.publicKey }),
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
    certificatePem: await authority.issueServer({ ...request, publicKey: key.publicKey }),
    privateKeyDer: privateKeyToDer(key),
  };
}
