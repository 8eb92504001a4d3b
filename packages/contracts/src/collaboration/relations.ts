import type { ContractStub } from "@concordat/ledger/contract-api";
import { sha256Hex } from "../text.ts";
import type { RelatedItemJson } from "./answers.ts";
import { digestOf, type StoredData, type StoredRelated, sequenceOf } from "./data.ts";
import type { DataKeys } from "./data-keys.ts";
import { refuse } from "./refusals.ts";
import { type Phase, readPhase } from "./rows.ts";

/** Looks up what items refer to: in their own group, on the ledger and among the items before them. */
export class Relations {
  readonly #stub: ContractStub;
  readonly #groupId: string;
  readonly #keys: DataKeys;
  readonly #phases = new Map<string, Promise<Phase | undefined>>();

  constructor(stub: ContractStub, groupId: string, keys: DataKeys) {
    this.#stub = stub;
    this.#groupId = groupId;
    this.#keys = keys;
  }

  /** @throws ContractRefusal RELATED_DATA_REFUSED */
  async resolve(related: readonly RelatedItemJson[]): Promise<readonly StoredRelated[]> {
    const resolved: StoredRelated[] = [];
    for (const each of related) resolved.push(await this.#resolveOne(each));
    return resolved;
  }

  async #resolveOne({ phaseId, phaseCode, dataKey, dataSeq, phaseData }: RelatedItemJson): Promise<StoredRelated> {
    const phase = await this.#phase(phaseId);
    if (phase?.group !== this.#groupId) refuse("RELATED_DATA_REFUSED", "Related data is of no phase of the group.");
    if (phaseCode !== undefined && phaseCode !== phase.code) {
      refuse("RELATED_DATA_REFUSED", "The key of related data names another phase.");
    }
    const found = await (await this.#keys.at(phaseId, dataKey)).find(dataSeq);
    if (found === undefined) refuse("RELATED_DATA_REFUSED", "Related data is not on chain.");
    if (!isDataOf(found.record, phaseData)) refuse("RELATED_DATA_REFUSED", "Related data is other data on chain.");
    const { number, record } = found;
    return { phase: phaseId, key: dataKey, seq: sequenceOf(record), number, digest: digestOf(record) };
  }

  #phase(phaseId: string): Promise<Phase | undefined> {
    const known = this.#phases.get(phaseId) ?? readPhase(this.#stub, phaseId);
    this.#phases.set(phaseId, known);
    return known;
  }
}

/** Whether this is the record's data; of a digest record also its digest itself. */
function isDataOf(record: StoredData, given: string): boolean {
  const digest = digestOf(record);
  return sha256Hex(given) === digest || (record.digest !== undefined && given.toLowerCase() === digest);
}
