import { type Clock, isConcordatError, type RandomSource } from "@concordat/base";
import {
  type CertificateAuthority,
  certificateSummary,
  type KeyedCertificate,
  openCertificateAuthority,
  type Sealer,
} from "@concordat/identity";
import type { CertificateRow, OrganizationRow, RetiredAuthorityRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import { PlatformError } from "../errors.ts";
import type { CertificatePurpose } from "./ports.ts";

export interface AuthoritiesDependencies {
  readonly directory: Directory;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** An authority that an organization has, had, or is about to have. */
export interface KnownAuthority {
  readonly mspId: string;
  readonly purpose: CertificatePurpose;
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint: string;
  readonly certificatePem: string;
  readonly notAfterMs: number;
  /** `next` is one that a rotation has made and not yet put in its place. */
  readonly standing: "present" | "retired" | "next";
}

/** The name of the setting that says which authority a rotation has made. */
export function nextAuthoritySetting(mspId: string, purpose: CertificatePurpose): string {
  return `next-authority/${mspId}/${purpose}`;
}

/** The authorities of the organizations: which there are, which issued what, and opened for issuing. */
export class Authorities {
  readonly #dependencies: AuthoritiesDependencies;
  readonly #retiredOf: (mspId: string) => RetiredAuthorityRow[];
  /** Certificates do not change: what was read of one stays right. */
  readonly #summaries = new Map<string, ReturnType<typeof certificateSummary>>();

  constructor(dependencies: AuthoritiesDependencies) {
    this.#dependencies = dependencies;
    this.#retiredOf = dependencies.directory.table("retiredAuthorities").index((row) => row.mspId);
  }

  /** @throws PlatformError ORGANIZATION_UNKNOWN */
  organization(mspId: string): OrganizationRow {
    const row = this.#dependencies.directory.organization(mspId);
    if (row === undefined) throw new PlatformError("ORGANIZATION_UNKNOWN");
    return row;
  }

  present(mspId: string, purpose: CertificatePurpose): KnownAuthority {
    return this.#known(mspId, purpose, presentPem(this.organization(mspId), purpose), "present");
  }

  /** The present one first, then the others by the time of their end. */
  all(mspId: string, purpose: CertificatePurpose): KnownAuthority[] {
    const { directory } = this.#dependencies;
    const next = directory.setting(nextAuthoritySetting(mspId, purpose));
    const others = this.#retiredOf(mspId)
      .filter((row) => row.purpose === purpose)
      .sort((a, b) => b.retiredMs - a.retiredMs)
      .map((row) => this.#known(mspId, purpose, row.certificatePem, row.fingerprint === next ? "next" : "retired"));
    return [this.present(mspId, purpose), ...others];
  }

  /** The authority that signed a certificate, told by its key identifier. */
  issuerOf(row: Pick<CertificateRow, "mspId" | "purpose" | "certificatePem">): KnownAuthority | undefined {
    const { authorityKeyIdentifier } = certificateSummary(row.certificatePem);
    return this.all(row.mspId, row.purpose).find(
      ({ certificatePem }) => this.#summary(certificatePem).subjectKeyIdentifier === authorityKeyIdentifier,
    );
  }

  /** Opened for issuing, at the time of `clock`. */
  open(authority: KnownAuthority, clock: Pick<Clock, "nowMs"> = this.#dependencies.clock): CertificateAuthority {
    const { random } = this.#dependencies;
    return openCertificateAuthority(this.#keyed(authority), { clock, random });
  }

  /** Certificate and private key, for what opens them itself. */
  keyed(authority: KnownAuthority): KeyedCertificate {
    return this.#keyed(authority);
  }

  #keyed({ mspId, purpose, fingerprint, certificatePem, standing }: KnownAuthority): KeyedCertificate {
    const { directory, sealer } = this.#dependencies;
    if (standing === "present") {
      const organization = this.organization(mspId);
      const key = purpose === "identity" ? "ca" : "tls-ca";
      const sealed = purpose === "identity" ? organization.caKeySealed : organization.tlsCaKeySealed;
      return { certificatePem, privateKeyDer: sealer.open(sealingPurposes.organizationKey(mspId, key), sealed) };
    }
    const row = directory.row("retiredAuthorities", fingerprint);
    if (row === undefined) throw new PlatformError("ORGANIZATION_UNKNOWN");
    return {
      certificatePem,
      privateKeyDer: sealer.open(sealingPurposes.retiredAuthorityKey(fingerprint), row.keySealed),
    };
  }

  #known(
    mspId: string,
    purpose: CertificatePurpose,
    certificatePem: string,
    standing: KnownAuthority["standing"],
  ): KnownAuthority {
    const { fingerprint, notAfterMs } = this.#summary(certificatePem);
    return { mspId, purpose, fingerprint, certificatePem, notAfterMs, standing };
  }

  #summary(pem: string) {
    const summary = this.#summaries.get(pem) ?? certificateSummary(pem);
    this.#summaries.set(pem, summary);
    return summary;
  }
}

export function presentPem(row: OrganizationRow, purpose: CertificatePurpose): string {
  return purpose === "identity" ? row.caCertificatePem : row.tlsCaCertificatePem;
}

/** Runs work on certificates and says in the platform's words what is wrong with what was asked for. */
export async function refusingRequests<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isConcordatError(error) || error instanceof PlatformError) throw error;
    const code = requestFaults[error.code];
    if (code === undefined) throw error;
    const remedy = error.remedy === undefined ? {} : { remedy: error.remedy };
    throw new PlatformError(code, error.message, { ...remedy, cause: error });
  }
}

const requestFaults: Readonly<Record<string, "CERTIFICATE_REQUEST_INVALID" | "CERTIFICATE_STATE_REFUSED">> = {
  CERTIFICATE_REQUEST_INVALID: "CERTIFICATE_REQUEST_INVALID",
  CERTIFICATE_NAME_INVALID: "CERTIFICATE_REQUEST_INVALID",
  CERTIFICATE_VALIDITY_INVALID: "CERTIFICATE_REQUEST_INVALID",
  AUTHORITY_EXPIRED: "CERTIFICATE_STATE_REFUSED",
};
