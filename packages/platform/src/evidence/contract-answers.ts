import { bytesToUtf8 } from "@concordat/base";
import type { EvidenceRecordJson } from "@concordat/contracts";

/** What the evidence contract answers is JSON that it wrote itself. */
export function parseRecord(bytes: Uint8Array): EvidenceRecordJson {
  return JSON.parse(bytesToUtf8(bytes)) as EvidenceRecordJson;
}

export function parseRecords(bytes: Uint8Array): readonly EvidenceRecordJson[] {
  return JSON.parse(bytesToUtf8(bytes)) as readonly EvidenceRecordJson[];
}

export function parseHistory(bytes: Uint8Array): {
  readonly total: number;
  readonly records: readonly EvidenceRecordJson[];
} {
  return JSON.parse(bytesToUtf8(bytes)) as { readonly total: number; readonly records: readonly EvidenceRecordJson[] };
}

export function parseCount(bytes: Uint8Array): number {
  return Number(bytesToUtf8(bytes));
}
