import type { Sealer } from "@concordat/identity";
import { derToPem } from "@concordat/identity";
import type { CertificateRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { organizationRecords, principalRecord, smCheckpointRecord, toChanges } from "./records.ts";

/**
 * Records the certificates that organizations and principals hold and that have no row: those of releases that kept none. Compares texts
 * only while there is nothing to do.
 * @returns how many were recorded
 */
export async function recordMissingCertificates(dependencies: {
  readonly directory: Directory;
  readonly sealer: Sealer;
}): Promise<number> {
  const { directory } = dependencies;
  if (missing(dependencies).length === 0) return 0;
  return directory.change(async () => {
    const rows = missing(dependencies).flatMap((make) => make());
    return { changes: toChanges(rows), result: rows.length };
  });
}

type MakeRows = () => readonly CertificateRow[];

function missing({ directory, sealer }: { readonly directory: Directory; readonly sealer: Sealer }): MakeRows[] {
  const known = new Set(
    directory
      .table("certificates")
      .all()
      .map((row) => row.certificatePem),
  );
  const isKnown = (der: Uint8Array) => known.has(derToPem("CERTIFICATE", der));
  const unknown = (rows: readonly CertificateRow[]) => rows.filter((row) => !known.has(row.certificatePem));
  const organizations = directory
    .table("organizations")
    .all()
    .filter((row) => !known.has(row.adminCertificatePem) || !isKnown(row.checkpointCertificate))
    .map((row) => () => unknown(organizationRecords(row, sealer)));
  const smKeys = directory
    .table("smCheckpointKeys")
    .all()
    .filter((row) => !isKnown(row.certificate))
    .map((row) => () => [smCheckpointRecord(row, sealer)]);
  const principals = directory
    .table("principals")
    .all()
    .filter((row) => !known.has(row.certificatePem))
    .map((row) => () => [principalRecord(row, sealer)]);
  return [...organizations, ...smKeys, ...principals];
}
