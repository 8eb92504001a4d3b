import { certificateSummary, derToPem, type Sealer } from "@concordat/identity";
import type {
  CertificateRow,
  ControlChange,
  OrganizationRow,
  PrincipalRow,
  SmCheckpointKeyRow,
} from "../control-store/rows.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import type { CertificateId } from "./ports.ts";

export interface NewRecord {
  readonly mspId: string;
  readonly purpose: CertificateRow["purpose"];
  readonly role: CertificateRow["role"];
  /** Null for what speaks for no principal. */
  readonly uid: string | null;
  readonly certificatePem: string;
  /** PKCS#8; null when it was made elsewhere. */
  readonly privateKeyDer: Uint8Array | null;
  readonly nowMs: number;
}

/** The row of a certificate that was just issued. */
export function certificateRecord(input: NewRecord, sealer: Sealer): CertificateRow {
  const { serialNumber, commonName, notBeforeMs, notAfterMs } = certificateSummary(input.certificatePem);
  const { mspId, purpose, role, uid, certificatePem, privateKeyDer, nowMs } = input;
  const sealingPurpose = sealingPurposes.certificateKey(mspId, purpose, serialNumber);
  return {
    mspId,
    purpose,
    serialNumber,
    role,
    commonName: commonName ?? "",
    uid,
    certificatePem,
    keySealed: privateKeyDer === null ? null : sealer.seal(sealingPurpose, privateKeyDer),
    notBeforeMs,
    notAfterMs,
    status: "good",
    reason: null,
    statusMs: nowMs,
    replacedBy: null,
  };
}

export function openCertificateKey(row: CertificateRow, sealer: Sealer): Uint8Array | undefined {
  if (row.keySealed === null) return undefined;
  return sealer.open(sealingPurposes.certificateKey(row.mspId, row.purpose, row.serialNumber), row.keySealed);
}

/** The certificates that an organization begins with: its administrator's and its checkpoint key's. */
export function organizationRecords(row: OrganizationRow, sealer: Sealer): CertificateRow[] {
  const open = (key: "admin" | "checkpoint", sealed: Uint8Array) =>
    sealer.open(sealingPurposes.organizationKey(row.mspId, key), sealed);
  const common = { mspId: row.mspId, purpose: "identity", uid: null, nowMs: row.createdMs } as const;
  const admin = { certificatePem: row.adminCertificatePem, privateKeyDer: open("admin", row.adminKeySealed) };
  const checkpoint = {
    certificatePem: derToPem("CERTIFICATE", row.checkpointCertificate),
    privateKeyDer: open("checkpoint", row.checkpointKeySealed),
  };
  return [
    certificateRecord({ ...common, ...admin, role: "admin" }, sealer),
    certificateRecord({ ...common, ...checkpoint, role: "checkpoint" }, sealer),
  ];
}

export function smCheckpointRecord(row: SmCheckpointKeyRow, sealer: Sealer): CertificateRow {
  const { mspId, keySealed, createdMs: nowMs } = row;
  const privateKeyDer = sealer.open(sealingPurposes.organizationKey(mspId, "sm-checkpoint"), keySealed);
  const certificatePem = derToPem("CERTIFICATE", row.certificate);
  const input = {
    mspId,
    purpose: "identity",
    role: "checkpoint",
    uid: null,
    certificatePem,
    privateKeyDer,
    nowMs,
  } as const;
  return certificateRecord(input, sealer);
}

export function principalRecord(row: PrincipalRow, sealer: Sealer): CertificateRow {
  const { mspId, uid, certificatePem, createdMs: nowMs } = row;
  const privateKeyDer = sealer.open(sealingPurposes.principalKey(uid), row.privateKeySealed);
  const input = { mspId, purpose: "identity", role: "client", uid, certificatePem, privateKeyDer, nowMs } as const;
  return certificateRecord(input, sealer);
}

export function toChanges(rows: readonly CertificateRow[]): ControlChange[] {
  return rows.map((row) => ({ table: "certificates", row }));
}

/** As audit entries and alarms name a certificate. */
export function certificateName({ mspId, purpose, serialNumber }: CertificateId): string {
  return `${mspId}/${purpose}/${serialNumber}`;
}
