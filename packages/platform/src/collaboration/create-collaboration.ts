import type { DeviceGate } from "../devices/device-gate.ts";
import type { QuotaGate } from "../evidence/quota-gate.ts";
import { CollaborationLedger, type CollaborationLedgerDependencies } from "./collaboration-ledger.ts";
import { PhaseData } from "./phase-data.ts";
import { PhaseModel, type PhaseModelDependencies } from "./phase-model.ts";
import type { Collaboration } from "./ports.ts";

export interface CollaborationDependencies extends CollaborationLedgerDependencies {
  readonly quotas: QuotaGate;
  readonly deviceGate: DeviceGate;
  readonly steps: PhaseModelDependencies["steps"];
}

/** The model of each chain (groups, phases, rights) and the data of its phases, behind one port. */
export function createCollaboration(dependencies: CollaborationDependencies): Collaboration {
  const collaboration = new CollaborationLedger(dependencies);
  const model = new PhaseModel({ ...dependencies, collaboration });
  const data = new PhaseData({ ...dependencies, collaboration });
  return {
    createGroup: (...call) => model.createGroup(...call),
    modifyGroup: (...call) => model.modifyGroup(...call),
    listGroups: (...call) => model.listGroups(...call),
    createPhase: (...call) => model.createPhase(...call),
    modifyPhase: (...call) => model.modifyPhase(...call),
    listPhases: (...call) => model.listPhases(...call),
    access: (...call) => model.access(...call),
    updateAccess: (...call) => model.updateAccess(...call),
    quotas: (...call) => model.quotas(...call),
    upload: (...call) => data.upload(...call),
    describe: (...call) => data.describe(...call),
    history: (...call) => data.history(...call),
    provenance: (...call) => data.provenance(...call),
  };
}
