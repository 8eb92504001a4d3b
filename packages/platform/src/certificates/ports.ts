import { REVOCATION_REASON } from "@concordat/identity";
import type { CertificateRow } from "../control-store/rows.ts";
import type { MspFile } from "./msp-export.ts";

export type CertificatePurpose = CertificateRow["purpose"];
export type CertificateRole = CertificateRow["role"];
export type CertificateStatus = CertificateRow["status"];

/** Serial numbers are unique for each authority; drawn at random, so also for each organization and purpose. */
export interface CertificateId {
  readonly mspId: string;
  readonly purpose: CertificatePurpose;
  /** Lower-case hex, without leading zeros. */
  readonly serialNumber: string;
}

// There are no attribute authorities here.
const { aaCompromise: _none, ...reasons } = REVOCATION_REASON;

/** Why a certificate stopped counting. */
export const revocationReasons = reasons;

/** `certificateHold` is what freezing says. */
export type ReasonName = keyof typeof revocationReasons;
export type RevocationReason = Exclude<ReasonName, "certificateHold">;

export interface Certificate extends CertificateId {
  readonly role: CertificateRole;
  readonly commonName: string;
  /** The principal that it speaks for; null for nodes and what was enrolled by name. */
  readonly uid: string | null;
  readonly certificatePem: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly status: CertificateStatus;
  readonly reason: ReasonName | null;
  readonly statusMs: number;
  /** Whether its private key is kept here, sealed: then it is renewed by itself. */
  readonly isKeyHeld: boolean;
  /** False once a newer one of the same name took its place. */
  readonly isCurrent: boolean;
}

/** Roles that can be asked for: identities are those of Fabric's NodeOUs, TLS certificates belong to nodes, clients or plain servers. */
export const enrolmentRoles = {
  identity: ["admin", "client", "peer", "orderer"],
  tls: ["peer", "orderer", "client", "server"],
} as const satisfies Readonly<Record<CertificatePurpose, readonly CertificateRole[]>>;

export type EnrolmentRole = (typeof enrolmentRoles)[CertificatePurpose][number];

export interface Enrolment {
  readonly mspId: string;
  readonly purpose: CertificatePurpose;
  readonly role: EnrolmentRole;
  /** 1 to 64 printable characters. For TLS it is the first host. */
  readonly commonName: string;
  /** TLS only: further DNS names and addresses, at most 32. */
  readonly hosts?: readonly string[];
  /** Identities only: Fabric's attributes, at most 32. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** 1 to 3650; 365 when left out. Never beyond the authority's own end. */
  readonly validDays?: number;
  /** PKCS#10, PEM. Left out, the key is made here, answered once, and kept sealed for renewals. */
  readonly certificateRequestPem?: string;
  /** Identities only: answers the holder's MSP folder too, with the key if it was made here. */
  readonly withFolder?: boolean;
}

export interface Enrolled {
  readonly certificate: Certificate;
  /** PKCS#8, PEM: answered here and nowhere else. Null when the key was made elsewhere. */
  readonly privateKeyPem: string | null;
  readonly authorityPem: string;
  readonly files?: readonly MspFile[];
}

export interface CertificateFilter {
  readonly mspId?: string;
  readonly purpose?: CertificatePurpose;
  readonly role?: CertificateRole;
  readonly status?: CertificateStatus;
  readonly uid?: string;
  /** Part of the common name, case mattering. */
  readonly commonName?: string;
  readonly expiresBeforeMs?: number;
  /** Leaves out what a newer one has replaced. */
  readonly currentOnly?: boolean;
  readonly offset: number;
  /** 1 to 1000. */
  readonly limit: number;
}

export interface RevocationListFile {
  /** SHA-256 of the authority's certificate, hex. */
  readonly authority: string;
  readonly isRetired: boolean;
  readonly number: number;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  readonly entryCount: number;
  readonly pem: string;
}

/** Who would feel that a certificate is no longer valid. */
export interface CertificateUser {
  readonly kind: "principal" | "channel" | "node" | "listener" | "organization";
  readonly id: string;
}

/** What one certificate's end would mean. */
export interface ExpiryFinding {
  readonly kind: "certificate" | "authority" | "listener";
  /** As alarms name it. */
  readonly resource: string;
  readonly mspId: string | null;
  readonly commonName: string;
  readonly role: CertificateRole | null;
  /** From then on. */
  readonly expiresMs: number;
  readonly users: readonly CertificateUser[];
  /** What stops then, in a sentence. */
  readonly effect: string;
  /** Whether the server renews it before, as long as it runs. */
  readonly isRenewedHere: boolean;
  /** What to do, in a sentence. */
  readonly remedy: string;
}

export interface AlarmFilter {
  /** Those that were not cleared. */
  readonly openOnly?: boolean;
  readonly severity?: "warning" | "major" | "critical";
  readonly kind?: string;
  readonly offset: number;
  /** 1 to 1000. */
  readonly limit: number;
}
