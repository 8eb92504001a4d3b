import { isConcordatError } from "@concordat/base";
import { type CollaborationRecordJson, phaseDataRowKey } from "@concordat/contracts";
import type { Ledger } from "@concordat/ledger";
import { chainActions } from "../access/actions.ts";
import { requireChainPage } from "../chains/pages.ts";
import type { DeviceGate } from "../devices/device-gate.ts";
import type { QuotaGate } from "../evidence/quota-gate.ts";
import { platformLimits } from "../limits.ts";
import type { BusinessChain, CallNonce, Principal, WriteOutcome } from "../ports.ts";
import type { Page } from "../tenancy/ports.ts";
import type { CollaborationLedger } from "./collaboration-ledger.ts";
import { type DataName, requireNamedPhase, toDataName } from "./data-names.ts";
import { placeRecord, placeRecords, toNodes } from "./placed-records.ts";
import type { Collaboration, PhaseUpload, PlacedPhaseRecord, Provenance } from "./ports.ts";
import { requireNodeLimit, requireWindow } from "./rules.ts";
import { amountOf, checkUpload } from "./upload-rules.ts";

type Data = Pick<Collaboration, "upload" | "describe" | "history" | "provenance">;

export interface PhaseDataDependencies {
  readonly collaboration: CollaborationLedger;
  readonly ledger: Ledger;
  readonly quotas: QuotaGate;
  readonly deviceGate: DeviceGate;
}

const uploadFunctions = {
  text: { single: "uploadText", batch: "uploadTextBatch" },
  digest: { single: "uploadDigest", batch: "uploadDigestBatch" },
} as const;

/** The data of phases: uploads, and reading them with their blocks and with what they depend on. */
export class PhaseData implements Data {
  readonly #dependencies: PhaseDataDependencies;

  constructor(dependencies: PhaseDataDependencies) {
    this.#dependencies = dependencies;
  }

  /** The order of the rules stands in upload-rules.ts. */
  async upload(caller: Principal, input: PhaseUpload, nonce: CallNonce): Promise<WriteOutcome> {
    const { collaboration, quotas, deviceGate } = this.#dependencies;
    const chain = collaboration.place(caller, input.bizChainId, chainActions.writePhaseData);
    const items = checkUpload(chain, input);
    if (input.device !== undefined) {
      // A digest may be the one of what the device signed.
      const digests = input.kind === "digest" && !input.isBatch ? items.map(({ phaseData }) => phaseData) : [];
      deviceGate.checkForm(input.device, input.signedTexts ?? [], digests);
    }
    collaboration.requireWritable(chain);
    const device = input.device === undefined ? "" : deviceGate.admit(chain, input.device);
    const fn = uploadFunctions[input.kind][input.isBatch ? "batch" : "single"];
    const json = JSON.stringify(input.isBatch ? items : items[0]);
    const call = { fn, args: [input.phaseGroupId, input.phaseId, json, device] };
    const { txId } = await quotas.run(chain, amountOf(items), () => collaboration.submit(caller, chain, call, nonce));
    return { txIds: [txId] };
  }

  async describe(caller: Principal, input: Parameters<Data["describe"]>[1]): Promise<PlacedPhaseRecord> {
    const { collaboration, ledger } = this.#dependencies;
    const chain = collaboration.place(caller, input.bizChainId, chainActions.readPhaseData);
    const name = toDataName(chain, input);
    const record = await this.#record(caller, chain, name);
    return placeRecord(ledger, chain, record);
  }

  async history(caller: Principal, query: Parameters<Data["history"]>[1]): Promise<Page<PlacedPhaseRecord>> {
    const { collaboration, ledger } = this.#dependencies;
    const chain = collaboration.place(caller, query.bizChainId, chainActions.readPhaseData);
    const { bizChainId: _, window, page, pageSize, ...given } = query;
    const name = toDataName(chain, given);
    requireWindow(window);
    requireChainPage(query);
    if (name.phaseCode !== undefined && !(await this.#isThere(caller, chain, name))) return { total: 0, items: [] };
    const { phaseGroupId, phaseId, dataKey } = name;
    const numbers = [window.startMs, window.endMs, page, pageSize].map(String);
    const { total, records } = await collaboration.read(caller, chain, {
      fn: "history",
      args: [phaseGroupId, phaseId, dataKey, ...numbers],
    });
    return { total, items: await placeRecords(ledger, chain, records) };
  }

  async provenance(
    caller: Principal,
    input: Parameters<Data["provenance"]>[1],
    options: { readonly withReceipts: boolean; readonly limit?: number },
  ): Promise<Provenance> {
    const { collaboration, ledger } = this.#dependencies;
    const chain = collaboration.place(caller, input.bizChainId, chainActions.readPhaseData);
    if (options.withReceipts) collaboration.place(caller, input.bizChainId, chainActions.readReceipt);
    const name = toDataName(chain, input);
    const { limit = platformLimits.provenanceNodesMax } = options;
    requireNodeLimit(limit);
    const { complete, records } = await collaboration.read(caller, chain, {
      fn: "provenance",
      args: [...contractNameOf(name), String(limit)],
      settledKeys: settledKeysOf(name),
    });
    requireNamedPhase(name, records[0]);
    return { complete, nodes: await toNodes(ledger, chain, records, options.withReceipts) };
  }

  /** With a write in flight it is refused with EVIDENCE_IN_FLIGHT. */
  async #record(caller: Principal, chain: BusinessChain, name: DataName): Promise<CollaborationRecordJson> {
    const record = await this.#dependencies.collaboration.read(caller, chain, {
      fn: "describe",
      args: contractNameOf(name),
      settledKeys: settledKeysOf(name),
    });
    requireNamedPhase(name, record);
    return record;
  }

  async #isThere(caller: Principal, chain: BusinessChain, name: DataName): Promise<boolean> {
    try {
      await this.#record(caller, chain, name);
      return true;
    } catch (error) {
      if (isConcordatError(error, "PHASE_DATA_UNKNOWN")) return false;
      throw error;
    }
  }
}

function contractNameOf({ phaseGroupId, phaseId, dataKey, dataSeq }: DataName): readonly string[] {
  return [phaseGroupId, phaseId, dataKey, dataSeq];
}

/** Every write of a data key touches its head. */
function settledKeysOf({ phaseId, dataKey }: DataName): readonly string[] {
  return [phaseDataRowKey(phaseId, dataKey)];
}
