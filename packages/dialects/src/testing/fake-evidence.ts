import { hash } from "node:crypto";
import type { DataPlatform, DeviceSignature, EvidenceRecord } from "@concordat/platform";
import { CHAIN, type Enter, fakeBlock, refuseWith } from "./fake-chains.ts";
import { ACCOUNT } from "./fake-principals.ts";

export interface EvidenceWrite {
  readonly chainCode: string;
  readonly key: string;
  readonly value: string;
  readonly businessId?: string | undefined;
  readonly device?: DeviceSignature | undefined;
}

/** Keeps what is written and reads it back; `written` hears of each write. */
export function fakeEvidence(
  enter: Enter,
  written: (input: EvidenceWrite, timestampMs: number) => void,
): DataPlatform["evidence"] {
  const records: EvidenceRecord[] = [];
  const of = (key: string) => records.filter((record) => record.key === key);
  const find = (key: string, businessId: string | undefined): EvidenceRecord => {
    const found = of(key).findLast((record) => businessId === undefined || record.businessId === businessId);
    if (found === undefined) throw refuseWith("EVIDENCE_UNKNOWN");
    return found;
  };
  const write = (input: EvidenceWrite, nonce: string) => {
    const { key, value, businessId, device } = input;
    const sequence = of(key).length + 1;
    const txId = hash("sha256", `${nonce}${key}${sequence}`, "hex");
    const timestampMs = 1_600_000_000_000 + sequence;
    records.push({
      key,
      sequence,
      value,
      digest: hash("sha256", value, "hex"),
      businessId: businessId ?? String(sequence).padStart(16, "0"),
      dataTypeCode: "0X58",
      writerUid: ACCOUNT.uid,
      deviceId: device?.iotId ?? "",
      productKey: device?.serviceProvider ?? "",
      txId,
      timestampMs,
    });
    written(input, timestampMs);
    return { txIds: [txId] };
  };
  return {
    set: async (_caller, input, { nonce }) => {
      enter("evidence.set");
      return write(input, nonce);
    },
    attach: async (_caller, input, { nonce }) => {
      enter("evidence.attach");
      return write(input, nonce);
    },
    get: async (_caller, { key, businessId }) => {
      enter("evidence.get");
      return find(key, businessId);
    },
    blockData: async (_caller, { key, businessId }) => {
      enter("evidence.blockData");
      const record = find(key, businessId);
      const block = fakeBlock(record.sequence);
      return { record, chainName: CHAIN.name, organizationNames: ["Carrier", "Shipper"], block };
    },
    historyCount: async (_caller, { key }) => {
      enter("evidence.historyCount");
      return of(key).length;
    },
    history: async (_caller, { key, page, pageSize }) => {
      enter("evidence.history");
      const all = of(key).reverse();
      const from = (page - 1) * pageSize;
      const shown = all.slice(from, from + pageSize);
      return {
        chainName: CHAIN.name,
        total: all.length,
        records: shown.map((record, index) => ({ ...record, block: record.sequence, rank: from + index + 1 })),
      };
    },
    findByDigest: async (_caller, { digest }) => {
      enter("evidence.findByDigest");
      return records.filter((record) => record.digest === digest.toLowerCase());
    },
  };
}
