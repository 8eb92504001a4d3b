import type { Clock, RandomSource } from "@concordat/base";
import { identityFault } from "../errors.ts";
import {
  type CertifiedAlgorithm,
  type CertifiedKey,
  generateSigningKey,
  isSameKey,
  signingKeyFromDer,
  signingKeyToDer,
} from "../signing-keys.ts";
import { readCertificate } from "./certificate.ts";
import { type CertificateRequest, issueCertificate } from "./issue.ts";
import { issueRevocationList, type RevocationListRequest } from "./issue-revocation-list.ts";
import type { DistinguishedName } from "./names.ts";
import { derToPem } from "./pem.ts";
import type { CertificateRole, NodeRole } from "./roles.ts";
import { BACKDATED_MS, LEAF_VALID_DAYS, periodWithin, type ValidDays } from "./validity.ts";

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

/** What an authority signs with. Fabric itself reads P-256 only; SM2 is for organizations that stay within this server. */
export type AuthorityAlgorithm = "P-256" | "SM2";

export interface LeafRequest {
  readonly role: CertificateRole;
  readonly commonName: string;
  readonly publicKey: CertifiedKey;
  /** Fabric's client attributes; left out, the certificate has no such extension. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** 365 when left out; cut to the authority's own period. */
  readonly validDays?: ValidDays;
}

/** A TLS certificate for server and client side. */
export interface ServerRequest {
  /** DNS names and IP addresses; the first becomes the common name. */
  readonly hosts: readonly [string, ...string[]];
  readonly publicKey: CertifiedKey;
  /** 365 when left out; cut to the authority's own period. */
  readonly validDays?: ValidDays;
  /** Of a Fabric node: becomes the organizational unit. */
  readonly role?: NodeRole;
}

export interface CertificateAuthority {
  readonly certificatePem: string;
  readonly algorithm: CertifiedAlgorithm;
  readonly notAfterMs: number;
  /** PEM. @throws ConcordatError CERTIFICATE_NAME_INVALID, CERTIFICATE_VALIDITY_INVALID or AUTHORITY_EXPIRED */
  issue(request: LeafRequest): Promise<string>;
  /** PEM; throws as `issue` does. */
  issueServer(request: ServerRequest): Promise<string>;
  /** PEM. An expired authority still signs lists. @throws ConcordatError REVOCATION_ENTRY_INVALID or CERTIFICATE_VALIDITY_INVALID */
  revocationList(request: RevocationListRequest): Promise<string>;
}

const AUTHORITY_VALID_DAYS = 20 * 365.25;

/** A self-signed authority, valid for 20 years and with a P-256 key unless the options say otherwise. */
export async function createCertificateAuthority(
  subject: DistinguishedName,
  dependencies: IdentityDependencies,
  options: { readonly algorithm?: AuthorityAlgorithm; readonly validDays?: number } = {},
): Promise<KeyedCertificate> {
  const key = await generateSigningKey(options.algorithm ?? "P-256");
  const nowMs = dependencies.clock.nowMs();
  const unbounded = { notBeforeMs: nowMs - BACKDATED_MS, notAfterMs: Number.POSITIVE_INFINITY };
  const certificate = await issueCertificate(
    {
      subject,
      publicKey: key.publicKey,
      ...periodWithin(unbounded, options.validDays ?? AUTHORITY_VALID_DAYS, nowMs),
      purpose: { kind: "authority" },
    },
    { key },
    dependencies,
  );
  return { certificatePem: derToPem("CERTIFICATE", certificate), privateKeyDer: signingKeyToDer(key) };
}

/** @throws ConcordatError CERTIFICATE_INVALID, or KEY_INVALID when the key cannot be read or is not the certificate's */
export function openCertificateAuthority(
  stored: KeyedCertificate,
  dependencies: IdentityDependencies,
): CertificateAuthority {
  const own = readCertificate(stored.certificatePem);
  const key = signingKeyFromDer(stored.privateKeyDer);
  if (!own.extensions.isAuthority)
    throw identityFault("CERTIFICATE_INVALID", "The certificate is none of an authority.");
  if (own.publicKey === undefined || !isSameKey(own.publicKey, key.publicKey)) {
    throw identityFault("KEY_INVALID", "The authority's key is not the one that its certificate names.");
  }
  const issuer = { certificate: own, key };
  const issue = async (
    request: Pick<CertificateRequest, "subject" | "publicKey" | "purpose">,
    validDays: ValidDays = LEAF_VALID_DAYS,
  ) => {
    const period = periodWithin(own, validDays, dependencies.clock.nowMs());
    return derToPem("CERTIFICATE", await issueCertificate({ ...request, ...period }, issuer, dependencies));
  };
  return {
    certificatePem: stored.certificatePem,
    algorithm: key.algorithm,
    notAfterMs: own.notAfterMs,
    issue: ({ role, commonName, publicKey, attributes, validDays }) =>
      issue({ subject: subjectOf(commonName, role), publicKey, purpose: { kind: "identity", attributes } }, validDays),
    issueServer: ({ hosts, publicKey, role, validDays }) =>
      // Clients read the alternative names; a common name has room for 64 characters only.
      issue(
        { subject: subjectOf(hosts[0].slice(0, 64), role), publicKey, purpose: { kind: "server", hosts } },
        validDays,
      ),
    revocationList: (request) => issueRevocationList(request, issuer, dependencies.clock.nowMs()),
  };
}

function subjectOf(commonName: string, role: CertificateRole | undefined): DistinguishedName {
  const name = { type: "CN", value: commonName } as const;
  return role === undefined ? [name] : [{ type: "OU", value: role }, name];
}

/** A fresh key and its certificate: what a principal, an administrator or a node holds. The key is as its authority's. */
export async function issueKeyedCertificate(
  authority: CertificateAuthority,
  request: Omit<LeafRequest, "publicKey">,
): Promise<KeyedCertificate> {
  const key = await generateSigningKey(authority.algorithm === "SM2" ? "SM2" : "P-256");
  return {
    certificatePem: await authority.issue({ ...request, publicKey: key.publicKey }),
    privateKeyDer: signingKeyToDer(key),
  };
}

/** A fresh P-256 key and its TLS certificate. */
export async function issueKeyedServerCertificate(
  authority: CertificateAuthority,
  request: Omit<ServerRequest, "publicKey">,
): Promise<KeyedCertificate> {
  const key = await generateSigningKey("P-256");
  return {
    certificatePem: await authority.issueServer({ ...request, publicKey: key.publicKey }),
    privateKeyDer: signingKeyToDer(key),
  };
}
