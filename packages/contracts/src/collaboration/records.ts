import type { ContractStub } from "@concordat/ledger/contract-api";
import type { CollaborationRecordJson, RelatedRecordJson } from "./answers.ts";
import { digestOf, type StoredData, type StoredRelated, sequenceOf } from "./data.ts";
import { type Phase, readPhase } from "./rows.ts";

/** Says records in full, with the present names of their phases; each phase is read once. */
export class RecordViews {
  readonly #stub: ContractStub;
  readonly #phases = new Map<string, Promise<Phase | undefined>>();

  constructor(stub: ContractStub) {
    this.#stub = stub;
  }

  async of(phaseId: string, dataKey: string, record: StoredData): Promise<CollaborationRecordJson> {
    const phase = await this.#phase(phaseId);
    return {
      groupId: phase?.group ?? "",
      phaseId,
      phaseName: phase?.name ?? "",
      phaseCode: phase?.code ?? "",
      dataKey,
      dataSeq: sequenceOf(record),
      kind: record.digest === undefined ? "text" : "digest",
      value: record.digest ?? record.text ?? "",
      digest: digestOf(record),
      writerUid: record.writer,
      iotId: record.device ?? "",
      productKey: record.product ?? "",
      txId: record.tx,
      timestampMs: record.time,
      related: await Promise.all((record.related ?? []).map((related) => this.#related(related))),
    };
  }

  async #related({ phase: phaseId, key, seq, digest }: StoredRelated): Promise<RelatedRecordJson> {
    const phase = await this.#phase(phaseId);
    return {
      phaseId,
      phaseName: phase?.name ?? "",
      phaseCode: phase?.code ?? "",
      dataKey: key,
      dataSeq: seq,
      digest,
    };
  }

  #phase(phaseId: string): Promise<Phase | undefined> {
    const known = this.#phases.get(phaseId) ?? readPhase(this.#stub, phaseId);
    this.#phases.set(phaseId, known);
    return known;
  }
}
