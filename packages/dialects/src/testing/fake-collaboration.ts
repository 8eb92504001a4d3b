import { hash } from "node:crypto";
import type {
  CallNonce,
  Collaboration,
  Phase,
  PhaseGroup,
  PhaseRecord,
  PhaseUpload,
  PlacedPhaseRecord,
  RelatedRecord,
} from "@concordat/platform";
import { example } from "../aliyun-ltl/routes/collaboration-fields.ts";
import { COLLABORATION_CHAIN_ID, type Enter, fakeBlock, refuseWith } from "./fake-chains.ts";
import { ACCOUNT } from "./fake-principals.ts";

interface Paged {
  readonly name?: string;
  readonly page: number;
  readonly pageSize: number;
}

const START_MS = 1_605_885_600_000;

/**
 * Phase groups, phases, rights and data in memory, with one group of two phases to begin with; the caller may write to the first. Only names of
 * things are looked up: the platform's own rules are not rebuilt here. `uploads` shows what arrived.
 */
export class FakeCollaboration implements Collaboration {
  readonly uploads: PhaseUpload[] = [];
  readonly #enter: Enter;
  readonly #groups: PhaseGroup[] = [{ phaseGroupId: example.groupId, name: "某协同模型", remark: "<一> & 二" }];
  readonly #phases: (Phase & { phaseGroupId: string })[] = [
    { phaseGroupId: example.groupId, phaseId: example.phaseId, name: "某阶段", remark: "", writable: true },
    { phaseGroupId: example.groupId, phaseId: example.otherPhaseId, name: "某某阶段", remark: "", writable: false },
  ];
  readonly #rights = new Map<string, readonly string[]>();
  readonly #records: PhaseRecord[] = [];

  constructor(enter: Enter) {
    this.#enter = (call) => enter(`collaboration.${call}`);
  }

  createGroup: Collaboration["createGroup"] = async (_caller, { bizChainId, name, remark = "" }, nonce) => {
    this.#begin("createGroup", bizChainId);
    const phaseGroupId = String(BigInt(example.groupId) + BigInt(this.#groups.length));
    this.#groups.push({ phaseGroupId, name, remark });
    return { ...written(nonce), phaseGroupId };
  };

  modifyGroup: Collaboration["modifyGroup"] = async (_caller, { bizChainId, phaseGroupId, name, remark }, nonce) => {
    this.#begin("modifyGroup", bizChainId);
    const group = this.#group(phaseGroupId);
    this.#groups.splice(this.#groups.indexOf(group), 1, { ...group, name, remark: remark ?? group.remark });
    return written(nonce);
  };

  listGroups: Collaboration["listGroups"] = async (_caller, { bizChainId, ...query }) => {
    this.#begin("listGroups", bizChainId);
    return pageOf(this.#groups, query);
  };

  createPhase: Collaboration["createPhase"] = async (_caller, input, nonce) => {
    this.#begin("createPhase", input.bizChainId);
    const { phaseGroupId } = this.#group(input.phaseGroupId);
    const phaseId = String(BigInt(example.phaseId) + BigInt(this.#phases.length));
    this.#phases.push({ phaseGroupId, phaseId, name: input.name, remark: input.remark ?? "", writable: true });
    return { ...written(nonce), phaseId };
  };

  modifyPhase: Collaboration["modifyPhase"] = async (_caller, { bizChainId, phaseId, name, remark }, nonce) => {
    this.#begin("modifyPhase", bizChainId);
    const phase = this.#phase(phaseId);
    this.#phases.splice(this.#phases.indexOf(phase), 1, { ...phase, name, remark: remark ?? phase.remark });
    return written(nonce);
  };

  listPhases: Collaboration["listPhases"] = async (_caller, { bizChainId, phaseGroupId, ...query }) => {
    this.#begin("listPhases", bizChainId);
    return pageOf(this.#phasesOf(phaseGroupId), query);
  };

  access: Collaboration["access"] = async (_caller, { bizChainId, memberId, phaseGroupId }) => {
    this.#begin("access", bizChainId);
    const granted = this.#rights.get(`${memberId} ${phaseGroupId}`) ?? [];
    const phases = this.#phasesOf(phaseGroupId).map(({ phaseId, name }) => ({ phaseId, name }));
    return {
      authorized: phases.filter(({ phaseId }) => granted.includes(phaseId)),
      unauthorized: phases.filter(({ phaseId }) => !granted.includes(phaseId)),
    };
  };

  updateAccess: Collaboration["updateAccess"] = async (_caller, input, nonce) => {
    this.#begin("updateAccess", input.bizChainId);
    this.#rights.set(`${input.memberId} ${this.#group(input.phaseGroupId).phaseGroupId}`, input.phaseIds);
    return written(nonce);
  };

  quotas: Collaboration["quotas"] = async (_caller, bizChainId) => {
    this.#begin("quotas", bizChainId);
    return {
      memberQuota: 100,
      usedMembers: 5,
      phaseGroupQuota: 200,
      usedPhaseGroups: this.#groups.length,
      groups: this.#groups.map(({ phaseGroupId, name }) => ({
        phaseGroupId,
        name,
        phaseQuota: 5,
        usedPhases: this.#phasesOf(phaseGroupId).length,
      })),
    };
  };

  upload: Collaboration["upload"] = async (_caller, input, nonce) => {
    this.#begin("upload", input.bizChainId);
    this.uploads.push(input);
    const { txIds } = written(nonce);
    for (const item of input.items) {
      this.#records.push({
        phaseGroupId: this.#group(input.phaseGroupId).phaseGroupId,
        phaseId: input.phaseId,
        phaseName: this.#phase(input.phaseId).name,
        dataKey: item.dataKey,
        dataSeq: item.dataSeq ?? hash("sha256", `${txIds[0]}:${this.#records.length}`, "hex"),
        kind: input.kind,
        value: item.phaseData,
        digest: input.kind === "digest" ? item.phaseData : hash("sha256", item.phaseData, "hex"),
        writerUid: ACCOUNT.uid,
        iotId: input.device?.iotId ?? "",
        productKey: input.device?.serviceProvider ?? "",
        txId: txIds[0] ?? "",
        timestampMs: START_MS + this.#records.length,
        related: (item.related ?? []).map((one): RelatedRecord => {
          const { name } = this.#phase(one.phaseId);
          const fullKey = `0002_${COLLABORATION_CHAIN_ID}_5E9A_${one.dataKey}`;
          const digest = hash("sha256", one.phaseData, "hex");
          return { ...one, phaseName: name, fullKey, dataSeq: one.dataSeq ?? "newest", digest };
        }),
      });
    }
    return { txIds };
  };

  describe: Collaboration["describe"] = async (_caller, { bizChainId, phaseId, dataKey, dataSeq }) => {
    this.#begin("describe", bizChainId);
    const found = this.#recordsOf(phaseId, dataKey).find((one) => dataSeq === undefined || one.dataSeq === dataSeq);
    if (found === undefined) throw refuseWith("PHASE_DATA_UNKNOWN");
    return this.#placed(found);
  };

  history: Collaboration["history"] = async (_caller, { bizChainId, phaseId, dataKey, window, page, pageSize }) => {
    this.#begin("history", bizChainId);
    const records = this.#recordsOf(phaseId, dataKey)
      .filter(({ timestampMs }) => timestampMs >= window.startMs && timestampMs <= window.endMs)
      .map((record) => this.#placed(record));
    return pageOf(records, { page, pageSize });
  };

  provenance: Collaboration["provenance"] = async (_caller, { bizChainId, phaseId, dataKey }) => {
    this.#begin("provenance", bizChainId);
    const nodes = this.#recordsOf(phaseId, dataKey).map((record) => ({ record, block: record.timestampMs - START_MS }));
    return { nodes, complete: true };
  };

  #begin(call: string, bizChainId: string): void {
    this.#enter(call);
    if (bizChainId !== COLLABORATION_CHAIN_ID) throw refuseWith("CHAIN_UNKNOWN");
  }

  #group(phaseGroupId: string): PhaseGroup {
    const found = this.#groups.find((group) => group.phaseGroupId === phaseGroupId);
    if (found === undefined) throw refuseWith("PHASE_GROUP_UNKNOWN");
    return found;
  }

  #phasesOf(phaseGroupId: string) {
    const group = this.#group(phaseGroupId);
    return this.#phases.filter((phase) => phase.phaseGroupId === group.phaseGroupId);
  }

  #phase(phaseId: string) {
    const found = this.#phases.find((phase) => phase.phaseId === phaseId);
    if (found === undefined) throw refuseWith("PHASE_UNKNOWN");
    return found;
  }

  /** Newest first. */
  #recordsOf(phaseId: string, dataKey: string): PhaseRecord[] {
    this.#phase(phaseId);
    return this.#records.filter((record) => record.phaseId === phaseId && record.dataKey === dataKey).reverse();
  }

  #placed(record: PhaseRecord): PlacedPhaseRecord {
    return { record, block: fakeBlock(record.timestampMs - START_MS) };
  }
}

function written({ nonce }: CallNonce) {
  return { txIds: [hash("sha256", nonce, "hex")] };
}

function pageOf<Item extends object>(all: readonly Item[], { name, page, pageSize }: Paged) {
  const found = all.filter((item) => name === undefined || ("name" in item && item.name === name));
  return { total: found.length, items: found.slice((page - 1) * pageSize, page * pageSize) };
}
