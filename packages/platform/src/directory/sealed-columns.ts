import type { Sealer } from "@concordat/identity";
import type { ControlChange, ControlTableName, ControlTables } from "../control-store/rows.ts";
import { sealingPurposes } from "./sealing-purposes.ts";

type SealedColumns = {
  readonly [Name in ControlTableName]?: {
    readonly [Column in keyof ControlTables[Name] & `${string}ealed`]: (row: ControlTables[Name]) => string;
  };
};

/** Every column of the directory that holds a sealed secret, and the purpose that it is sealed for. */
export const sealedColumns = {
  organizations: {
    caKeySealed: ({ mspId }) => sealingPurposes.organizationKey(mspId, "ca"),
    tlsCaKeySealed: ({ mspId }) => sealingPurposes.organizationKey(mspId, "tls-ca"),
    adminKeySealed: ({ mspId }) => sealingPurposes.organizationKey(mspId, "admin"),
    checkpointKeySealed: ({ mspId }) => sealingPurposes.organizationKey(mspId, "checkpoint"),
  },
  smCheckpointKeys: { keySealed: ({ mspId }) => sealingPurposes.organizationKey(mspId, "sm-checkpoint") },
  retiredAuthorities: { keySealed: ({ fingerprint }) => sealingPurposes.retiredAuthorityKey(fingerprint) },
  principals: { privateKeySealed: ({ uid }) => sealingPurposes.principalKey(uid) },
  accessKeys: { secretSealed: ({ accessKeyId }) => sealingPurposes.accessKeySecret(accessKeyId) },
  bidKeys: { keySealed: ({ uid }) => sealingPurposes.bidKey(uid) },
  devices: { keySealed: ({ iotId }) => sealingPurposes.deviceKey(iotId) },
  signingKeys: { keySealed: ({ keyId }) => sealingPurposes.signingKey(keyId) },
  certificates: {
    keySealed: ({ mspId, purpose, serialNumber }) => sealingPurposes.certificateKey(mspId, purpose, serialNumber),
  },
} as const satisfies SealedColumns;

/** The tables with sealed columns. */
export const sealedTables = Object.keys(sealedColumns) as readonly (keyof typeof sealedColumns)[];

/** The sealed values of a row: those that are not there (a key made elsewhere) are left out. */
export function sealedValues(
  table: keyof typeof sealedColumns,
  row: object,
): readonly { readonly column: string; readonly purpose: string; readonly envelope: Uint8Array }[] {
  // A row's type follows from its table's name; the loop over all tables has lost it.
  const columns = Object.entries(sealedColumns[table]) as unknown as [string, (row: object) => string][];
  const values = row as Readonly<Record<string, unknown>>;
  return columns.flatMap(([column, purposeOf]) => {
    const envelope = values[column];
    return envelope instanceof Uint8Array ? [{ column, purpose: purposeOf(row), envelope }] : [];
  });
}

/** The row with every value sealed anew by the sealer's present key. */
export function resealedRow(table: keyof typeof sealedColumns, row: object, sealer: Sealer): ControlChange {
  const resealed = sealedValues(table, row).map(
    ({ column, purpose, envelope }) => [column, sealer.seal(purpose, sealer.open(purpose, envelope))] as const,
  );
  return { table, row: { ...row, ...Object.fromEntries(resealed) } } as unknown as ControlChange;
}
